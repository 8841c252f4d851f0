"""Trim clips to their speech and set their level."""

from __future__ import annotations

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import to_int16
from wakeword.audio.level import frame_power
from wakeword.synth.voice import Waveform

AUDIBLE_DB = -40.0  # relative to the loudest 10 ms; anything quieter is breath and the engine's hiss
PEAK = 0.7  # of full scale

_FRAME = SAMPLE_RATE // 100
_PAUSE = 15  # frames; a shorter gap, as before the t of "right", belongs to a word
_CLICK = 4  # frames; a sound this short that stands alone before or after the speech is no part of it


def trim(waveform: Waveform) -> Samples:
    """Return the speech from the first audible 10 ms to the last, with faded edges and its peak at `PEAK`.

    Takes float32 (samples,), returns int16 (samples,); silence gives an empty array.
    """
    level = np.sqrt(frame_power(waveform, _FRAME))
    if not len(level) or not level.max() > 0:
        return np.empty(0, np.int16)
    first, last = _speech(np.flatnonzero(level >= level.max() * 10 ** (AUDIBLE_DB / 20)))
    # One frame more on either side holds the fade, so that no part of a word is faded.
    speech = waveform[max(first - 1, 0) * _FRAME : (last + 2) * _FRAME].astype(np.float32)
    ramp = np.linspace(0, 1, _FRAME, dtype=np.float32)
    speech[:_FRAME] *= ramp
    speech[-_FRAME:] *= ramp[::-1]
    return to_int16(speech * (32768 * PEAK / np.abs(speech).max()))


def _speech(audible: np.ndarray) -> tuple[int, int]:
    """Return the first and the last audible frame, without clicks at either end."""
    parts = np.split(audible, np.flatnonzero(np.diff(audible) > _PAUSE) + 1)
    longest = max(map(len, parts))
    while len(parts[0]) <= _CLICK and len(parts[0]) < longest:
        parts.pop(0)
    while len(parts[-1]) <= _CLICK and len(parts[-1]) < longest:
        parts.pop()
    return int(parts[0][0]), int(parts[-1][-1])
