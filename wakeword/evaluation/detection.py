"""Measure misses and false accepts of a model on streams and on clips, in parallel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from wakeword.audio.files import audio_seconds
from wakeword.data.annotations import Annotation, read_annotations
from wakeword.errors import DataError, UsageError
from wakeword.evaluation.positives import Conditions, PositiveClip, evaluate_clips, positive_clips
from wakeword.evaluation.scoring import Counts, empty_counts
from wakeword.evaluation.streams import Piece, evaluate_piece, files_of, of_model, pieces
from wakeword.inference.cascade import CascadeEngine
from wakeword.inference.combined import CommandEngine
from wakeword.inference.engine import Engine, EngineName, open_engine
from wakeword.model.file import Model
from wakeword.parallel import in_order

WINDOW = 1.0  # seconds after the end of a word in which its detection counts
_CLIPS = 50  # per task

Item = TypeVar("Item")
Progress = Callable[[int, int], None]  # called with tasks done and all tasks


@dataclass(frozen=True)
class EvaluationSetup:
    """The models, the rule for hits, and the processes of an evaluation."""

    model: Model
    engine: EngineName = "auto"
    window: float = WINDOW
    jobs: int = 1
    address: str | None = None  # of a Ray cluster
    verifier: Model | None = None  # second model of a cascade
    after: Model | None = None  # the model is heard for some seconds after a word of this one

    def open(self) -> Engine:
        """Open an engine for one stream."""
        if self.after is not None:
            return CommandEngine(self.after, self.model, self.engine)
        if self.verifier is None:
            return open_engine(self.model, self.engine)
        return CascadeEngine(self.model, self.verifier, self.engine)


def _no_progress(done: int, of: int) -> None:
    """Report nothing."""


def evaluate_stream(
    setup: EvaluationSetup, paths: Sequence[Path], labels: Path | None = None, progress: Progress = _no_progress
) -> Counts:
    """Evaluate files and folders of audio as one endless stream.

    labels: the label file of a stream of one file; None: a word of the model is said only where a label file beside a
        recording says so (`wakeword.data.said`).

    Raises:
        DataError: a file can't be read, or the label file names no word of the model, or one after the end.
        UsageError: a label file with several audio files.
    """
    files = files_of(paths)
    annotations = _annotations(setup.model, files, labels) if labels else None
    return _sum(setup, partial(_piece, setup, annotations), pieces(files), progress)


def evaluate_positives(
    setup: EvaluationSetup,
    folder: Path,
    conditions: Conditions,
    word: str | None = None,
    progress: Progress = _no_progress,
) -> Counts:
    """Evaluate the clips of a folder, each from reset.

    Raises:
        DataError: a file can't be read.
        WakewordError: as `positive_clips`.
    """
    clips = positive_clips(folder, setup.model, word)
    groups = [clips[at : at + _CLIPS] for at in range(0, len(clips), _CLIPS)]
    return _sum(setup, partial(_clips, setup, conditions), groups, progress)


def _sum(
    setup: EvaluationSetup, function: Callable[[Item], Counts], tasks: Sequence[Item], progress: Progress
) -> Counts:
    total = empty_counts(len(setup.model.keywords))
    for done, counts in enumerate(in_order(function, tasks, setup.jobs, setup.address), 1):
        total += counts
        progress(done, len(tasks))
    return total


def _piece(setup: EvaluationSetup, annotations: Sequence[Annotation] | None, piece: Piece) -> Counts:
    return evaluate_piece(setup.model, setup.open(), piece, annotations, setup.window)


def _clips(setup: EvaluationSetup, conditions: Conditions, clips: Sequence[PositiveClip]) -> Counts:
    return evaluate_clips(setup.model, setup.open(), clips, conditions, setup.window)


def _annotations(model: Model, files: Sequence[Path], labels: Path) -> list[Annotation]:
    if len(files) != 1:
        raise UsageError(f"{labels} labels one file, and the stream has {len(files)}: give --stream that file alone")
    every, seconds = read_annotations(labels), audio_seconds(files[0])
    last = every[-1]
    if last.start > seconds:
        raise DataError(
            f"{labels} names {last.word!r} at {last.start:g} s, and {files[0]} ends at {seconds:.2f} s: give the "
            "recording that it labels"
        )
    annotations = of_model(model, every)
    if not annotations:
        raise DataError(f"{labels} names no word of the model; it knows {', '.join(model.keywords)}")
    return annotations
