"""How often a model misses its words, and how often it raises one that nobody said: streams and clips, tallied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

from wakeword.errors import WakewordError
from wakeword.evaluation.annotations import Span, read_labels
from wakeword.evaluation.positives import SpokenClip, Surroundings, hear_clips, spoken_clips
from wakeword.evaluation.scoring import Tally, empty_tally
from wakeword.evaluation.streams import Piece, files_of, hear_piece, pieces
from wakeword.inference.cascade import CascadeEngine
from wakeword.inference.engine import Engine, open_engine
from wakeword.model.file import Model
from wakeword.parallel import in_order

WINDOW = 1.0  # seconds from the end of a word to the last moment at which it may be raised
_CLIPS = 50  # for one task

Item = TypeVar("Item")
Progress = Callable[[int, int], None]  # tasks that are done, of how many


@dataclass(frozen=True)
class Hearing:
    """How audio is heard, and counted."""

    model: Model
    engine: Literal["auto", "c", "numpy"] = "auto"
    window: float = WINDOW
    jobs: int = 1
    address: str | None = None  # of a Ray cluster
    verifier: Model | None = None  # each event of the first model is put to

    def open(self) -> Engine:
        """An engine for one stream."""
        if self.verifier is None:
            return open_engine(self.model, self.engine)
        return CascadeEngine(self.model, self.verifier, self.engine)


def _quietly(done: int, of: int) -> None:
    """In place of a progress that nobody wants to see."""


def hear_stream(
    how: Hearing, paths: Sequence[Path], labels: Path | None = None, progress: Progress = _quietly
) -> Tally:
    """Tally files and folders of audio as one endless stream.

    labels: of the words that are said in it, where it is a single file; else nobody says a word of the model.

    Raises:
        WakewordError: a file can't be read; labels of several files; or none of them is a word of the model.
    """
    files = files_of(paths)
    spans = _spans(how.model, files, labels) if labels else []
    return _total(how, partial(_piece, how, spans), pieces(files), progress)


def hear_words(
    how: Hearing, folder: Path, around: Surroundings, word: str | None = None, progress: Progress = _quietly
) -> Tally:
    """Tally the clips of a folder, each heard by itself.

    Raises:
        WakewordError: as `spoken_clips`, or a file can't be read.
    """
    clips = spoken_clips(folder, how.model, word)
    groups = [clips[at : at + _CLIPS] for at in range(0, len(clips), _CLIPS)]
    return _total(how, partial(_clips, how, around), groups, progress)


def _total(how: Hearing, function: Callable[[Item], Tally], tasks: Sequence[Item], progress: Progress) -> Tally:
    total = empty_tally(len(how.model.keywords))
    for done, tallied in enumerate(in_order(function, tasks, how.jobs, how.address), 1):
        total += tallied
        progress(done, len(tasks))
    return total


def _piece(how: Hearing, spans: Sequence[Span], piece: Piece) -> Tally:
    return hear_piece(how.model, how.open(), piece, spans, how.window)


def _clips(how: Hearing, around: Surroundings, clips: Sequence[SpokenClip]) -> Tally:
    return hear_clips(how.model, how.open(), clips, around, how.window)


def _spans(model: Model, files: Sequence[Path], labels: Path) -> list[Span]:
    if len(files) != 1:
        raise WakewordError(f"{labels} labels one file; the stream has {len(files)}")
    spans = [span for span in read_labels(labels) if span.word in model.keywords]
    if not spans:
        raise WakewordError(f"{labels} names no word of the model; it knows {', '.join(model.keywords)}")
    return spans
