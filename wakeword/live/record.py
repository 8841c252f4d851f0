"""Record takes of a word by the microphone, and keep the good ones as clips to train with.

Time is counted in samples, so a recording can stand in for the microphone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from enum import Enum
from pathlib import Path
from typing import Protocol

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import encode
from wakeword.audio.word import longest_pause
from wakeword.data.folders import word_folder
from wakeword.errors import DataError, DeviceError, UsageError
from wakeword.files import write_whole
from wakeword.live.take import Fault, Take, judge
from wakeword.text import composed, is_letter

COUNTDOWN = (3, 2, 1)
_COUNT_SECONDS = 0.7


class Answer(Enum):
    """What to do with a take."""

    KEEP = "keep"
    AGAIN = "again"
    STOP = "stop"


class Prompt(Protocol):
    """Leads the speaker through the takes."""

    def take(self, number: int, takes: int) -> None:
        """Announce a take, counted from 1."""

    def count(self, number: int) -> None:
        """Show a number of the countdown; 0 means: speak."""

    def ask(self, outcome: Take | Fault) -> Answer:
        """Ask what to do with a take. A fault can't be kept."""


def record(
    word: str,
    folder: Path,
    name: str,
    takes: int,
    open_source: Callable[[], Iterator[Samples]],
    prompt: Prompt,
    seconds: float = 2.5,
) -> list[Path]:
    """Record until there are `takes` takes of a word by a speaker, those of earlier runs included.

    Args:
        folder: gets WORD/NAME_nohash_NUMBER.wav, in the folder that the word has already in any spelling.
        open_source: opens the microphone; called for each take, so that none holds samples of the take before.
        seconds: length of a take.

    Returns the files that were added; fewer if the speaker stopped.

    Raises:
        UsageError: the name can't be part of a file's name.
        DeviceError: the microphone can't be opened, or it goes away.
        DataError: a file can't be written.
    """
    name = composed(name)
    if not name or not all(is_letter(each) or each in "._-" for each in name) or "_nohash_" in name:
        raise UsageError(f"{name!r} can't be a speaker's name: use letters, digits, ., - and _")
    own = word_folder(folder, word)
    try:
        own.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{own} can't be made: {error.strerror}; choose another folder") from error
    added: list[Path] = []
    while (number := _first_free(own, name)) < takes:
        with closing(_Reader(open_source())) as reader:
            reader.wait()
            prompt.take(number + 1, takes)
            outcome = _record_take(reader, prompt, seconds, longest_pause(word))
        answer = prompt.ask(outcome)
        if answer is Answer.STOP:
            break
        if answer is Answer.KEEP and isinstance(outcome, Take):
            path = own / _file(name, number)
            write_whole(path, encode(outcome.clip, "wav"))
            added.append(path)
    return added


def _record_take(reader: _Reader, prompt: Prompt, seconds: float, pause: float) -> Take | Fault:
    """Count down, measure the room during the last count, then record and judge a take."""
    room = np.empty(0, np.int16)
    for number in COUNTDOWN:
        prompt.count(number)
        room = reader.read(round(_COUNT_SECONDS * SAMPLE_RATE))
    prompt.count(0)
    return judge(reader.read(round(seconds * SAMPLE_RATE)), room, pause)


class _Reader:
    """Reads a given number of samples from a source of blocks."""

    def __init__(self, source: Iterator[Samples]) -> None:
        self._source = source
        self._rest = np.empty(0, np.int16)

    def wait(self) -> None:
        """Wait for the first samples: the source is open then, or has said why it can't be."""
        first = self.read(1)
        self._rest = np.concatenate([first, self._rest])

    def read(self, count: int) -> Samples:
        blocks, missing = [self._rest], count - len(self._rest)
        while missing > 0:
            block = next(self._source, None)
            if block is None:
                raise DeviceError("the microphone stopped in the middle of a take; connect it again")
            blocks.append(block)
            missing -= len(block)
        samples = np.concatenate(blocks)
        self._rest = samples[count:]
        return samples[:count]

    def close(self) -> None:
        close = getattr(self._source, "close", None)
        if close is not None:
            close()


def _first_free(folder: Path, name: str) -> int:
    number = 0
    while (folder / _file(name, number)).exists():
        number += 1
    return number


def _file(name: str, number: int) -> str:
    return f"{name}_nohash_{number}.wav"
