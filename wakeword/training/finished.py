"""Runs that are over, or were broken off: a command given again neither repeats an hour's work nor drops it.

Beside a finished model, a note tells which run made it. The model of an earlier run is kept when another replaces it.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import numpy as np

from wakeword.errors import DataError, ModelError, UsageError
from wakeword.files import write_whole
from wakeword.model.file import encoded, read_model
from wakeword.model.measured import KEY, without_report
from wakeword.training.checkpoint import Checkpoint
from wakeword.training.config import TrainConfig
from wakeword.training.corpus import Corpus

CHECKPOINT, EARLIER, _NOTE = "checkpoint.pt", "earlier.safetensors", "finished.json"


def fingerprint(config: TrainConfig, corpus: Corpus) -> str:
    """Return a digest that tells one run from another, on any machine. Clips recorded anew make it another run."""
    names = "\n".join([*corpus.training.names, *corpus.validation.names])
    run = hashlib.sha256(f"{config}{corpus.keywords}{names}".encode()).hexdigest()
    clips = hashlib.blake2b(run.encode())
    for array in (corpus.training.labels, corpus.training.samples, corpus.validation.samples):
        clips.update(np.ascontiguousarray(array).data)
    return clips.hexdigest()


def check_out(out: Path) -> None:
    """Check, before an hour's work, that a model can be written to `out`, and what a training leaves beside it.

    Raises:
        UsageError: `out` has the name of the folder beside the model.
        DataError: something there can't be written to.
    """
    folder = out.with_suffix(".training")
    if folder == out:
        model = out.with_suffix(".safetensors")
        raise UsageError(f"{out} is the name of the folder beside the model; give the model another: --out {model}")
    if out.exists() and not out.is_file():
        raise DataError(f"{out} is no file that could be replaced; give another --out")
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise DataError(f"{there} is no folder that can be written to; give another --out")


def check_begin(config: TrainConfig, corpus: Corpus, out: Path, fresh: bool) -> str:
    """Check that a run may write its model to `out`; return a line that tells of a model that it replaces, else "".

    fresh: what the run finds there may be replaced.

    Raises:
        UsageError: the model there is this run's, or the folder beside it has a checkpoint of another run.
    """
    folder = out.with_suffix(".training")
    if not fresh:
        if is_finished(config, corpus, out):
            made = _made(config, out)
            raise UsageError(
                f"{made} is the finished model of this run; give --fresh to train it again, or another --out"
            )
        checkpoint = Checkpoint(folder / CHECKPOINT, fingerprint(config, corpus))
        if checkpoint.path.is_file() and checkpoint.read() is None:
            raise UsageError(
                f"{folder} holds an interrupted run of other settings or clips; give them again to go on with it, "
                "--fresh to drop it, or another --out"
            )
    if out.is_file():
        return f"{out} is there already; it stays until this run is done, and is then kept as {folder / EARLIER}"
    return ""


def is_finished(config: TrainConfig, corpus: Corpus, out: Path) -> bool:
    """Return whether the model at `out` is the finished one of this run."""
    made = _made(config, out)
    return made.is_file() and _read(out.with_suffix(".training") / _NOTE) == _note(config, corpus, made)


def keep_earlier(out: Path) -> None:
    """Keep the model that is about to be replaced, if there is one. Raises DataError if a file can't be written."""
    if not out.is_file():
        return
    try:
        before = out.read_bytes()
    except OSError as error:
        raise DataError(f"{out} can't be read, to be kept: {error.strerror}; give another --out") from error
    write_whole(out.with_suffix(".training") / EARLIER, before)


def note_finished(config: TrainConfig, corpus: Corpus, out: Path) -> None:
    """Note which run made the model at `out`. Raises DataError if the note can't be written."""
    note = _note(config, corpus, _made(config, out))
    write_whole(out.with_suffix(".training") / _NOTE, json.dumps(note).encode())


def _made(config: TrainConfig, out: Path) -> Path:
    """Return the file that a run leaves: the model, or the weights of a network without an integer form."""
    return out if config.stages.quantized else out.with_suffix(".training") / "float.pt"


def _note(config: TrainConfig, corpus: Corpus, made: Path) -> dict[str, str]:
    """Return what tells the run and its outcome."""
    return {"run": fingerprint(config, corpus), "outcome": hashlib.sha256(_outcome(made)).hexdigest()}


def _outcome(made: Path) -> bytes:
    """Return what the training itself has left: a model gets the report of its run afterwards."""
    try:
        model = read_model(made)
    except ModelError:  # it is the weights of a network without an integer form, or damaged
        return made.read_bytes()
    return encoded(without_report(model)) if KEY in model.provenance else made.read_bytes()


def _read(path: Path) -> object:
    """Return the content of a note; None if there is none, or if it is damaged."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
