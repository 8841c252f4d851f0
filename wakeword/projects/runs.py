"""The runs of a project: a folder for each training, with its state, its progress, its log, its model and its report.

The process that trains holds the lock of its run, which the system frees when it ends, even by a kill. So a run whose
state is `running` without a holder of the lock was interrupted; the command given again goes on with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from wakeword.errors import DataError, UsageError, printable
from wakeword.files import remove_folder, write_whole
from wakeword.projects.locks import held, is_held
from wakeword.projects.stored import stored_object

State = Literal["queued", "running", "paused", "interrupted", "done", "failed", "cancelled"]

RUNS = "runs"
REMOVED_RUN = ".removed-"  # how the name of a run begins that is being removed
ENDED: frozenset[State] = frozenset({"done", "failed", "cancelled"})
FORMAT = 1

_TAIL = 1 << 16  # bytes at the end of progress.jsonl that hold its last line


@dataclass(frozen=True)
class Status:
    """What is known of a run.

    message: a line that says why it failed, or "". stage: what it does, such as "synthesis". fraction: of the whole
    run, 0 to 1. seconds_left: as estimated; None if that is not known. changed: when the state changed, in seconds
    since 1970.
    """

    number: int
    state: State
    message: str = ""
    stage: str = ""
    fraction: float = 0.0
    seconds_left: float | None = None
    changed: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)


@dataclass(frozen=True)
class Run:
    """A run and its files."""

    folder: Path
    number: int

    @property
    def model(self) -> Path:
        """The model; absent until the run is done."""
        return self.folder / "model.safetensors"

    @property
    def progress(self) -> Path:
        """A JSON object a line, as the training goes on (`wakeword.projects.progress`)."""
        return self.folder / "progress.jsonl"

    @property
    def log(self) -> Path:
        """What the training printed."""
        return self.folder / "log.txt"

    @property
    def report(self) -> Path:
        """The report; absent until the run is done."""
        return self.folder / "report.json"

    @property
    def material(self) -> Path:
        """What it trains on (`wakeword.projects.snapshot`); absent before it begins, and when it is over."""
        return self.folder / "material"

    @property
    def _file(self) -> Path:
        return self.folder / "run.json"

    def status(self) -> Status:
        """Return the state and the progress. A damaged file is as none: the run is then interrupted."""
        content = self._content()
        state = content.get("state")
        if state not in get_args(State):
            state = "interrupted"
        if state == "running" and not self.is_held():
            state = self._content().get("state", "")  # it may have ended just now
            state = "interrupted" if state not in ENDED else state
        last = self.last_line()
        seconds_left = _number(last.get("seconds_left")) if state == "running" else None
        return Status(
            self.number,
            cast(State, state),
            printable(content.get("message", ""), 2000),
            printable(last.get("stage", "")),
            1.0 if state == "done" else min(1.0, max(0.0, _number(last.get("fraction")) or 0.0)),
            seconds_left,
            _number(content.get("changed")) or 0.0,
        )

    def mark(self, state: State, message: str = "") -> None:
        """Write the state; remove the recordings of a run that is over. Raises DataError if it can't be written.

        The process that trains marks `running`, `done` and `failed`; whoever starts and ends it marks the others, while
        it is not there.
        """
        content = {"format": FORMAT, "state": state, "message": message, "changed": round(time.time(), 3)}
        write_whole(self._file, json.dumps(content).encode(), private=True)
        if state in ("done", "cancelled"):
            shutil.rmtree(self.material, ignore_errors=True)

    def held(self) -> AbstractContextManager[None]:
        """Hold the run's lock. Raises UsageError if another process trains it, and DataError if it can't be locked."""
        return held(self._lock, f"run {self.number} is being trained by another process; wait for it, or end it")

    def is_held(self) -> bool:
        """Return whether a process trains it just now."""
        return is_held(self._lock)

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of the progress, from the first. What is no JSON, such as half of a line, is left out."""
        try:
            with self.progress.open("rb") as file:
                for line in file:
                    if found := _object(line):
                        yield found
        except OSError:
            return

    def last_line(self) -> dict[str, Any]:
        """Return the last whole line of the progress; {} if there is none."""
        try:
            with self.progress.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
                lines = file.read().splitlines()
        except OSError:
            return {}
        return next((found for line in reversed(lines) if (found := _object(line))), {})

    def remove(self) -> None:
        """Remove the run with its model. Raises UsageError while it is trained, and DataError if a file stays."""
        if self.is_held():
            raise UsageError(f"run {self.number} is being trained; cancel it first")
        try:
            aside = self.folder.with_name(f"{REMOVED_RUN}{self.number}")
            shutil.rmtree(aside, ignore_errors=True)
            self.folder.rename(aside)
            remove_folder(aside)
        except OSError as error:
            raise DataError(f"run {self.number} can't be removed: {error.strerror}") from error

    @property
    def _lock(self) -> Path:
        return self.folder / "lock"

    def _content(self) -> dict[str, Any]:
        try:
            return _object(self._file.read_bytes())
        except OSError:
            return {}


def runs_of(folder: Path) -> list[Run]:
    """Return the runs of a project's folder, by number; none if there is no such folder, or it can't be read."""
    runs = folder / RUNS
    try:
        names = [path.name for path in runs.iterdir() if path.is_dir()]
    except OSError:
        return []
    numbers = sorted(int(name) for name in names if name.isascii() and name.isdigit() and str(int(name)) == name)
    return [Run(runs / str(number), number) for number in numbers]


def run_of(folder: Path, number: int) -> Run:
    """Return a run of a project's folder. Raises DataError if there is none of the number."""
    if not (folder / RUNS / str(number)).is_dir():
        raise DataError(f"there is no run {number}")
    return Run(folder / RUNS / str(number), number)


def new_run(folder: Path) -> Run:
    """Make the next run of a project's folder, queued. Raises DataError if it can't be written."""
    number, runs = max((run.number for run in runs_of(folder)), default=0) + 1, folder / RUNS
    try:
        runs.mkdir(mode=0o700, exist_ok=True)
        while True:
            with contextlib.suppress(FileExistsError):  # another process has just made it, or it is no run
                (runs / str(number)).mkdir(mode=0o700)
                break
            number += 1
    except OSError as error:
        raise DataError(f"no run can be made in {runs}: {error.strerror}; make it a folder of your own") from error
    run = Run(runs / str(number), number)
    try:
        run.mark("queued")
    except DataError:  # without a state it would be taken for an interrupted one
        shutil.rmtree(run.folder, ignore_errors=True)
        raise
    return run


def _object(line: bytes) -> dict[str, Any]:
    try:
        return stored_object(line)
    except ValueError:
        return {}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
