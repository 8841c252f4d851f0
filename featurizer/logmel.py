"""Log-mel features in integers: the readable reference of `ww_featurizer.c`, equal to it bit for bit.

Each frame: pre-emphasis -> Hann window -> block normalisation to 16 bits -> FFT -> power -> mel filters -> log2. The
exponent of the block is added back after the logarithm, so a whisper keeps as many significant bits as a shout.
"""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt

from .fft import power_spectrum
from .fixed import Ints, bit_length, log2_q15, mul_q15, rshift, saturate16, shift
from .samples import as_samples
from .tables import (
    FEATURE_BITS,
    FEATURE_FLOOR,
    FFT_SIZE,
    HALF_WINDOW,
    HOP,
    MEL_BANDS,
    MEL_EDGES,
    MEL_RISE,
    PREEMPHASIS_Q15,
    WINDOW,
)

Samples = npt.NDArray[np.int16]
Features = npt.NDArray[np.int16]

_WINDOW_Q15 = np.concatenate([HALF_WINDOW, HALF_WINDOW[::-1]]).astype(np.int64)
# log2 of the scale that the integers carry: 2 * 16 of the spectrum (Q15, and twice the spectrum), 15 of the mel
# weights, and 9 since the reference divides the power by the FFT size.
SCALE_BITS = 2 * 16 + 15 + 9
_BATCH = 512  # frames at a time: keeps the intermediate arrays within a few megabytes


def _mel_energies(power: Ints) -> Ints:
    """Sum powers (n, 256) to energies (n, 32) in Q15 by triangular filters; each half is shared by two neighbours."""
    starts = MEL_EDGES[:-1].astype(np.int64)
    rising = np.add.reduceat(power * MEL_RISE.astype(np.int64), starts, axis=1)
    total = np.add.reduceat(power, starts, axis=1) << 15
    return rising[:, :-1] + (total - rising)[:, 1:]


def _frame_features(frames: Ints) -> Ints:
    """Compute features (n, 32) of frames (n, 401): the previous sample and 400 samples of the window."""
    emphasised = (frames[:, 1:] << 15) - PREEMPHASIS_Q15 * frames[:, :-1]  # Q15, within int32
    windowed = mul_q15(emphasised, _WINDOW_Q15)
    exponent = bit_length(np.abs(windowed).max(axis=1, keepdims=True)) - 15
    normalised = np.zeros((len(frames), FFT_SIZE), np.int64)
    normalised[:, :WINDOW] = saturate16(shift(windowed, exponent))
    energies = _mel_energies(power_spectrum(normalised))
    log2 = log2_q15(np.maximum(energies, 1)) + ((2 * exponent - SCALE_BITS) << 15)
    features = np.maximum(rshift(log2, 15 - FEATURE_BITS), FEATURE_FLOOR)
    return np.where(energies > 0, features, FEATURE_FLOOR)


class Featurizer:
    """Compute log-mel features of a stream. The size of a chunk changes no frame."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # each call of one of several threads has the stream to itself
        self.reset()

    def reset(self) -> None:
        """Forget all samples; the next frame begins with the next sample."""
        with self._lock:
            # The samples that are still needed, after the previous sample for the pre-emphasis.
            self._pending = np.zeros(1, np.int16)

    def push(self, samples: npt.ArrayLike) -> Features:
        """Take samples, int16 at 16 kHz, shape (n,); return the frames that they complete.

        Frames are int16 in log2 Q9, shape (frames, 32): the first after 400 samples, then one in each 160.

        Raises:
            TypeError: The samples have another type or shape; the message says how to convert them.
        """
        samples = as_samples(samples)
        with self._lock:
            pending = np.concatenate([self._pending, samples])
            count = max(0, (len(pending) - 1 - WINDOW) // HOP + 1)
            self._pending = pending[count * HOP :]
        features = np.empty((count, MEL_BANDS), np.int16)
        for start in range(0, count, _BATCH):
            stop = min(start + _BATCH, count)
            offsets = HOP * np.arange(start, stop)[:, None] + np.arange(WINDOW + 1)
            features[start:stop] = _frame_features(pending[offsets].astype(np.int64))
        return features


def clip_frames(samples: int) -> int:
    """Return the number of frames of a clip of this many samples, its end padded with zeros: 99 for one second."""
    return 1 + max(0, -(-(samples - WINDOW) // HOP))


def pad_clip(samples: Samples) -> Samples:
    """Pad clips (…, samples) with zeros that fill the last frame; return (…, padded)."""
    length = samples.shape[-1]
    missing = WINDOW + (clip_frames(length) - 1) * HOP - length
    return np.pad(samples, [(0, 0)] * (samples.ndim - 1) + [(0, missing)])


def clip_features(samples: Samples) -> Features:
    """Compute features of a whole clip (samples,), int16, from reset; return (clip_frames(samples), 32), int16."""
    return Featurizer().push(pad_clip(samples))
