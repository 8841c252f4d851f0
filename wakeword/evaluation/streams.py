"""Evaluate many audio files as one endless stream, in pieces that are processed independently.

Each piece begins with a warm-up, the last seconds of the stream before it, so that its features, state and scores
equal those of the unbroken stream up to rounding. The cuts depend on the files alone, so any number of processes finds
the same events.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from featurizer import HOP, SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import audio_files, audio_seconds, blocks, unread_text
from wakeword.data.annotations import Annotation
from wakeword.data.keywords import matching
from wakeword.data.said import said_in
from wakeword.errors import DataError
from wakeword.evaluation.scoring import Counts, EngineOutput, count_detections
from wakeword.inference.engine import Engine
from wakeword.model.file import Model

PIECE = 300.0  # least seconds of a piece; it ends with a file
WARM_UP = 10.0  # seconds; after four, states differ only by rounding
_BLOCK = 100  # steps of the network pushed at a time


@dataclass(frozen=True)
class Piece:
    """A piece of a stream: its files, and the files before them that end in its warm-up."""

    warm_up: tuple[Path, ...]
    files: tuple[Path, ...]


def files_of(paths: Sequence[Path]) -> list[Path]:
    """Return the files given, with each folder replaced by all audio files in and below it, sorted.

    Each file counts once, however often it is given: its second time would add hours that show nothing.

    Raises:
        DataError: a path doesn't exist, or a folder has no audio file.
    """
    found: dict[str, Path] = {}
    for path in paths:
        inside = audio_files(path, below=True) if path.is_dir() else [path]
        if not inside and (unread := unread_text(path)):
            raise DataError(f"{path} holds no audio file but {unread}")
        if not inside or not path.exists():
            reason = f"{path} holds no audio file" if path.exists() else f"there is no file {path}"
            raise DataError(f"{reason}: give an audio file, or a folder with audio files in or below it")
        for file in inside:
            found.setdefault(os.path.realpath(file), file)
    return list(found.values())


def pieces(files: Sequence[Path]) -> list[Piece]:
    """Cut the stream of these files into pieces, in order.

    Raises:
        DataError: a file can't be read.
    """
    seconds = [audio_seconds(path) for path in files]
    found, start, length = [], 0, 0.0
    for at in range(len(files)):
        length += seconds[at]
        if length >= PIECE or at == len(files) - 1:
            before = start
            while before > 0 and sum(seconds[before:start]) < WARM_UP:
                before -= 1
            found.append(Piece(tuple(files[before:start]), tuple(files[start : at + 1])))
            start, length = at + 1, 0.0
    return found


def evaluate_piece(
    model: Model, engine: Engine, piece: Piece, annotations: Sequence[Annotation] | None, window: float
) -> Counts:
    """Push a piece of a stream through an engine, and count; annotations and window as for `count_detections`.

    annotations: None takes those of the label files beside the recordings.

    Each file begins with a step of the network: the rest of the file before, 40 ms at most, is left out.

    Raises:
        DataError: a file can't be read.
    """
    engine.reset()
    step = HOP * model.frames_per_step
    scores, events = [np.zeros((0, len(model.keywords)), np.int16)], []

    def push(samples: Samples) -> None:
        trace = engine.push(samples)
        scores.append(trace.scores[:, model.first_word :])
        events.extend(trace.events)

    warm_up = _end_of(piece.warm_up, step)
    push(warm_up)
    first_frame = sum(map(len, scores))
    starts = [len(warm_up)]
    for path in piece.files:
        length = 0
        for block in _whole_steps(path, step):
            push(block)
            length += len(block)
        starts.append(starts[-1] + length)

    def locate(time: float) -> tuple[str, float]:
        sample = round(time * SAMPLE_RATE)
        index = min(max(0, int(np.searchsorted(starts, sample)) - 1), len(piece.files) - 1)
        return str(piece.files[index]), (sample - starts[index]) / SAMPLE_RATE

    if annotations is None:
        annotations = [
            replace(each, start=each.start + start / SAMPLE_RATE, end=each.end + start / SAMPLE_RATE)
            for path, start in zip(piece.files, starts[:-1], strict=True)
            for each in of_model(model, said_in(path))
        ]
    seconds = (starts[-1] - starts[0]) / SAMPLE_RATE
    output = EngineOutput(np.concatenate(scores), events, first_frame, seconds)
    return count_detections(model, output, annotations, window, locate)


def of_model(model: Model, annotations: Sequence[Annotation]) -> list[Annotation]:
    """Return the annotations that name a word of the model, in its spelling."""
    named = ((each, matching(each.word, model.keywords)) for each in annotations)
    return [replace(each, word=word) for each, word in named if word is not None]


def _whole_steps(path: Path, step: int) -> Iterator[Samples]:
    for block in blocks(path, step * _BLOCK):
        yield block[: len(block) // step * step]


def _end_of(files: Sequence[Path], step: int) -> Samples:
    """Return the last `WARM_UP` seconds of these files, in whole steps."""
    wanted = round(WARM_UP * SAMPLE_RATE) // step * step
    end = np.zeros(0, np.int16)
    for path in files:
        for block in _whole_steps(path, step):
            end = np.concatenate([end, block])[-wanted:]
    return end
