"""The state of a run: who holds it, what a kill leaves, and what a damaged file is taken for."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import processes
from wakeword.errors import DataError, UsageError
from wakeword.projects import runs
from wakeword.projects.runs import Run, new_run, run_of, runs_of

_HOLD = """
import signal, sys
from pathlib import Path
from wakeword.projects.runs import Run
run = Run(Path(sys.argv[1]), 1)
with run.held():
    run.mark("running")
    print("held", flush=True)
    signal.pause()
"""


def test_runs_are_numbered_and_begin_in_the_queue(tmp_path: Path) -> None:
    made = [new_run(tmp_path) for _ in range(11)]
    assert [run.number for run in made] == list(range(1, 12)) == [run.number for run in runs_of(tmp_path)]
    assert {run.status().state for run in made} == {"queued"}
    made[4].remove()
    assert 5 not in {run.number for run in runs_of(tmp_path)}
    assert new_run(tmp_path).number == 12


@pytest.mark.parametrize("name", ["0x1", "01", "²", "-1", "one", ".removed-3"])
def test_other_folders_are_no_runs(tmp_path: Path, name: str) -> None:
    (tmp_path / "runs" / name).mkdir(parents=True)
    assert runs_of(tmp_path) == []
    assert new_run(tmp_path).number == 1
    with pytest.raises(DataError, match="there is no run 2"):
        run_of(tmp_path, 2)


def test_a_run_is_held_by_one_process_and_interrupted_when_that_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wakeword.projects.locks._PATIENCE", 0.0)
    run = new_run(tmp_path)
    with processes.started([sys.executable, "-c", _HOLD, str(run.folder)]) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        assert run.is_held() and run.status().state == "running"
        with pytest.raises(UsageError, match="run 1 is being trained by another process"), run.held():
            pass
        with pytest.raises(UsageError, match="run 1 is being trained; cancel it first"):
            run.remove()
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        assert not run.is_held() and run.status().state == "interrupted"


def test_the_status_is_that_of_the_last_whole_line(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    whole = '{"stage": "teacher", "fraction": 0.25, "seconds_left": 60}\n'
    run.progress.write_text('{"stage": "synthesis", "fraction": 0.1}\n' + whole + '{"stage": "low rank", "frac')
    with run.held():
        run.mark("running")
        status = run.status()
    assert (status.state, status.stage, status.fraction, status.seconds_left) == ("running", "teacher", 0.25, 60)
    assert [line["stage"] for line in run.lines()] == ["synthesis", "teacher"]
    run.mark("failed", "the disk is full")
    assert (run.status().state, run.status().message, run.status().seconds_left) == ("failed", "the disk is full", None)
    run.mark("done")
    assert run.status().fraction == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"state": "flying"}', b'{"state": ["done"]}', b"\xff"])
def test_a_damaged_file_of_a_run_is_an_interrupted_run(tmp_path: Path, content: bytes) -> None:
    run = new_run(tmp_path)
    (run.folder / "run.json").write_bytes(content)
    run.progress.write_bytes(content)
    assert run.status().state == "interrupted"


@pytest.mark.parametrize("made", [Path.touch, lambda path: path.symlink_to("unmounted")])
def test_a_file_or_a_link_to_nothing_in_place_of_the_runs_is_told(tmp_path: Path, made: Callable[[Path], None]) -> None:
    made(tmp_path / "runs")
    with pytest.raises(DataError, match="make it a folder of your own"):
        new_run(tmp_path)


def test_a_run_whose_state_cannot_be_written_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be taken for one that was interrupted, and trained at the next start of the service."""

    def full(*_: object, **__: object) -> None:
        raise DataError("run.json can't be written: No space left on device")

    monkeypatch.setattr(runs, "write_whole", full)
    with pytest.raises(DataError, match="No space left"):
        new_run(tmp_path)
    assert runs_of(tmp_path) == []


def test_looking_at_a_run_that_is_gone_makes_no_folder(tmp_path: Path) -> None:
    run = Run(tmp_path / "runs/1", 1)
    assert not run.is_held() and run.status().state == "interrupted" and run.last_line() == {}
    assert not any(tmp_path.iterdir())
