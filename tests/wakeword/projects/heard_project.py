"""A project whose run has a model of the package, and a room in which the demo recording sounds."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import soundfile

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from tests.signals import demo
from wakeword.inference.engine import open_engine
from wakeword.model.pretrained import load_model, shipped_models
from wakeword.projects.project import Project
from wakeword.projects.runs import Run, new_run

MODEL = "google12"
PAUSE = 70 * SAMPLE_RATE  # samples before the demo recording, so that it lies beyond the first piece that is read


def room() -> Samples:
    """The demo recording after a minute of a quiet room."""
    hiss = np.random.default_rng(0).normal(0, 3, PAUSE).astype(np.int16)
    return np.concatenate([hiss, demo()])


def add_room(project: Project, name: str = "living room.flac") -> Path:
    """Put the room among the negatives of a project, as whoever copies it there."""
    project.negatives.mkdir(exist_ok=True)
    soundfile.write(project.negatives / name, room(), SAMPLE_RATE, subtype="PCM_16")
    return project.negatives / name


def done_run(folder: Path) -> Run:
    """Make a run that is done, whose model is google12."""
    run = new_run(folder)
    shutil.copyfile(shipped_models()[MODEL], run.model)
    run.mark("done")
    return run


def raised_in_room() -> list[tuple[str, int]]:
    """Return what the model raises in the room: word and frame."""
    model = load_model(MODEL)
    return [(model.labels[event.label], event.frame) for event in open_engine(model).push(room()).events]
