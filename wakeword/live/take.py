"""Judge a recorded take of a word: find the word by its level and cut the take to it, or say what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.level import SILENT_DBFS, frame_power, level_dbfs, to_dbfs

_FRAME = SAMPLE_RATE // 100  # 10 ms
SHORTEST_CLIP = SAMPLE_RATE  # the length that training uses; room noise fills it up around a shorter word
MARGIN = round(0.15 * SAMPLE_RATE)  # samples before and after the word
_SHORTEST_WORD = 12  # frames; a shorter sound is a click
_EDGE = 5  # frames; a word this near to an end of the take is cut off
CLIPPED, MOST_CLIPPED = 32_700, 4  # magnitude of a sample at full scale; how many a take may have
QUIETEST_DBFS = -45.0
ABOVE_ROOM_DB = 12.0  # least level of a word above the room's
_SOUND_ABOVE_ROOM_DB, _SOUND_BELOW_PEAK_DB = 6.0, 30.0  # frames that may belong to the word


class Fault(Enum):
    """Why a take can't be kept, and what the speaker can do."""

    SILENT = "no speech: is it the right microphone?"
    QUIET = "too quiet: come nearer or turn the microphone up"
    CLIPPED = "clipped: move back or turn the microphone down"
    CUT = "cut off: begin after the countdown, and end before the take does"


@dataclass(frozen=True)
class Take:
    """A take that can be kept.

    clip: int16 (n,), at least a second, the word with a margin of room noise. level: of the word, in dBFS.
    """

    clip: Samples
    level: float


def judge(samples: Samples, room: Samples, pause: float = 0.3) -> Take | Fault:
    """Find the word in a take, or what is wrong with the take.

    The word is the loudest stretch of sound without a pause of more than `pause` seconds.

    samples: the take, int16 (n,). room: room noise recorded just before it, without speech.
    """
    levels = _levels(samples)
    room_level = _room_level(room)
    sound = np.flatnonzero(levels >= max(room_level + _SOUND_ABOVE_ROOM_DB, levels.max() - _SOUND_BELOW_PEAK_DB))
    parts = np.split(sound, np.flatnonzero(np.diff(sound) > pause * SAMPLE_RATE / _FRAME) + 1)
    word = max(parts, key=lambda part: float(np.sum(10 ** (levels[part] / 10))))
    if len(word) < _SHORTEST_WORD:
        return Fault.SILENT
    first, last = int(word[0]), int(word[-1]) + 1
    speech = samples[first * _FRAME : last * _FRAME]
    if np.count_nonzero(np.abs(speech.astype(np.int32)) >= CLIPPED) > MOST_CLIPPED:
        return Fault.CLIPPED
    level = level_dbfs(speech)
    if level < max(QUIETEST_DBFS, room_level + ABOVE_ROOM_DB):
        return Fault.QUIET
    if first < _EDGE or last > len(levels) - _EDGE:
        return Fault.CUT
    return Take(_with_margin(samples, first * _FRAME, last * _FRAME), level)


def _levels(samples: Samples) -> npt.NDArray[np.float64]:
    """Compute the level of each 10 ms in dBFS, at least `SILENT_DBFS`."""
    return np.maximum(to_dbfs(frame_power(samples.astype(np.float64), _FRAME)), SILENT_DBFS)


def _room_level(room: Samples) -> float:
    """Compute the level of a room in dBFS; the 90th percentile ignores a knock or two."""
    return float(np.percentile(_levels(room), 90))


def _with_margin(samples: Samples, start: int, stop: int) -> Samples:
    """Cut out the word and a margin, at least a second in all, the word in the middle if the take allows it."""
    around = max(MARGIN, (SHORTEST_CLIP - (stop - start) + 1) // 2)
    begin = max(0, min(start - around, len(samples) - max(SHORTEST_CLIP, stop - start + 2 * MARGIN)))
    return samples[begin : max(stop + around, begin + SHORTEST_CLIP)]
