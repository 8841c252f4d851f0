"""Find the word in a clip by its energy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from featurizer import HOP, SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.level import FULL_SCALE, active_level, frame_power, to_dbfs

_SILENT_DBFS = -100.0
_FLOOR = 10 ** (_SILENT_DBFS / 10) * FULL_SCALE**2  # power added to each frame, so that none is below
_WORD_DB, _SYLLABLES_DB = 30.0, 20.0  # below the loudest quarter: all that may be of the word, and its syllables
_PAUSE_IN_WORD, _PAUSE_IN_PHRASE = 0.3, 0.7  # seconds


def word_end(samples: Samples) -> float:
    """Find the end of a clip's word by energy, in seconds from the clip's start.

    It ends with the last 10 ms that are less than 30 dB below the level of the clip's loudest quarter, and more than
    10 dB above the quietest tenth or nearer to the loud level than to the quiet one.
    """
    sounding = np.flatnonzero(_above(samples, _WORD_DB) >= 0)
    return float((sounding[-1] + 1) * HOP / SAMPLE_RATE) if len(sounding) else len(samples) / SAMPLE_RATE


def word_bounds(samples: Samples) -> tuple[int, int]:
    """Find the first sample of a clip's word and the one behind its last, by energy; a silent clip is all word."""
    sounding = np.flatnonzero(_above(samples, _SYLLABLES_DB) >= 0)
    return (int(sounding[0]) * HOP, int(sounding[-1] + 1) * HOP) if len(sounding) else (0, len(samples))


def longest_pause(word: str) -> float:
    """Return the longest pause within a word, in seconds; a speaker may rest between the words of a phrase."""
    return _PAUSE_IN_PHRASE if len(word.split()) > 1 else _PAUSE_IN_WORD


def word_seconds(samples: Samples, pause: float = _PAUSE_IN_WORD) -> float:
    """Measure the length of a clip's word: of the loudest stretch without a longer pause, in seconds."""
    above = _above(samples, _SYLLABLES_DB)
    sounding = np.flatnonzero(above >= 0)
    if not len(sounding):
        return len(samples) / SAMPLE_RATE
    stretches = np.split(sounding, np.flatnonzero(np.diff(sounding) > pause * SAMPLE_RATE / HOP) + 1)
    word = max(stretches, key=lambda stretch: float(np.sum(10 ** (above[stretch] / 10))))
    return float((word[-1] + 1 - word[0]) * HOP / SAMPLE_RATE)


def around_word(samples: Samples, length: int) -> Samples:
    """Cut `length` samples out of a longer clip, with the word in their middle; a shorter clip is returned whole.

    They are those with the most sound, moved to its middle. Sound counts by its decibels, so that a quiet syllable
    counts nearly as much as a loud one, and a click counts little.
    """
    if len(samples) <= length:
        return samples
    sound = np.maximum(_above(samples, _SYLLABLES_DB), 0)
    frames = length // HOP
    sums = np.concatenate([[0], np.cumsum(sound)])
    fullest = int(np.argmax(sums[frames:] - sums[:-frames]))
    sounding = np.flatnonzero(sound[fullest : fullest + frames])
    middle = fullest * HOP + (int(sounding[0] + sounding[-1] + 1) * HOP // 2 if len(sounding) else length // 2)
    start = min(max(0, middle - length // 2), len(samples) - length)
    return samples[start : start + length]


def _above(samples: Samples, below_loud: float) -> npt.NDArray[np.float64]:
    """Compute by how many decibels each 10 ms exceed the least level that counts as sound; shape (frames,).

    The least level is `below_loud` under the loudest quarter, and at least 10 dB over the quietest tenth or half-way
    between the two.
    """
    wave = samples.astype(np.float32)
    if len(wave) < HOP:
        return np.empty(0)
    levels = to_dbfs(frame_power(wave, HOP) + _FLOOR)
    loud, quiet = max(active_level(wave), _SILENT_DBFS), float(np.quantile(levels, 0.1))
    return np.asarray(levels - max(loud - below_loud, min(quiet + 10, (loud + quiet) / 2)), np.float64)
