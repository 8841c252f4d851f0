"""The queue of trainings: one at a time, each a process of its own, and all of it in the runs' own files.

What a run's files say is the truth, so the queue goes on after any end of the service: with the run that was trained
then, and with those that waited, in their order. A training that is killed goes on from its last checkpoint.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from service.notifier import Notifier
from service.studio.process import Guarded, last_line, of_wakeword
from wakeword.errors import WakewordError
from wakeword.projects.runs import Run, State, Status, runs_of

MAX_JOBS = 20  # that are trained or wait
NICE = 19  # the priority of a training, the lowest
_KILLS = 3  # without progress in between, after which a run has failed
_LOOK = 0.5  # seconds between two looks at the progress
_IDLE = 60.0  # seconds between two looks at an empty queue, of which a notification tells anyway
_SIGNALS, _USAGE = 128, 2  # exit statuses: from where on they tell a signal, and that of a line that tells the way out
_FULL = 1 << 20  # bytes; with fewer the disk is full
_OUTPUT = "output.txt"  # what the process of a run prints, beside its log
_KEPT = frozenset({"run.json", "log.txt", "lock", _OUTPUT})  # of a cancelled run
_log = structlog.get_logger()


class Refused(WakewordError):
    """Report that a run's state, or the length of the queue, doesn't allow what is asked; answered by 409."""


@dataclass
class _Training:
    """The run that is trained just now."""

    run: Run
    process: Guarded | None = None  # before it has begun
    asked: State | None = None  # what the run is to become once its process has ended


class Jobs:
    """Trains runs one after the other. Its methods are called in the event loop."""

    def __init__(self, projects: Path) -> None:
        """projects: the folder of all projects."""
        self.changed = Notifier()  # of any run's state or progress
        self._projects = projects
        self._waiting: list[Run] = []
        self._current: _Training | None = None
        self._changing = asyncio.Lock()  # serializes what users ask for
        self._elsewhere: list[Run] = []  # trained at the start, by a process that may be about to end
        self._kills: dict[Run, int] = {}  # without progress in between, of runs that were queued again
        self._unwritten: dict[Run, Status] = {}  # states that the disk had no room for

    def find_unfinished(self) -> None:
        """Find the runs that were trained or waited when the service ended. Tidy up after those that were cancelled."""
        known = [(run, run.status()) for folder in project_folders(self._projects) for run in runs_of(folder)]
        for run, status in known:
            if status.state == "cancelled":
                _clear(run)
        unfinished = [(run, status) for run, status in known if status.state in ("interrupted", "queued")]
        unfinished.sort(key=lambda it: (it[1].state == "queued", it[1].changed))
        self._waiting = [run for run, _ in unfinished]
        self._elsewhere = [run for run, status in known if status.state == "running"]

    def status(self, run: Run) -> Status:
        """Return the state and the progress of a run."""
        if run in self._unwritten:
            return self._unwritten[run]
        status = run.status()
        if run in self._waiting:
            return replace(status, state="queued", message="")
        current = self._current
        if current is not None and current.run == run:  # until its process has ended, whatever that has noted
            return replace(status, state=current.asked or "running", message="")
        return status

    def place(self, run: Run) -> int | None:
        """Return how many runs will be trained before a run that waits; None if it doesn't wait."""
        if run not in self._waiting:
            return None
        return self._waiting.index(run) + (self._current is not None)

    def check_room(self) -> None:
        """Raise Refused if no further run may wait."""
        if len(self._waiting) + (self._current is not None) >= MAX_JOBS:
            raise Refused(f"{MAX_JOBS} trainings wait already; wait until one is done, or cancel one")

    async def add(self, run: Run) -> None:
        """Queue a run that is new, or that was paused, interrupted or has failed.

        Raises Refused for another, or if too many wait, and DataError if its state can't be written.
        """
        async with self._changing:
            state = await self._state(run)
            if self._is_busy(run) or state in ("running", "done", "cancelled"):
                raise Refused(f"run {run.number} is {state}; what was paused, interrupted or has failed is resumed")
            self.check_room()
            await asyncio.to_thread(run.mark, "queued")
            self._unwritten.pop(run, None)
            self._waiting.append(run)
            self.changed.notify()

    async def pause(self, run: Run) -> None:
        """End the process of a run, or take it out of the queue. `add` lets it go on from its last checkpoint.

        Raises Refused if it is neither trained nor waits.
        """
        async with self._changing:
            if self._remove(run):
                await self._note(run, "paused")
            elif not await self._end(run, "paused"):
                raise Refused(f"run {run.number} is {await self._state(run)}; it can't be paused")
            self.changed.notify()

    async def cancel(self, run: Run) -> None:
        """End a run for good, and remove all that it has made so far.

        Raises Refused if it is done or trained elsewhere.
        """
        async with self._changing:
            self._remove(run)
            await self._end(run, "cancelled")
            if (state := await self._state(run)) in ("running", "done"):
                raise Refused(f"run {run.number} is {state}; it can't be cancelled")
            await self._note(run, "cancelled")
            await asyncio.to_thread(_clear, run)
            if run in self._unwritten:  # for which there is room by now
                await self._note(run, "cancelled")
            self.changed.notify()

    async def drop(self, project: Path) -> None:
        """End all runs of a project that is about to be removed."""
        async with self._changing:
            self._waiting = [run for run in self._waiting if _project(run) != project]
            self._unwritten = {run: status for run, status in self._unwritten.items() if _project(run) != project}
            if self._current is not None and _project(self._current.run) == project:
                await self._end(self._current.run, "cancelled")
            self.changed.notify()

    async def remove(self, run: Run) -> None:
        """Remove a run with its model. Raises Refused if it is trained or waits, and DataError if a file stays."""
        async with self._changing:
            if self._is_busy(run):
                raise Refused(f"run {run.number} is {await self._state(run)}; cancel it first")
            await asyncio.to_thread(run.remove)
            self._unwritten.pop(run, None)
            self.changed.notify()

    async def train_forever(self) -> None:
        """Train what waits. If this is cancelled, the training is ended; `find_unfinished` finds it again."""
        while True:
            await self._take_over()
            if not self._waiting:
                await self.changed.wait(_LOOK if self._elsewhere else _IDLE)
                continue
            current = self._current = _Training(self._waiting.pop(0))
            try:
                await self._train(current)
            finally:
                self._current = None
                self.changed.notify()

    async def _take_over(self) -> None:
        """Queue runs that were trained by another process, such as that of a service that was killed just before."""
        for run in list(self._elsewhere):
            if (state := await self._state(run)) != "running" or self._is_busy(run):
                self._elsewhere.remove(run)
                if state == "interrupted" and not self._is_busy(run):
                    self._waiting.insert(0, run)

    async def _train(self, current: _Training) -> None:
        """Train a run until its process ends, and note what has become of it, or queue it again if it was killed."""
        run = current.run
        before, kills = await asyncio.to_thread(run.status), self._kills.pop(run, 0)
        try:
            exit_status = await self._run(current)
        except OSError as error:
            await self._note(run, "failed", f"the training can't be started: {error.strerror}; resume tries again")
            return
        after = await asyncio.to_thread(run.status)
        if after.state == "done" or not run.folder.is_dir():  # or somebody has removed it
            return
        if current.asked is not None:
            await self._note(run, current.asked)
            return
        killed = exit_status >= _SIGNALS
        kills = kills + 1 if after.fraction <= before.fraction else 1
        if killed and kills < _KILLS:
            self._kills[run] = kills
            self._waiting.insert(0, run)
        else:
            await self._note(run, "failed", await asyncio.to_thread(_reason, run, after, exit_status))

    async def _run(self, current: _Training) -> int:
        """Run the process of a training. Return its exit status. Raises OSError if it can't be started."""
        run = current.run
        command = of_wakeword("train", "--project", str(_project(run).absolute()), "--run", str(run.number))
        _log.info("training begins", project=_project(run).name, run=run.number)
        process = current.process = Guarded(command, run.folder / _OUTPUT, NICE)
        if current.asked is not None:  # just before the process began
            process.kill()
        ending = asyncio.ensure_future(process.wait())
        try:
            seen: Status | None = None
            while not ending.done():
                status = await asyncio.to_thread(self.status, run)
                if status != seen:
                    self.changed.notify()
                seen = status
                await asyncio.wait([ending], timeout=_LOOK)
        finally:
            process.kill()
            exit_status = await ending
            _log.info("training ended", project=_project(run).name, run=run.number, exit=exit_status)
        return exit_status

    async def _end(self, run: Run, state: State) -> bool:
        """End the process of the run that is trained, and wait until its new state is noted.

        Return False if another one is trained, or none.
        """
        current = self._current
        if current is None or current.run != run:
            return False
        current.asked = state
        if current.process is not None:
            current.process.kill()
        while self._current is current:
            await self.changed.wait(_LOOK)
        return True

    def _is_busy(self, run: Run) -> bool:
        return run in self._waiting or (self._current is not None and self._current.run == run)

    async def _note(self, run: Run, state: State, message: str = "") -> None:
        """Write the state of a run that has ended; keep it until the next start if the disk has no room."""
        if not run.folder.is_dir():  # somebody has removed it
            return
        try:
            await asyncio.to_thread(run.mark, state, message)
            self._unwritten.pop(run, None)
        except WakewordError as error:
            _log.warning("the state of a run can't be written", run=str(run.folder), state=state, reason=str(error))
            status = await asyncio.to_thread(run.status)
            self._unwritten[run] = replace(status, state=state, message=message, seconds_left=None)

    async def _state(self, run: Run) -> State:
        return (await asyncio.to_thread(self.status, run)).state

    def _remove(self, run: Run) -> bool:
        """Take a run out of the queue. Return False if it doesn't wait."""
        if run not in self._waiting:
            return False
        self._waiting.remove(run)
        return True


def _project(run: Run) -> Path:
    """Return the folder of a run's project."""
    return run.folder.parent.parent


def _reason(run: Run, status: Status, exit_status: int) -> str:
    """Return the line that says why a training has failed, with the way out."""
    said = status.message if status.state == "failed" else last_line(run.folder / _OUTPUT)
    if shutil.disk_usage(run.folder).free < _FULL or os.strerror(errno.ENOSPC) in said:
        return "the disk is full; make room on the service's computer, then resume the run"
    if exit_status >= _SIGNALS:
        return "the training was killed again and again, perhaps for want of memory; end other programs, then resume it"
    if exit_status == _USAGE and said:
        return said
    return f"the training has failed: {said or 'it said nothing'}; its log says more, and resume tries again"


def _clear(run: Run) -> None:
    """Remove what a cancelled run has made: checkpoints, clips, and whatever else is half done."""
    for path in run.folder.iterdir():
        if path.name in _KEPT:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def project_folders(projects: Path) -> Iterator[Path]:
    """Yield the folders of all projects."""
    if projects.is_dir():
        yield from (path for path in projects.iterdir() if path.is_dir() and not path.name.startswith("."))
