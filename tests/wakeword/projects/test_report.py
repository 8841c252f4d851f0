"""The report of a project whose recordings are enough, so that nobody speaks; and reports that can't be read."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from featurizer.logmel import Samples
from tests.signals import noise
from tests.wakeword import tones
from tests.wakeword.terminal import Run as Command
from tests.wakeword.tones import RATE, write_tones
from wakeword.data.splits import FEW_CLIPS
from wakeword.model import measured
from wakeword.model.file import read_model
from wakeword.projects.filing import file_wrong
from wakeword.projects.project import Project
from wakeword.projects.report import _numbered_model, _of_negatives, _run_before, read_report
from wakeword.projects.runs import Run, new_run, runs_of

SETTINGS = {"low_rank": 12, "sparse": 1, "quantized": 6, "clips_per_word": 40, "batch_size": 16, "least": 1}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("project")
    made = Project.of_json(folder, {"phrases": ["low", "high"], "preset": "small", "settings": SETTINGS})
    made.write()
    write_tones(made.recordings, clips=2 * FEW_CLIPS)
    for number in range(6):
        file_wrong(made, tone(1500, number), "living room", "room.wav")
    made.negatives.mkdir()
    soundfile.write(made.negatives / "room.wav", 0.02 * noise(90.0), RATE)
    return made


@pytest.fixture
def trained(run: Command, project: Project) -> Run:
    """The first run, which the first test that asks trains."""
    if not runs_of(project.folder):
        done = run("train", "--project", project.folder)
        assert done.status == 0, done.err
    return runs_of(project.folder)[0]


def tone(pitch: float, seed: int) -> Samples:
    return (32_767 * tones.tone(pitch, np.random.default_rng(seed))).astype(np.int16)


def report_of(run: Run) -> dict[str, Any]:
    report = read_report(run)
    assert report is not None
    return report


def test_recorded_words_are_measured_by_the_clips_that_were_kept(trained: Run) -> None:
    report = report_of(trained)
    assert report["hours_of"] == "recorded other words that were kept from training"
    assert report["hours"] * 3600 == pytest.approx(FEW_CLIPS * 2 / 5, rel=0.05)  # a second each, of every fifth
    for word in report["words"]:
        assert word["misses"]["of"] == 2 * FEW_CLIPS / 5 and word["nearest"] == []
        assert word["by"]["voice"] == [] and len(word["by"]["speaker"]) == 12
    assert report["words"][0]["word"] == "low"


def test_the_model_keeps_the_report_as_its_card(trained: Run) -> None:
    report, kept = report_of(trained), measured.report_of(read_model(trained.model))
    assert kept is not None
    assert (kept.good, kept.verdict, kept.help) == (report["good"], report["verdict"], report["help"])
    assert [word.word for word in kept.words] == ["low", "high"]
    assert [word.misses.count for word in kept.words] == [word["misses"]["count"] for word in report["words"]]


def test_the_recordings_of_negatives_have_hours_of_their_own(trained: Run) -> None:
    negatives = report_of(trained)["negatives"]
    assert negatives["hours"] == pytest.approx(90 / 3600) and negatives["count"] == 0
    assert negatives["per_hour"] == 0 < negatives["high"]
    assert negatives["hours_of"] == "your recordings, on which it was trained"


def test_filed_false_accepts_are_trained_on_and_told(trained: Run) -> None:
    filed = report_of(trained)["filed"]
    assert filed["trained"]["of"] + filed["kept"]["of"] == 6 and filed["trained"]["of"] >= 5
    assert filed["before"] is None and report_of(trained)["negatives"]["before"] is None


def test_the_next_model_is_compared_on_the_same_clips_and_recordings(trained: Run, project: Project) -> None:
    """The report of a run whose training came to the same model."""
    later = new_run(project.folder)
    for name in ("model", "report"):
        shutil.copyfile(getattr(trained, name), getattr(later, name))
    before = _numbered_model(trained)
    assert before is not None and _run_before(later) == trained
    negatives = _of_negatives(before[1], np.zeros(60 * RATE, np.int16), before)
    assert (negatives["before"]["number"], negatives["before"]["per_hour"]) == (1, negatives["per_hour"])
    later.model.write_bytes(b"no model")
    assert _numbered_model(later) is None
    later.remove()


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"{",
        b"[]",
        b'{"format": 2, "words": []}',
        b"\xff",
        b'{"format": 1}',
        b'{"format": 1, "words": 3}',
        b'{"format": 1, "words": [{"word": "hey", "misses": null, "false_accepts": {"per_hour": 1}, "curve": []}]}',
    ],
)
def test_a_report_that_cannot_be_read_is_none(tmp_path: Path, content: bytes | None) -> None:
    run = new_run(tmp_path)
    if content is not None:
        run.report.write_bytes(content)
    assert read_report(run) is None
