"""The progress in a file: the fraction over all stages, the time that is left, and what a crash leaves."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wakeword.errors import DataError
from wakeword.projects.progress import ProgressFile
from wakeword.projects.runs import Run, new_run
from wakeword.training.config import Stages
from wakeword.training.progress import EpochResult

PLAN = {"synthesis": 100.0, "teacher": 50.0, "low rank": 100.0, "quantized": 200.0, "report": 50.0}
STAGES = Stages(2, 0, 4)


class Clock:
    """Moves when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def unshown(what: str, count: int) -> Iterator[Callable[[], None]]:
    yield lambda: None


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return new_run(tmp_path)


def test_the_fraction_is_that_of_the_time_of_all_stages(run: Run, clock: Clock) -> None:
    file = ProgressFile(run, PLAN, utterances=10, clock=clock)
    with file.speech(unshown)("hey lumen", 10) as advance:
        for _ in range(10):
            clock.now += 2
            advance()
    assert run.last_line()["fraction"] == pytest.approx(0.95 * 100 / 500)
    file.begin(lambda epoch: "teacher", 5, 100, first_epoch=0)
    assert run.last_line() | {"time": 0} == {"time": 0, "stage": "teacher", "fraction": 0.2, "seconds_left": 400}
    file.begin(STAGES.of, 6, 100, first_epoch=0)
    clock.now += 2
    file.step(0, 0.5, 1.0)
    assert run.last_line()["fraction"] == pytest.approx((150 + 25) / 500)
    file.epoch(EpochResult(2, "quantized", 0.5, 0.9, 0.1, 3.0))
    assert run.last_line()["stage"] == "quantized" and run.last_line()["fraction"] == pytest.approx((250 + 50) / 500)
    told = {name: run.last_line()[name] for name in ("epoch", "epochs", "accuracy", "misses", "false_accepts_per_hour")}
    assert told == {"epoch": 2, "epochs": 6, "accuracy": 0.9, "misses": 0.1, "false_accepts_per_hour": 3.0}
    file.report()
    assert run.last_line()["fraction"] == pytest.approx(450 / 500)


def test_what_is_left_is_told_by_the_pace_of_training(run: Run, clock: Clock) -> None:
    file = ProgressFile(run, PLAN, utterances=10, clock=clock)
    file.begin(STAGES.of, 6, 100, first_epoch=0)
    clock.now += 100  # of 50 that were planned for an epoch: twice as slow
    file.epoch(EpochResult(0, "low rank", 1.0, None))
    assert run.last_line()["seconds_left"] == 2 * (50 + 200 + 50)
    clock.now += 100
    file.epoch(EpochResult(1, "low rank", 1.0, None))
    file.step(2, 0.0, 1.0)
    assert run.last_line()["seconds_left"] == 2 * (200 + 50)


def test_lines_of_a_stage_are_a_second_apart_at_least(run: Run, clock: Clock) -> None:
    file = ProgressFile(run, PLAN, utterances=10, clock=clock)
    file.begin(STAGES.of, 6, 100, first_epoch=0)
    before = len(list(run.lines()))
    for batch in range(100):
        clock.now += 0.05
        file.step(0, batch / 100, 1.0)
    assert len(list(run.lines())) - before in (4, 5)


def test_a_run_that_goes_on_begins_where_it_was_and_after_half_a_line(run: Run, clock: Clock) -> None:
    file = ProgressFile(run, PLAN, utterances=10, clock=clock)
    file.begin(STAGES.of, 6, 100, first_epoch=0)
    file.epoch(EpochResult(1, "low rank", 1.0, None))
    reached = run.last_line()["fraction"]
    with run.progress.open("a") as torn:
        torn.write('{"stage": "qua')
    again = ProgressFile(run, PLAN, utterances=10, clock=clock)
    assert run.last_line()["stage"] == "synthesis" and run.last_line()["fraction"] == reached
    again.begin(STAGES.of, 6, 100, first_epoch=2)
    assert run.last_line()["stage"] == "quantized" and run.last_line()["fraction"] == reached == 0.5


def test_a_run_whose_progress_somebody_has_damaged_begins_at_its_begin(run: Run, clock: Clock) -> None:
    run.progress.write_text('{"stage": "teacher", "fraction": "half"}\n')
    ProgressFile(run, PLAN, utterances=10, clock=clock)
    assert run.last_line()["fraction"] == 0


def test_a_full_disk_is_one_line_with_the_way_out(run: Run, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int, line: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = ProgressFile(run, PLAN, utterances=10, clock=clock)
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(DataError, match=r"can't be written: No space left on device; .* goes on with it"):
        file.report()
