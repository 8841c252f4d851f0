"""The model of a run hears the project's long recordings: what it raises is kept by recording, within bounds."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from featurizer import SAMPLE_RATE
from tests.wakeword.projects.heard_project import add_room, done_run, raised_in_room, room
from wakeword.errors import DataError
from wakeword.model.file import read_model, write_model
from wakeword.projects import heard as module
from wakeword.projects.heard import FILE, hear, read_heard, trained_on
from wakeword.projects.library import create_project
from wakeword.projects.project import Project
from wakeword.projects.runs import Run
from wakeword.projects.snapshot import begin


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = create_project(tmp_path, {"phrases": ["down", "go"]})
    add_room(made)
    return made


@pytest.fixture
def run(project: Project) -> Run:
    return done_run(project.folder)


def test_each_word_that_is_raised_is_kept_with_its_place_and_its_score(project: Project, run: Run) -> None:
    (heard,) = hear(project, run)
    assert [(each.word, each.frame) for each in heard.raised] == raised_in_room()
    assert heard.count == len(heard.raised) and heard.seconds == len(room()) / SAMPLE_RATE and heard.problem == ""
    assert all(0.5 < each.score <= 1 for each in heard.raised)
    assert read_heard(run) == [heard]


def test_a_recording_is_read_in_pieces_and_those_of_the_highest_scores_are_kept(
    project: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (whole,) = hear(project, run)
    (run.folder / FILE).unlink()
    longest = []

    def counted(path: Path, block: int, most: float) -> Any:
        longest.append(block)
        return blocks(path, block, most)

    blocks = module.blocks
    monkeypatch.setattr(module, "blocks", counted)
    monkeypatch.setattr(module, "MAX_RAISED", 3)
    (heard,) = hear(project, run)
    assert heard.count == whole.count
    assert set(heard.raised) == set(sorted(whole.raised, key=lambda each: each.score)[-3:])
    assert longest == [60 * SAMPLE_RATE]


def test_what_was_heard_is_not_heard_again_unless_the_recording_or_the_model_is_another(
    project: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard_now: list[str] = []
    one = module._hear

    def noted(*given: Any) -> Any:
        heard_now.append(given[3])
        return one(*given)

    monkeypatch.setattr(module, "_hear", noted)
    shares: list[float] = []
    hear(project, run, shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0
    soundfile.write(project.negatives / "car.wav", np.zeros(SAMPLE_RATE, np.int16), SAMPLE_RATE)
    assert [each.name for each in hear(project, run)] == ["car.wav", "living room.flac"]
    assert heard_now == ["living room.flac", "car.wav"]
    soundfile.write(project.negatives / "car.wav", np.zeros(2 * SAMPLE_RATE, np.int16), SAMPLE_RATE)
    hear(project, run)
    run.model.write_bytes(run.model.read_bytes() + b" ")
    assert read_heard(run) == []
    assert heard_now == ["living room.flac", "car.wav", "car.wav"]


def test_a_recording_that_cannot_be_read_is_told_and_the_others_are_heard(project: Project, run: Run) -> None:
    (project.negatives / "bad.wav").write_bytes(b"no sound")
    bad, good = hear(project, run)
    assert bad.problem.startswith("bad.wav is not an audio file") and bad.count == 0
    assert good.count > 0


def test_what_was_heard_before_the_process_ended_stays(
    project: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_room(project, "zoo.flac")
    one = module._hear

    def broken(*given: Any) -> Any:
        if given[3] == "zoo.flac":
            raise KeyboardInterrupt
        return one(*given)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(module, "_hear", broken)
        hear(project, run)
    assert [each.name for each in read_heard(run)] == ["living room.flac"]
    assert [each.name for each in hear(project, run)] == ["living room.flac", "zoo.flac"]


def test_it_is_known_which_recordings_a_model_was_trained_on(project: Project, run: Run) -> None:
    begin(project, run)
    add_room(project, "zoo.flac")
    trained = {each.name: trained_on(run)(each) for each in hear(project, run)}
    assert trained == {"living room.flac": True, "zoo.flac": False}


@pytest.mark.parametrize("content", ["", "[]", "{", '{"format": 2}', '{"format": 1, "model": "x", "recordings": []}'])
def test_a_damaged_file_is_as_none(project: Project, run: Run, content: str) -> None:
    (run.folder / FILE).write_text(content)
    assert read_heard(run) == []
    hear(project, run)
    spoilt = json.loads((run.folder / FILE).read_text())
    spoilt["recordings"][0]["raised"] = [{"frame": "x"}]
    (run.folder / FILE).write_text(json.dumps(spoilt))
    assert read_heard(run) == []


@pytest.mark.parametrize(
    "spoilt",
    [
        {"bytes": float("inf")},
        {"seconds": float("nan")},
        {"seconds": -5},
        {"seconds": 10**400},
        {"count": -5},
        {"count": 10**30},
        {"raised": [{"frame": 10**400, "word": "go", "score": 0.5}]},
        {"raised": [{"frame": -500, "word": "go", "score": 0.5}]},
        {"raised": [{"frame": 10**9, "word": "go", "score": 0.5}]},
        {"raised": [{"frame": 5, "word": "go", "score": float("nan")}]},
        {"raised": [{"frame": 5, "word": "\ud800", "score": 0.5}]},
    ],
    ids=str,
)
def test_figures_that_no_hearing_writes_are_as_none(project: Project, run: Run, spoilt: dict[str, Any]) -> None:
    (whole,) = hear(project, run)
    content = json.loads((run.folder / FILE).read_text())
    content["recordings"][0].update(spoilt)
    (run.folder / FILE).write_text(json.dumps(content))
    assert read_heard(run) == []
    assert hear(project, run) == [whole]


def test_a_recording_that_a_file_has_twice_counts_once(project: Project, run: Run) -> None:
    (whole,) = hear(project, run)
    content = json.loads((run.folder / FILE).read_text())
    content["recordings"] *= 3
    (run.folder / FILE).write_text(json.dumps(content))
    assert read_heard(run) == [whole]


def test_what_was_heard_is_not_taken_for_what_other_thresholds_raise(
    project: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = module._hear

    def changed(*given: Any) -> Any:
        found = one(*given)
        write_model(read_model(run.model).with_thresholds({"go": 0.99}), run.model)
        return found

    with monkeypatch.context() as patch, pytest.raises(DataError, match="another model or other thresholds"):
        patch.setattr(module, "_hear", changed)
        hear(project, run)
    assert read_heard(run) == []


def test_a_run_that_is_removed_meanwhile_does_not_come_back(
    project: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = module._hear

    def removed(*given: Any) -> Any:
        found = one(*given)
        run.remove()
        return found

    monkeypatch.setattr(module, "_hear", removed)
    with pytest.raises(DataError, match="run 1 is gone"):
        hear(project, run)
    assert not run.folder.exists()


def test_a_name_that_is_not_in_utf_8_is_told_with_the_way_out(project: Project, run: Run) -> None:
    try:
        os.link(project.negatives / "living room.flac", os.fsencode(project.negatives) + b"/caf\xe9.flac")
    except OSError:
        pytest.skip("this file system has no such names")
    for use in (lambda: hear(project, run), lambda: begin(project, run)):
        with pytest.raises(DataError, match=r"caf\\udce9.flac is not in UTF-8; rename it"):
            use()
