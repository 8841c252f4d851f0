"""Recording one's own voice: takes of a word by the microphone, judged, cut to the word, kept as clips to train with.

Time is counted in the samples that come, so that a recording can stand for the microphone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import encode
from wakeword.audio.level import SILENT_DBFS, frame_power, level_dbfs, to_dbfs
from wakeword.errors import WakewordError
from wakeword.files import write_whole

COUNTDOWN = (3, 2, 1)

_FRAME = SAMPLE_RATE // 100
_COUNT_SECONDS = 0.7
_SHORTEST_CLIP = SAMPLE_RATE  # what training takes; what is missing around the word is room
_MARGIN = round(0.15 * SAMPLE_RATE)  # samples before and after the word
_LONGEST_PAUSE = 30  # frames within a phrase
_SHORTEST_WORD = 12  # frames; what is shorter is a click
_EDGE = 5  # frames; a word that comes so near to an end of the take was cut off
_CLIPPED, _MOST_CLIPPED = 32_700, 4  # a sample that is as good as at full scale; how many of them are forgiven
_QUIETEST_DBFS = -45.0
_ABOVE_ROOM_DB = 12.0  # a word's level above the room's
_HEARD_ABOVE_ROOM_DB, _HEARD_BELOW_PEAK_DB = 6.0, 30.0  # what of a take is the word


class Fault(Enum):
    """Why a take is of no use, and what helps."""

    SILENT = "nothing was heard: is it the right microphone?"
    QUIET = "too quiet: come nearer or turn the microphone up"
    CLIPPED = "clipped: move back or turn the microphone down"
    CUT = "cut off: begin after the countdown, and end before the take does"


class Answer(Enum):
    """What to do with a take."""

    KEEP = "keep"
    AGAIN = "again"
    STOP = "stop"


@dataclass(frozen=True)
class Take:
    """A take that can be kept.

    clip: int16 (n,), the word with a margin of room, at least a second. level: of the word, in dBFS.
    """

    clip: Samples
    level: float


class Guide(Protocol):
    """Who leads the speaker: a terminal, or a test."""

    def take(self, number: int, takes: int) -> None:
        """A take begins."""

    def count(self, number: int) -> None:
        """The countdown; 0 is when to speak."""

    def ask(self, heard: Take | Fault) -> Answer:
        """What to do with the take. A fault can't be kept."""


def record(
    word: str,
    folder: Path,
    name: str,
    takes: int,
    open_source: Callable[[], Iterator[Samples]],
    guide: Guide,
    seconds: float = 2.5,
) -> list[Path]:
    """Record until there are so many takes of a word by a speaker, those of earlier runs counted.

    Args:
        folder: gets WORD/NAME_nohash_NUMBER.wav.
        open_source: opens the microphone anew for each take, so that nothing of the last one is heard in it.
        seconds: that a take lasts.

    Returns the files that were added; fewer where the speaker stopped.

    Raises:
        WakewordError: a name that can't be in a file's name, a file can't be written, or as the source.
    """
    if not re.fullmatch(r"[\w.-]+", name) or "_nohash_" in name:
        raise WakewordError(f"{name!r} can't be a speaker's name: it takes letters, digits, - and _")
    added: list[Path] = []
    while (number := _first_free(folder / word, name)) < takes:
        guide.take(number + 1, takes)
        heard = _take(open_source, guide, seconds)
        answer = guide.ask(heard)
        if answer is Answer.STOP:
            break
        if answer is Answer.KEEP and isinstance(heard, Take):
            path = folder / word / _file(name, number)
            write_whole(path, encode(heard.clip, "wav"))
            added.append(path)
    return added


def judge(samples: Samples, room: Samples) -> Take | Fault:
    """The word in a take, or what is wrong with it.

    samples: the take, int16 (n,). room: a while without speech, just before it.
    """
    levels = _levels(samples)
    quietest = _room_level(room) + _HEARD_ABOVE_ROOM_DB
    heard = np.flatnonzero(levels >= max(quietest, levels.max() - _HEARD_BELOW_PEAK_DB))
    parts = np.split(heard, np.flatnonzero(np.diff(heard) > _LONGEST_PAUSE) + 1)
    word = max(parts, key=lambda part: float(np.sum(10 ** (levels[part] / 10))))
    if len(word) < _SHORTEST_WORD:
        return Fault.SILENT
    first, last = int(word[0]), int(word[-1]) + 1
    speech = samples[first * _FRAME : last * _FRAME]
    if np.count_nonzero(np.abs(speech.astype(np.int32)) >= _CLIPPED) > _MOST_CLIPPED:
        return Fault.CLIPPED
    level = level_dbfs(speech)
    if level < max(_QUIETEST_DBFS, _room_level(room) + _ABOVE_ROOM_DB):
        return Fault.QUIET
    if first < _EDGE or last > len(levels) - _EDGE:
        return Fault.CUT
    return Take(_with_room(samples, first * _FRAME, last * _FRAME), level)


def _take(open_source: Callable[[], Iterator[Samples]], guide: Guide, seconds: float) -> Take | Fault:
    """The countdown, whose last second says how loud the room is, and a take after it."""
    with closing(_Reader(open_source())) as reader:
        room = np.empty(0, np.int16)
        for number in COUNTDOWN:
            guide.count(number)
            room = reader.read(round(_COUNT_SECONDS * SAMPLE_RATE))
        guide.count(0)
        return judge(reader.read(round(seconds * SAMPLE_RATE)), room)


class _Reader:
    """Takes as many samples of a source as are wanted."""

    def __init__(self, source: Iterator[Samples]) -> None:
        self._source = source
        self._rest = np.empty(0, np.int16)

    def read(self, count: int) -> Samples:
        blocks, missing = [self._rest], count - len(self._rest)
        while missing > 0:
            block = next(self._source, None)
            if block is None:
                raise WakewordError("the microphone gave no more")
            blocks.append(block)
            missing -= len(block)
        samples = np.concatenate(blocks)
        self._rest = samples[count:]
        return samples[:count]

    def close(self) -> None:
        close = getattr(self._source, "close", None)
        if close is not None:
            close()


def _levels(samples: Samples) -> npt.NDArray[np.float64]:
    """Compute the level of each 10 ms in dBFS, at least `SILENT_DBFS`."""
    return np.maximum(to_dbfs(frame_power(samples.astype(np.float64), _FRAME)), SILENT_DBFS)


def _room_level(room: Samples) -> float:
    """How loud the room is but for a knock or two, in dBFS."""
    return float(np.percentile(_levels(room), 90))


def _with_room(samples: Samples, start: int, stop: int) -> Samples:
    """The word in the middle of at least a second, where the take has as much around it."""
    around = max(_MARGIN, (_SHORTEST_CLIP - (stop - start) + 1) // 2)
    begin = max(0, min(start - around, len(samples) - max(_SHORTEST_CLIP, stop - start + 2 * _MARGIN)))
    return samples[begin : max(stop + around, begin + _SHORTEST_CLIP)]


def _first_free(folder: Path, name: str) -> int:
    number = 0
    while (folder / _file(name, number)).exists():
        number += 1
    return number


def _file(name: str, number: int) -> str:
    return f"{name}_nohash_{number}.wav"
