"""The web module under Node: models and samples go in by files, what it says comes back as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests import processes
from tests.node import NODE
from tests.signals import ROOT
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model

MODULE = ROOT / "wakeword/assets/web"
HERE = Path(__file__).parent

Heard = list[tuple[str, int, int]]  # of each event word, score in Q15, frame


def run(script: str, *arguments: str | Path) -> Any:
    """Run a script of this folder with the module's folder and these arguments; return the JSON that it prints."""
    done = processes.run([NODE, HERE / script, MODULE, *arguments])
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return json.loads(done.stdout)


def heard(events: list[dict[str, Any]]) -> Heard:
    """Return the events of the module; their scores are whole numbers in Q15, their times those of the frames."""
    assert all(event["time"] == (160 * event["frame"] + 400) / 16_000 for event in events)
    assert all(float(32768 * event["score"]).is_integer() for event in events)
    return [(event["word"], int(32768 * event["score"]), event["frame"]) for event in events]


def expected(model: Model, samples: np.ndarray) -> Heard:
    """Return what the Python package detects."""
    return [(model.labels[event.label], event.score, event.frame) for event in open_engine(model).push(samples).events]
