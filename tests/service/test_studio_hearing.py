"""A model that is tried in the studio's page has the scores and the detections of the package, to the bit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import processes
from tests.node import NODE
from tests.signals import ROOT, demo
from tests.wakeword.models import random_model
from wakeword.inference.engine import open_engine
from wakeword.model.export_binary import export_binary
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

THRESHOLDS = [0.3, 0.5 + 0.5 / 32768, 0.95]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's files as the service shows them."""
    folder = tmp_path_factory.mktemp("page") / "studio"
    shutil.copytree(ROOT / "service/studio/pages", folder)
    shutil.copytree(ROOT / "wakeword/assets/web", folder / "web")
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def _heard(page: Path, folder: Path, model: Model) -> dict[str, Any]:
    (folder / "model.bin").write_bytes(export_binary(model))
    (folder / "samples.raw").write_bytes(demo().tobytes())
    script = ROOT / "tests/service/studio_hearing.mjs"
    run = processes.run([NODE, script, page, folder / "model.bin", folder / "samples.raw", json.dumps(THRESHOLDS)])
    assert run.returncode == 0, run.stderr
    result: dict[str, Any] = json.loads(run.stdout)
    return result


def _events(model: Model, found: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return [(model.keywords[one["word"]], round(32768 * one["score"]), one["frame"]) for one in found]


def _expected(model: Model) -> list[tuple[str, int, int]]:
    return [(model.labels[event.label], event.score, event.frame) for event in open_engine(model).push(demo()).events]


@pytest.mark.parametrize("name", ["google12", "of two frames a step"])
def test_scores_and_detections_at_any_threshold_are_those_of_the_package(page: Path, tmp_path: Path, name: str) -> None:
    model = load_model() if name == "google12" else random_model(1, frames_per_step=2, evidence=3, words=3)
    result = _heard(page, tmp_path, model)
    trace = open_engine(model).push(demo())
    first = len(model.labels) - len(model.keywords)
    assert tuple(result["words"]) == model.keywords
    assert np.array_equal(np.array(result["scores"]), trace.scores[:, first:].T)
    assert _events(model, result["own"]) == _expected(model)
    for threshold, found in zip(THRESHOLDS, result["raised"], strict=True):
        other = model.with_thresholds(dict.fromkeys(model.keywords, threshold))
        assert _events(model, found) == _expected(other)
    assert result["raised"][0]
