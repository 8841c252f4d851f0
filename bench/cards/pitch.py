"""Tell low voices from high ones by the pitch of a clip."""

from __future__ import annotations

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples

HIGH = 165.0  # Hz; men speak at some 120 Hz and women at some 210 (Titze, Principles of Voice Production, 1994)

_FRAME, _HOP = 640, 160  # samples: two periods of the lowest pitch, and 10 ms
_LOWEST, _HIGHEST = 60.0, 400.0  # Hz
_VOICED = 0.5  # least normalized autocorrelation of a voiced frame
_LOUD = 0.1  # least energy of a frame, relative to the loudest


def median_pitch(samples: Samples) -> float | None:
    """Return the median pitch of the voiced frames in hertz, by autocorrelation; None if no frame is voiced.

    samples: int16 at 16 kHz, (samples,).
    """
    wave = samples.astype(float)
    starts = range(0, len(wave) - 2 * _FRAME + 1, _HOP)
    frames = np.array([wave[start : start + 2 * _FRAME] for start in starts]).reshape(-1, 2 * _FRAME)
    energies = (frames**2).sum(axis=1)
    lags = np.arange(round(SAMPLE_RATE / _HIGHEST), round(SAMPLE_RATE / _LOWEST) + 1)
    pitches = [
        pitch
        for frame, energy in zip(frames, energies, strict=True)
        if energy > _LOUD * energies.max() and (pitch := _pitch(frame, lags)) is not None
    ]
    return float(np.median(pitches)) if pitches else None


def _pitch(frame: np.ndarray, lags: np.ndarray) -> float | None:
    """Return the pitch of a frame of twice `_FRAME` samples, or None if it is not voiced."""
    fixed = frame[:_FRAME]
    moved = np.lib.stride_tricks.sliding_window_view(frame, _FRAME)[lags]
    likeness = moved @ fixed / np.sqrt((moved**2).sum(axis=1) * (fixed**2).sum() + 1)
    inner = likeness[1:-1]
    peaks = np.flatnonzero((inner >= likeness[:-2]) & (inner > likeness[2:]) & (inner > 0.9 * likeness.max())) + 1
    if not len(peaks) or likeness.max() < _VOICED:
        return None
    return float(SAMPLE_RATE / lags[peaks[0]])  # at twice this lag, every other period is as alike
