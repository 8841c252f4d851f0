"""Trainings as jobs of the service: queued, paused, resumed, cancelled, killed, and gone on with at the next start."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from service import supervisor
from service.studio import jobs, studio
from service.studio.adviser import Adviser
from tests.processes import runs
from tests.service import fake_training
from tests.service.fake_training import let_go
from tests.service.live import Live, running, settings
from tests.service.small_disk import empty, fill, small_disk
from tests.waits import until
from wakeword.projects.library import create_project
from wakeword.projects.runs import Run, new_run, run_of

PROJECTS = "/api/studio/projects"


async def _estimate(adviser: Adviser, question: dict[str, str]) -> dict[str, int]:
    """Take the place of a process that takes seconds to begin."""
    assert Path(question["estimate"]).is_dir()
    return {"seconds": 3, "bytes": 1000}


@pytest.fixture(autouse=True)
def training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings take as long as the test wants."""
    monkeypatch.setattr(jobs, "of_wakeword", fake_training.of_arguments)
    monkeypatch.setattr(jobs, "NICE", 0)
    monkeypatch.setattr(Adviser, "ask", _estimate)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with running(settings(tmp_path)) as live:
        yield live


def _project(live: Live, phrase: str = "hey lumen") -> str:
    made = live.http.post(PROJECTS, json={"phrases": [phrase]})
    assert made.status_code == 201, made.text
    return f"{PROJECTS}/{made.json()['id']}"


def _folder(tmp_path: Path, project: str) -> Path:
    return tmp_path / "projects" / project.rpartition("/")[2]


def _train(live: Live, project: str) -> str:
    made = live.http.post(f"{project}/runs")
    assert made.status_code == 201, made.text
    return f"{project}/runs/{made.json()['number']}"


def _get(live: Live, run: str) -> dict[str, Any]:
    found: dict[str, Any] = live.http.get(run).json()
    return found


def _post(live: Live, path: str) -> httpx.Response:
    return live.http.post(path)


def _until(live: Live, run: str, **wanted: Any) -> dict[str, Any]:
    """Wait until a run is as wanted, and return it."""
    until(lambda: all(_get(live, run)[name] == value for name, value in wanted.items()))
    return _get(live, run)


def _pids(run: Run) -> list[int]:
    """Return the processes of the training of a run, once they are there."""
    file = run.folder / "pids"
    until(lambda: file.exists() and len(file.read_text().split()) == 2)
    return [int(pid) for pid in file.read_text().split()]


def test_a_run_is_queued_trained_and_done(live: Live, tmp_path: Path) -> None:
    project = _project(live)
    run = _train(live, project)
    begun = _until(live, run, state="running")
    assert (begun["number"], begun["fraction"], begun["message"], begun["place"]) == (1, 0, "", None)
    let_go(_folder(tmp_path, project), 1)
    assert _until(live, run, stage="sparse")["fraction"] == pytest.approx(1 / 3)
    assert _get(live, run)["seconds_left"] == 1.5
    let_go(_folder(tmp_path, project))
    assert _until(live, run, state="done")["fraction"] == 1
    assert (run_of(_folder(tmp_path, project), 1).model).read_text() == "3 steps"


def test_one_is_trained_at_a_time_and_the_rest_wait_in_their_order(live: Live, tmp_path: Path) -> None:
    first, second = _project(live), _project(live, "hey human")
    one, two, three = _train(live, first), _train(live, second), _train(live, first)
    _until(live, one, state="running")
    assert [_get(live, run)["place"] for run in (one, two, three)] == [None, 1, 2]
    assert [it["state"] for it in live.http.get(f"{first}/runs").json()] == ["running", "queued"]
    let_go(_folder(tmp_path, first))
    _until(live, one, state="done")
    _until(live, two, state="running")
    let_go(_folder(tmp_path, second))
    for run in (two, three):
        _until(live, run, state="done")


def test_a_paused_run_has_no_process_and_goes_on_where_it_was(live: Live, tmp_path: Path) -> None:
    project = _project(live)
    run, folder = _train(live, project), _folder(tmp_path, project)
    pids = _pids(run_of(folder, 1))
    let_go(folder, 1)
    _until(live, run, stage="sparse")
    assert _post(live, f"{run}/pause").json()["state"] == "paused"
    assert not any(map(runs, pids))
    let_go(folder)
    assert _get(live, run)["fraction"] == pytest.approx(1 / 3)
    assert _post(live, f"{run}/resume").json()["state"] in ("queued", "running")
    _until(live, run, state="done")
    assert len(run_of(folder, 1).progress.read_text().splitlines()) == 3  # none was made twice


def test_the_next_one_is_trained_while_one_is_paused(live: Live, tmp_path: Path) -> None:
    project = _project(live)
    one, two, three = (_train(live, project) for _ in range(3))
    _until(live, one, state="running")
    assert _post(live, f"{two}/pause").json()["state"] == "paused"
    assert _post(live, f"{one}/pause").json()["state"] == "paused"
    let_go(_folder(tmp_path, project))
    _until(live, three, state="done")
    assert [_get(live, run)["state"] for run in (one, two)] == ["paused", "paused"]


def test_a_cancelled_run_leaves_no_process_and_nothing_half_done(live: Live, tmp_path: Path) -> None:
    project = _project(live)
    run, folder = _train(live, project), _folder(tmp_path, project)
    pids = _pids(run_of(folder, 1))
    let_go(folder, 1)
    _until(live, run, stage="sparse")
    assert _post(live, f"{run}/cancel").json()["state"] == "cancelled"
    assert not any(map(runs, pids))
    assert {path.name for path in (folder / "runs" / "1").iterdir()} <= {"run.json", "output.txt", "lock"}
    again = _post(live, f"{run}/resume")
    assert again.status_code == 409 and "cancelled" in again.json()["detail"]


def test_one_that_waits_is_cancelled_before_it_begins(live: Live, tmp_path: Path) -> None:
    project = _project(live)
    one, two = _train(live, project), _train(live, project)
    assert _post(live, f"{two}/cancel").json()["state"] == "cancelled"
    let_go(_folder(tmp_path, project))
    _until(live, one, state="done")
    assert not (_folder(tmp_path, project) / "runs" / "2" / "output.txt").exists()


def test_what_can_not_be_done_is_refused_in_one_line(live: Live, tmp_path: Path) -> None:
    project = _project(live)
    let_go(_folder(tmp_path, project))
    run = _train(live, project)
    _until(live, run, state="done")
    for what in ("pause", "resume", "cancel"):
        refused = _post(live, f"{run}/{what}")
        assert refused.status_code == 409 and "run 1 is done" in refused.json()["detail"]
    for path in (f"{project}/runs/2", f"{PROJECTS}/nobody/runs/1", f"{PROJECTS}/%2e%2e/runs/1"):
        assert live.http.get(path).status_code == 404
    for path in (f"{PROJECTS}/nobody/runs", f"{project}/runs/2/pause", f"{project}/runs/2/cancel"):
        assert _post(live, path).status_code == 404


def _kill(run: Run, leader: int = 0) -> int:
    """Kill the training of a run once another one than `leader` trains it, and return the process that was killed."""
    until(lambda: _pids(run)[0] != leader)
    leader, child = _pids(run)
    os.kill(leader, signal.SIGKILL)
    until(lambda: not runs(leader) and not runs(child))
    return leader


def test_a_training_that_is_killed_goes_on(live: Live, tmp_path: Path) -> None:
    project = _project(live)
    run, folder = _train(live, project), _folder(tmp_path, project)
    leader = 0
    for step in range(3):
        let_go(folder, step)
        until(partial(lambda step: _get(live, run)["fraction"] == pytest.approx(step / 3), step))
        leader = _kill(run_of(folder, 1), leader)
    let_go(folder)
    _until(live, run, state="done")
    assert len(run_of(folder, 1).progress.read_text().splitlines()) == 3


def test_one_that_is_killed_again_and_again_has_failed_and_can_be_resumed(live: Live, tmp_path: Path) -> None:
    project = _project(live)
    run, folder = _train(live, project), _folder(tmp_path, project)
    leader = 0
    for _ in range(3):
        leader = _kill(run_of(folder, 1), leader)
    assert "killed again and again" in _until(live, run, state="failed")["message"]
    let_go(folder)
    _post(live, f"{run}/resume")
    assert _until(live, run, state="done")["message"] == ""


def test_a_fault_is_told_in_the_line_of_the_training(live: Live, tmp_path: Path) -> None:
    project = _project(live)
    folder = _folder(tmp_path, project)
    let_go(folder)
    (folder / "fault").write_text("fail hey lumen has 2 takes; record 5 more")
    run = _train(live, project)
    assert _until(live, run, state="failed")["message"] == "hey lumen has 2 takes; record 5 more"
    (folder / "fault").write_text("crash")
    _post(live, f"{run}/resume")
    until(lambda: "RuntimeError: this is a fault" in _get(live, run)["message"])
    (folder / "fault").write_text(f"fail it can't be written: {os.strerror(28)}")
    _post(live, f"{run}/resume")
    until(lambda: "the disk is full; make room" in _get(live, run)["message"])
    (folder / "fault").unlink()
    _post(live, f"{run}/resume")
    _until(live, run, state="done")


def test_the_end_of_the_service_ends_the_training_and_the_next_one_goes_on(tmp_path: Path) -> None:
    with running(settings(tmp_path)) as live:
        project = _project(live)
        folder = _folder(tmp_path, project)
        one, paused, three = (_train(live, project) for _ in range(3))
        _post(live, f"{paused}/pause")
        let_go(folder, 1)
        _until(live, one, stage="sparse")
        pids = _pids(run_of(folder, 1))
    assert not any(map(runs, pids))
    with running(settings(tmp_path)) as live:
        assert [_get(live, run)["state"] for run in (paused, three)] == ["paused", "queued"]
        until(lambda: _pids(run_of(folder, 1)) != pids)
        let_go(folder)
        for run in (one, three):
            _until(live, run, state="done")
        assert len(run_of(folder, 1).progress.read_text().splitlines()) == 3
        _post(live, f"{paused}/resume")
        _until(live, paused, state="done")


def test_a_run_whose_process_outlives_the_start_goes_on_once_that_has_ended(tmp_path: Path) -> None:
    folder = create_project(tmp_path / "projects", {"phrases": ["hey lumen"]}).folder
    run = new_run(folder)
    let_go(folder)
    path = f"{PROJECTS}/hey_lumen/runs/1"
    with ExitStack() as other, ExitStack() as service:
        other.enter_context(run.held())
        run.mark("running")
        live = service.enter_context(running(settings(tmp_path)))
        assert _get(live, path)["state"] == "running"
        for what in ("pause", "cancel", "resume"):
            assert _post(live, f"{path}/{what}").status_code == 409
        assert not (run.folder / "output.txt").exists()
        other.close()
        _until(live, path, state="done")


def test_a_folder_that_cannot_be_entered_keeps_neither_the_service_nor_other_runs_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_run(create_project(tmp_path / "projects", {"phrases": ["hey lumen"]}).folder)

    def fail(projects: Path) -> None:
        raise PermissionError(13, "Permission denied", str(projects / "other/runs/3/material"))

    monkeypatch.setattr(studio, "finish_removals", fail)
    with running(settings(tmp_path)) as live:
        _until(live, f"{PROJECTS}/hey_lumen/runs/1", state="running")


def test_so_many_may_wait(live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MAX_JOBS", 2)
    project = _project(live)
    one, two = _train(live, project), _train(live, project)
    refused = _post(live, f"{project}/runs")
    assert refused.status_code == 409 and "wait already" in refused.json()["detail"]
    assert len(live.http.get(f"{project}/runs").json()) == 2
    _post(live, f"{two}/pause")
    three = _train(live, project)
    assert _post(live, f"{two}/resume").status_code == 409
    for run in (one, three):
        _post(live, f"{run}/cancel")


def test_a_run_for_which_there_is_no_room_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def large(adviser: Adviser, question: dict[str, str]) -> dict[str, int]:
        return {"seconds": 3, "bytes": 1 << 60}

    monkeypatch.setattr(Adviser, "ask", large)
    for quota, reason in ((1 << 62, "make room"), (1 << 59, "--quota")):
        with running(settings(tmp_path, quota=quota)) as live:
            project = _project(live)
            refused = _post(live, f"{project}/runs")
            assert refused.status_code == 507 and reason in refused.json()["detail"]
            assert live.http.get(f"{project}/runs").json() == []


def test_a_full_disk_is_told_and_with_room_the_run_goes_on(tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk, running(settings(disk / "data")) as live:
        project = _project(live)
        folder, go = _folder(disk / "data", project), tmp_path / "go"
        (folder / "go").symlink_to(go)
        run = _train(live, project)
        go.write_text("1")
        _until(live, run, stage="sparse")
        fill(disk)
        go.write_text("3")
        assert "the disk is full; make room" in _until(live, run, state="failed")["message"]
        assert _post(live, f"{run}/resume").status_code == 507
        empty(disk)
        _post(live, f"{run}/resume")
        _until(live, run, state="done")
        assert len(run_of(folder, 1).progress.read_text().splitlines()) == 3


def test_a_run_is_cancelled_on_a_full_disk_for_good(tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk:
        with running(settings(disk / "data")) as live:
            project = _project(live)
            run = _train(live, project)
            _pids(run_of(_folder(disk / "data", project), 1))
            fill(disk)
            assert _post(live, f"{run}/cancel").json()["state"] == "cancelled"
        empty(disk)
        with running(settings(disk / "data")) as live:
            assert _get(live, run)["state"] == "cancelled"


def test_progress_that_is_no_number_is_left_out(live: Live, tmp_path: Path) -> None:
    project = _project(live)
    run, folder = _train(live, project), _folder(tmp_path, project)
    _pids(run_of(folder, 1))
    run_of(folder, 1).progress.write_text('{"stage": "sparse", "fraction": 0.2, "epoch": 1, "loss": NaN}\n')
    assert _until(live, run, stage="sparse")["progress"]["loss"] is None
    assert live.http.get(f"{run}/progress").json()[0]["loss"] is None
    with live.http.stream("GET", f"{run}/live") as feed:
        told = next(line for line in feed.iter_lines() if line.startswith("data: "))
    assert '"loss":null' in told
    _post(live, f"{run}/cancel")


def test_a_deleted_project_leaves_no_file_and_no_process(live: Live, tmp_path: Path) -> None:
    project, other = _project(live), _project(live, "hey human")
    folder = _folder(tmp_path, project)
    one, two, last = _train(live, project), _train(live, project), _train(live, other)
    pids = _pids(run_of(folder, 1))
    assert live.http.delete(project).status_code == 204
    assert not any(map(runs, pids))
    assert sorted(path.name for path in (tmp_path / "projects").iterdir()) == ["hey_human"]
    assert [live.http.get(path).status_code for path in (project, one, two)] == [404, 404, 404]
    let_go(_folder(tmp_path, other))
    _until(live, last, state="done")


def test_a_project_that_is_removed_by_hand_holds_up_no_other(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[object] = []
    monkeypatch.setattr(supervisor._log, "exception", lambda *_, **told: faults.append(told))
    project, other = _project(live), _project(live, "hey human")
    one, _, last = _train(live, project), _train(live, project), _train(live, other)
    pids = _pids(run_of(_folder(tmp_path, project), 1))
    shutil.rmtree(_folder(tmp_path, project))
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    let_go(_folder(tmp_path, other))
    _until(live, last, state="done")
    assert live.http.get(one).status_code == 404 and faults == []


def test_a_run_is_deleted_once_it_is_over(live: Live, tmp_path: Path) -> None:
    project = _project(live)
    run = _train(live, project)
    refused = live.http.delete(run)
    assert refused.status_code == 409 and "cancel it first" in refused.json()["detail"]
    _post(live, f"{run}/cancel")
    assert live.http.delete(run).status_code == 204
    assert live.http.get(f"{project}/runs").json() == []


def test_a_page_is_told_of_each_change(live: Live, tmp_path: Path) -> None:
    project = _project(live)
    run, folder = _train(live, project), _folder(tmp_path, project)
    told = []
    with live.http.stream("GET", f"{run}/live") as feed:
        assert feed.headers["content-type"].startswith("text/event-stream")
        for line in feed.iter_lines():
            if not line.startswith("data: "):
                continue
            told.append(line.removeprefix("data: "))
            state = json.loads(told[-1])
            if state["state"] == "running":
                let_go(folder)
            if state["state"] == "done":
                break
    assert state["fraction"] == 1 and state == _get(live, run)
    assert all(one != next for one, next in itertools.pairwise(told))
