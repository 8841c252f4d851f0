"""Cut a recording into utterances by energy: of a phrase that is said several times, or of any speech.

A pause within a phrase may be as long as one between two utterances of a quick speaker. What tells them apart is that
the utterances of a phrase last about equally long, and about as long as its letters make expect.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from featurizer import HOP, SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.level import SILENT_DBFS, frame_power, to_dbfs
from wakeword.text import is_letter

_FRAMES = SAMPLE_RATE // HOP  # a second
_SMOOTHED = 3  # frames
_QUIET, _LOUD = 0.1, 0.98  # quantiles of the frames: the room, and the loudest of the speech
_EDGE_DB, _SOUND_DB, _BELOW_LOUD_DB = 6.0, 10.0, 30.0  # above the room; what sounds reaches the second
_CLICK, _BRIDGED = 6, 15  # frames: a shorter sound is no speech, a shorter gap is no pause
_LONGEST_PAUSE = 80  # frames; a longer one lies between utterances
_PAUSE_OF_SPEECH = 30  # frames
_SECONDS_A_LETTER, _SECONDS_MORE = 0.043, 0.4  # as the synthetic voices speak
_LETTERS_OF_SYLLABLE = 2.5  # a character of these scripts is a syllable
_SYLLABIC = ("CJK", "HANGUL SYLLABLE", "HIRAGANA", "KATAKANA")
_SHORTEST, _LONGEST = 0.4, 2.4  # of what is expected; a longer or shorter sound is no utterance of the phrase


@dataclass(frozen=True)
class Stretch:
    """A part of a recording that sounds: samples [begin, end)."""

    begin: int
    end: int

    @property
    def seconds(self) -> float:
        """Return its length."""
        return (self.end - self.begin) / SAMPLE_RATE

    def after(self, sample: int) -> Stretch:
        """Return where it is in what follows a sample of the recording."""
        return Stretch(self.begin - sample, self.end - sample)


@dataclass(frozen=True)
class Utterances:
    """What a recording holds.

    others: what sounds, but is too short or too long for the phrase. room: level of the quietest tenth, in dBFS.
    """

    found: list[Stretch]
    others: list[Stretch]
    room: float

    @property
    def all(self) -> Stretch | None:
        """Return the part from the first sound to the last; None if nothing sounds."""
        sounding = [*self.found, *self.others]
        if not sounding:
            return None
        return Stretch(min(each.begin for each in sounding), max(each.end for each in sounding))


def speech(samples: Samples, longest: float) -> Utterances:
    """Cut any speech at its pauses, and where it is quietest if a stretch would be longer than `longest` seconds."""
    levels = _levels(samples)
    room = _room(levels)
    pieces = _joined(_pieces(levels, room), _PAUSE_OF_SPEECH)
    cut = [part for piece in pieces for part in _halved(levels, piece, round(longest * _FRAMES))]
    return Utterances([Stretch(begin * HOP, end * HOP) for begin, end in cut], [], room)


def _halved(levels: npt.NDArray[np.float64], piece: tuple[int, int], longest: int) -> list[tuple[int, int]]:
    begin, end = piece
    if end - begin <= longest:
        return [piece]
    third = (end - begin) // 3
    quietest = begin + third + int(np.argmin(levels[begin + third : end - third]))
    return [*_halved(levels, (begin, quietest), longest), *_halved(levels, (quietest, end), longest)]


def room_level(samples: Samples) -> float:
    """Return the level of the quietest tenth of a recording, in dBFS."""
    return _room(_levels(samples))


def expected_seconds(phrase: str) -> float:
    """Return about how long a phrase takes to say."""
    letters = [character for character in phrase if is_letter(character)]
    syllabic = sum(unicodedata.name(character, "").startswith(_SYLLABIC) for character in letters)
    return _SECONDS_MORE + _SECONDS_A_LETTER * (len(letters) + (_LETTERS_OF_SYLLABLE - 1) * syllabic)


def utterances(samples: Samples, phrase: str) -> Utterances:
    """Find where a phrase is said in a recording, int16 at 16 kHz, shape (samples,)."""
    levels = _levels(samples)
    room = _room(levels)
    pieces = _pieces(levels, room)
    if not pieces:
        return Utterances([], [], room)
    expected = expected_seconds(phrase) * _FRAMES
    groups = _grouped(pieces, expected)
    fits = [_SHORTEST * expected <= end - begin <= _LONGEST * expected for begin, end in groups]
    stretches = [Stretch(begin * HOP, end * HOP) for begin, end in groups]
    return Utterances(
        [stretch for stretch, fit in zip(stretches, fits, strict=True) if fit],
        [stretch for stretch, fit in zip(stretches, fits, strict=True) if not fit],
        room,
    )


def _room(levels: npt.NDArray[np.float64]) -> float:
    return float(np.quantile(levels, _QUIET)) if len(levels) else SILENT_DBFS


def _levels(samples: Samples) -> npt.NDArray[np.float64]:
    """Compute the level of each 10 ms with its neighbours, in dBFS."""
    power = frame_power(samples.astype(np.float32), HOP)
    if len(power) < _SMOOTHED:
        return np.empty(0)
    smooth = np.convolve(power, np.full(_SMOOTHED, 1 / _SMOOTHED), "same")
    return np.maximum(np.asarray(to_dbfs(smooth)), SILENT_DBFS)


def _pieces(levels: npt.NDArray[np.float64], room: float) -> list[tuple[int, int]]:
    """Find what sounds without a pause, as frames [begin, end). Each reaches a level that the room doesn't."""
    if not len(levels):
        return []
    loud = float(np.quantile(levels, _LOUD))
    sound = max(room + _SOUND_DB, loud - _BELOW_LOUD_DB)
    edge = max(room + _EDGE_DB, sound - _BELOW_LOUD_DB / 2)
    sounding = np.flatnonzero(levels >= edge)
    if not len(sounding):
        return []
    parts = np.split(sounding, np.flatnonzero(np.diff(sounding) > _BRIDGED) + 1)
    return [
        (int(part[0]), int(part[-1]) + 1)
        for part in parts
        if len(part) >= _CLICK and np.count_nonzero(levels[part] >= sound) >= _CLICK // 2
    ]


def _grouped(pieces: Sequence[tuple[int, int]], expected: float) -> list[tuple[int, int]]:
    """Join the pieces of each utterance: those with no longer pause between them than the pause that fits best."""
    gaps = [after[0] - before[1] for before, after in itertools.pairwise(pieces)]
    pauses = sorted({0, *(gap for gap in gaps if gap <= _LONGEST_PAUSE)})
    return min((_joined(pieces, pause) for pause in pauses), key=lambda groups: _misfit(groups, expected))


def _joined(pieces: Sequence[tuple[int, int]], pause: int) -> list[tuple[int, int]]:
    groups: list[tuple[int, int]] = []
    for begin, end in pieces:
        if groups and begin - groups[-1][1] <= pause:
            groups[-1] = (groups[-1][0], end)
        else:
            groups.append((begin, end))
    return groups


def _misfit(groups: Sequence[tuple[int, int]], expected: float) -> float:
    """Return how unequal the lengths of utterances are, and how far from what is expected, as logarithms of ratios."""
    ratios = np.log([(end - begin) / expected for begin, end in groups])
    middle = float(np.median(ratios))
    unequal = float(np.mean(np.minimum(np.abs(ratios - middle), 1.0)))
    return unequal + 0.5 * abs(middle)
