"""`wakeword eval --project`: what a run raises in the project's hours, printed, kept, and written as clips."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.wakeword.projects.heard_project import add_room, done_run, raised_in_room, room
from tests.wakeword.terminal import Run
from wakeword.audio.files import read_audio
from wakeword.projects.false_accepts import false_accepts, judge
from wakeword.projects.hearing import Hearing, heard_by_us, hearing_of
from wakeword.projects.library import create_project
from wakeword.projects.project import Project
from wakeword.projects.snapshot import begin


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = create_project(tmp_path, {"phrases": ["down", "go"]})
    add_room(made)
    return made


def test_false_accepts_are_counted_listed_written_and_kept_for_the_studio(
    run: Run, project: Project, tmp_path: Path
) -> None:
    done_run(project.folder)
    latest = done_run(project.folder)
    done = run("eval", "--project", project.folder, "--clips", tmp_path / "clips")
    assert done.status == 0, done.err
    count = len(raised_in_room())
    assert f"/h, {count} in 0.03 h, interval " in done.out and "trained" not in done.out
    assert done.out.count("at ") == count and " s of living room.flac" in done.out
    clips = sorted((tmp_path / "clips").iterdir())
    assert len(clips) == count and len(read_audio(clips[0])) <= 48_000
    assert false_accepts(project, latest).left == []
    hearing = hearing_of(latest)
    assert hearing is not None and hearing.state == "done"


def test_judged_words_are_told_as_such_and_hours_of_training_too(run: Run, project: Project) -> None:
    trained = done_run(project.folder)
    begin(project, trained)
    run("eval", "--project", project.folder)
    found = {each.word: each.id for each in false_accepts(project, trained).raised}
    judge(project, trained, found["go"], "right")
    judge(project, trained, found["down"], "wrong")
    told = run("eval", "--project", project.folder, "--run", "1").out
    assert "was said: go" in told and "false accept, filed: down" in told
    assert "it was trained on all of these recordings" in told
    as_json = json.loads(run("eval", "--project", project.folder, "--json").out)
    assert as_json["all"]["count"] == len(raised_in_room()) - 1 and as_json["unseen"]["per_hour"] is None
    assert as_json["all"]["hours"] * 3600 == pytest.approx(len(room()) / 16_000 - 1)


def test_what_cannot_be_heard_is_told_in_a_line(run: Run, project: Project) -> None:
    nothing = run("eval", "--project", project.folder)
    assert nothing.status == 2 and f"wakeword train --project {project.folder}" in nothing.err
    made = done_run(project.folder)
    made.model.write_bytes(b"no model")
    damaged = run("eval", "--project", project.folder)
    assert damaged.status != 0 and "Traceback" not in damaged.err
    hearing = hearing_of(made)
    assert hearing is not None and hearing.state == "failed" and "model.safetensors" in hearing.message
    for options in (["google12", "--project", "DIR"], ["--project", "DIR", "--stream", "x"], ["--run", "1"]):
        given = [str(project.folder) if each == "DIR" else each for each in options]
        refused = run("eval", *given)
        assert refused.status == 2 and "--project" in refused.err


def test_two_processes_do_not_hear_at_once(run: Run, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wakeword.projects.locks._PATIENCE", 0.0)
    made = done_run(project.folder)
    with heard_by_us(made):
        assert "run 1 hears in another process" in run("eval", "--project", project.folder).err
        hearing = hearing_of(made)
        assert hearing is not None and hearing.state == "running"


@pytest.mark.parametrize("content", ["", "[]", '{"state": "good"}', '{"state": "done"}', "\0"])
def test_a_damaged_state_is_as_an_interruption(project: Project, content: str) -> None:
    made = done_run(project.folder)
    assert hearing_of(made) is None
    (made.folder / "hearing.json").write_text(content)
    assert hearing_of(made) == Hearing("interrupted")
