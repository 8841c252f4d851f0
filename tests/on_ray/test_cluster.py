"""Tasks on a real Ray: their results in order, their errors as they were raised, and a driver that outlives them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import ray

from tests.processes import runs
from tests.waits import until
from wakeword.cluster import on_ray, session
from wakeword.errors import WakewordError

ROUNDS = 200  # a driver that cancels what has just come dies in one of ten


def _square(number: int) -> int:
    return number * number


def _refuse(number: int) -> int:
    raise WakewordError(f"{number} is refused")


def _note_and_sleep(note: str) -> None:
    if note:
        Path(f"{note}.part").write_text(str(os.getpid()))
        Path(f"{note}.part").rename(note)
        time.sleep(600)
    else:
        raise WakewordError("the other one is abandoned")


def test_running_tasks_end_when_ray_is_left(tmp_path: Path) -> None:
    assert not ray.is_initialized()  # so this is the first test of the folder
    note = tmp_path / "process"
    with session("local", cpus=2):
        with pytest.raises(WakewordError, match="abandoned"):
            for _ in on_ray(_note_and_sleep, ["", str(note)], "local"):
                pass
        until(note.exists)
        sleeper = int(note.read_text())
        assert runs(sleeper)
    until(lambda: not runs(sleeper))


@pytest.mark.usefixtures("cluster")
def test_results_come_in_order_and_leave_the_driver_alive() -> None:
    for _ in range(ROUNDS):
        assert list(on_ray(_square, range(4), "local")) == [0, 1, 4, 9]


@pytest.mark.usefixtures("cluster")
def test_an_error_of_a_task_is_raised_here() -> None:
    with pytest.raises(WakewordError, match=r"^7 is refused$"):
        list(on_ray(_refuse, [7], "local"))
