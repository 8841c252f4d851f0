"""The estimate of a run: near to what was measured, by what it is made of, and by what the run before took."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wakeword.projects import estimate as module
from wakeword.projects.estimate import Estimate, estimate_project
from wakeword.projects.progress import ProgressFile
from wakeword.projects.project import Project
from wakeword.projects.runs import Run, new_run
from wakeword.projects.snapshot import begin

ALL_VOICES = {"kokoro": 4.0, "flite": 0.5, "espeak-ng": 1.0}


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine on which the costs were measured."""
    monkeypatch.setattr(module, "_slowness", lambda: 1.0)
    monkeypatch.setattr(module, "_cores", lambda: 2)
    monkeypatch.setattr(module, "shares", lambda language: ALL_VOICES)


def made(tmp_path: Path, **content: Any) -> Project:
    project = Project.of_json(tmp_path / "project", {"phrases": ["hey lumen"]} | content)
    project.write()
    return project


def estimated(tmp_path: Path, **content: Any) -> Estimate:
    return estimate_project(made(tmp_path, **content))


def test_it_is_within_a_third_of_what_was_measured(tmp_path: Path) -> None:
    """docs/results/speed.md: 18.3 minutes from an empty cache, six of them for the clips."""
    found = estimated(tmp_path)
    assert list(found.stages) == ["synthesis", "teacher", "low rank", "sparse", "quantized", "report"]
    assert found.seconds / 60 == pytest.approx(18.3, rel=1 / 3)
    assert found.stages["synthesis"] / 60 == pytest.approx(6, rel=1 / 3)
    assert found.utterances == pytest.approx(2230, rel=0.05)
    assert 50e6 < found.bytes < 500e6


@pytest.mark.parametrize(
    "more",
    [
        {"phrases": ["hey lumen", "ok nexus"]},
        {"clips": 1200},
        {"refused": ["hey human"]},
        {"phrases": ["hey lumen in the living room of the house"]},
        {"settings": {"quantized": 300}},
        {"settings": {"teacher.epochs": 60}},
        {"settings": {"epochs_per_draw": 1}},
    ],
)
def test_more_takes_longer(tmp_path: Path, more: dict[str, Any]) -> None:
    assert estimated(tmp_path, **more).seconds > 1.02 * estimated(tmp_path).seconds


def test_less_of_a_machine_takes_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = estimated(tmp_path).seconds
    monkeypatch.setattr(module, "_cores", lambda: 1)
    alone = estimated(tmp_path).seconds
    monkeypatch.setattr(module, "_slowness", lambda: 3.0)
    assert before < alone < estimated(tmp_path).seconds == pytest.approx(3 * alone)


def test_without_a_teacher_or_an_epoch_there_is_no_such_stage(tmp_path: Path) -> None:
    found = estimated(tmp_path, preset="small", settings={"sparse": 0})
    assert list(found.stages) == ["synthesis", "low rank", "quantized", "report"]


def test_clips_that_a_run_before_has_spoken_are_not_spoken_again(tmp_path: Path) -> None:
    project = made(tmp_path)
    before = estimate_project(project)
    run = new_run(project.folder)
    begin(project, run)
    run.progress.write_text('{"stage": "teacher"}\n')
    again = estimate_project(project)
    assert again.stages["synthesis"] < 0.1 * before.stages["synthesis"] and again.bytes < before.bytes
    assert estimate_project(project.changed({"seed": 1})).stages["synthesis"] == before.stages["synthesis"]


def finished(
    project: Project, planned: dict[str, float], took: dict[str, float], learned: dict[str, float] | None = None
) -> Run:
    """A run whose stages took so long, with a line each ten seconds."""
    run = new_run(project.folder)
    time, lines = 0.0, [{"time": 0.0, "stage": next(iter(planned)), "planned": planned, "learned": learned or {}}]
    for stage, seconds in took.items():
        lines += [{"time": time + at, "stage": stage} for at in range(0, int(seconds), 10)]
        lines.append({"time": time + seconds, "stage": stage})
        time += seconds
    lines.append({"time": time, "stage": "report"})
    run.progress.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    run.mark("done")
    return run


def test_the_last_finished_run_corrects_it_stage_by_stage(tmp_path: Path) -> None:
    project = made(tmp_path)
    before = estimate_project(project)
    finished(project, {"synthesis": 100, "teacher": 100, "low rank": 100}, {"teacher": 200, "low rank": 50})
    after = estimate_project(project)
    for stage, ratio in {"synthesis": 1, "teacher": 2, "low rank": 0.5, "quantized": 1}.items():
        assert after.stages[stage] == pytest.approx(ratio * before.stages[stage], rel=0.02)


def test_what_a_run_has_taught_holds_after_each_run_that_takes_as_long(tmp_path: Path) -> None:
    project = made(tmp_path)
    first = estimate_project(project).stages["teacher"]
    for _ in range(3):
        plan = estimate_project(project)
        finished(project, plan.stages, {"teacher": 2 * first}, dict(plan.learned))
        assert estimate_project(project).stages["teacher"] == pytest.approx(2 * first, rel=0.01)


def test_a_plan_that_somebody_has_damaged_teaches_nothing(tmp_path: Path) -> None:
    project = made(tmp_path)
    before = estimate_project(project).stages
    run = new_run(project.folder)
    run.progress.write_text('{"time": 0, "stage": "teacher", "planned": {"teacher": "9"}, "learned": 3}\n' * 2)
    run.mark("done")
    assert estimate_project(project).stages == before


def test_a_pause_is_no_part_of_what_a_stage_took(tmp_path: Path) -> None:
    project = made(tmp_path)
    before = estimate_project(project)
    run = finished(project, {"synthesis": 100, "teacher": 100}, {"teacher": 100})
    lines = [json.loads(line) for line in run.progress.read_text().splitlines()]
    for line in lines[6:]:
        line["time"] += 3600
    run.progress.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert estimate_project(project).stages["teacher"] == pytest.approx(before.stages["teacher"], rel=0.3)


def test_what_a_run_tells_first_is_its_plan(tmp_path: Path) -> None:
    run = new_run(made(tmp_path).folder)
    ProgressFile(run, {"synthesis": 12.34, "report": 5.0}, 10, {"report": 1.2})
    assert run.last_line()["planned"] == {"synthesis": 12.3, "report": 5.0}
    assert run.last_line()["learned"] == {"report": 1.2}
