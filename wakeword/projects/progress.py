"""The progress of a run in a file: a line for each second or so, over all stages from synthesis to report.

A stage weighs as much of the whole as it was estimated to take, so that the fraction runs evenly. What is left is told
by the pace that was measured in this process, as soon as there is one.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from wakeword.errors import DataError
from wakeword.projects.runs import Run

if TYPE_CHECKING:
    from wakeword.training.progress import EpochResult

SPEAKING, TEACHER, REPORTING = "synthesis", "teacher", "report"

_INTERVAL = 1.0  # seconds between two lines of the same stage
_SPOKEN = 0.95  # of the synthesis; then clips are put together
_KNOWN = 0.02  # of a stage that was done in this process: its pace is known

Speech = Callable[[str, int], AbstractContextManager[Callable[[], None]]]  # as `wakeword.training.phrase_speech`


class ProgressFile:
    """Appends lines to a run's progress; a `Progress` of a training.

    Each line is a JSON object with `time` (seconds since 1970), `stage`, `fraction` (of the run, never less than
    before) and `seconds_left`. At the end of an epoch it has what `EpochResult` tells too: `epoch`, `loss`, `accuracy`,
    `misses` (a fraction) and `false_accepts_per_hour`, and `epochs`, their number in the teacher or the network. The
    first line of a process has the plan, `planned`, and what it `learned` of runs before.
    """

    def __init__(
        self,
        run: Run,
        plan: Mapping[str, float],
        utterances: int,
        learned: Mapping[str, float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin. plan: the seconds that each stage is estimated to take, in order. utterances: to be spoken.

        learned: by what the plan was multiplied, as `wakeword.projects.estimate` tells it.
        """
        self._path, self._plan, self._clock = run.progress, plan, clock
        self._floor = run.status().fraction
        self._utterances, self._spoken = max(1, utterances), 0
        self._stage = next(iter(plan))
        self._share, self._begun_share, self._begun = 0.0, 0.0, clock()
        self._pace = 1.0  # seconds for a second of the plan
        self._told = -_INTERVAL
        self._first: dict[str, int] = {}  # of the stages that were begun last, their first epochs
        self._counts: Counter[str] = Counter()  # and their numbers of epochs
        self._append(b"\n" if _is_torn(self._path) else b"")
        planned = {stage: round(seconds, 1) for stage, seconds in plan.items()}
        ratios = {stage: round(ratio, 3) for stage, ratio in (learned or {}).items()}
        self._tell({"planned": planned, "learned": ratios})

    def speech(self, shown: Speech) -> Speech:
        """Return what is told of the synthesis, which tells `shown` in turn."""

        @contextmanager
        def progress(what: str, count: int) -> Iterator[Callable[[], None]]:
            with shown(what, count) as advance:

                def spoken() -> None:
                    advance()
                    self._spoken += 1
                    self._move(SPEAKING, min(1.0, self._spoken / self._utterances) * _SPOKEN)

                yield spoken

        return progress

    def begin(self, stage_of: Callable[[int], str], epochs: int, training_clips: int, first_epoch: int) -> None:
        """Enter the stage of the first epoch that is left."""
        stages = [stage_of(epoch) for epoch in range(epochs)]
        self._counts = Counter(stages)
        self._first = {stage: stages.index(stage) for stage in self._counts}
        stage = stage_of(min(first_epoch, epochs - 1))
        self._enter(stage, (first_epoch - self._first[stage]) / self._counts[stage])

    def step(self, epoch: int, share: float, loss: float) -> None:
        """Tell how far the stage of an epoch is, if the last line is old enough."""
        stage = next(stage for stage in reversed(self._first) if epoch >= self._first[stage])
        self._move(stage, (epoch + share - self._first[stage]) / self._counts[stage])

    def epoch(self, result: EpochResult) -> None:
        """Tell the result of an epoch."""
        self._move(result.stage, (result.epoch + 1 - self._first[result.stage]) / self._counts[result.stage])
        self._tell(
            {
                "epoch": result.epoch,
                "epochs": self._counts.total(),
                "loss": result.loss,
                "accuracy": result.accuracy,
                "misses": result.missed,
                "false_accepts_per_hour": result.false_accepts,
            }
        )

    def end(self) -> None:
        """Do nothing: the next stage tells that it begins."""

    def report(self, share: float = 0.0) -> None:
        """Tell that the network is trained, and how far it is measured."""
        self._move(REPORTING, share)

    def _move(self, stage: str, share: float) -> None:
        if stage != self._stage:
            self._enter(stage, 0.0)
        self._share = share
        if self._clock() - self._told >= _INTERVAL:
            self._tell()

    def _enter(self, stage: str, share: float) -> None:
        self._learn_pace()
        self._stage, self._share, self._begun_share, self._begun = stage, share, share, self._clock()
        self._tell()

    def _learn_pace(self) -> None:
        """Take over the pace of this stage for those that follow. Synthesis tells nothing of training."""
        planned = self._plan.get(self._stage, 0.0) * (self._share - self._begun_share)
        if self._share - self._begun_share >= _KNOWN and planned > 0 and self._stage != SPEAKING:
            self._pace = (self._clock() - self._begun) / planned

    def _left(self) -> float:
        """Return the seconds that are left."""
        stages = list(self._plan)
        own = self._plan.get(self._stage, 0.0)
        done = self._share - self._begun_share
        ahead = sum(self._plan[stage] for stage in stages[stages.index(self._stage) + 1 :])
        pace, measured = self._pace, (self._clock() - self._begun) / (own * done) if own * done > 0 else self._pace
        if done >= _KNOWN and self._stage != SPEAKING:
            pace = measured
        return (1 - self._share) * own * (measured if done >= _KNOWN else self._pace) + ahead * pace

    def _fraction(self) -> float:
        stages = list(self._plan)
        before = sum(self._plan[stage] for stage in stages[: stages.index(self._stage)])
        whole = sum(self._plan.values()) or 1.0
        return (before + self._share * self._plan[self._stage]) / whole

    def _tell(self, more: Mapping[str, Any] | None = None) -> None:
        self._told = self._clock()
        self._floor = max(self._floor, self._fraction())
        line = {
            "time": round(time.time(), 1),
            "stage": self._stage,
            "fraction": round(self._floor, 4),
            "seconds_left": round(self._left()),
        }
        self._append(json.dumps(line | dict(more or {})).encode() + b"\n")

    def _append(self, line: bytes) -> None:
        """Append a whole line. Raises DataError if it can't be written."""
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                while line:
                    line = line[os.write(file, line) :]
            finally:
                os.close(file)
        except OSError as error:
            raise DataError(
                f"{self._path} can't be written: {error.strerror}; what is trained so far is kept, and the same "
                "command goes on with it"
            ) from error


def _is_torn(path: os.PathLike[str]) -> bool:
    """Return whether a file ends within a line, as after a crash."""
    try:
        with open(path, "rb") as file:
            return file.seek(0, os.SEEK_END) > 0 and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n"
    except OSError:
        return False
