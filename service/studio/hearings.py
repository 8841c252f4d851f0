"""The queue of hearings: models of runs hear their project's long recordings, one at a time, each in a process.

What the runs' files say is the truth, as it is of trainings. A hearing that was interrupted goes on with the recordings
that are left. Hearings run beside a training, at the same lowest priority.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from service.notifier import Notifier
from service.studio.jobs import NICE, Refused, project_folders
from service.studio.process import Guarded, last_line, of_wakeword
from wakeword.errors import WakewordError
from wakeword.projects.hearing import Hearing, State, hearing_of, mark
from wakeword.projects.runs import Run, runs_of

MAX_HEARINGS = 10  # that hear or wait
_KILLS = 3  # after which a hearing has failed
_LOOK = 0.5  # seconds between two looks whether the process has ended
_IDLE = 60.0  # seconds between two looks at an empty queue, of which a notification tells anyway
_SIGNALS = 128  # exit statuses from here on tell a signal
_OUTPUT = "hearing.txt"  # what the process prints, in the folder of the run
_log = structlog.get_logger()


@dataclass
class _Now:
    """The hearing that goes on."""

    run: Run
    process: Guarded | None = None  # before it has begun
    cancelled: bool = False


class Hearings:
    """Lets models hear, one after the other. Its methods are called in the event loop."""

    def __init__(self, projects: Path) -> None:
        """projects: the folder of all projects."""
        self.changed = Notifier()
        self._projects = projects
        self._waiting: list[Run] = []
        self._now: _Now | None = None
        self._changing = asyncio.Lock()  # serializes what users ask for
        self._kills: dict[Run, int] = {}
        self._unwritten: dict[Run, Hearing] = {}  # states that the disk had no room for

    def find_unfinished(self) -> None:
        """Find the hearings that went on or waited when the service ended."""
        known = [(run, hearing_of(run)) for folder in project_folders(self._projects) for run in runs_of(folder)]
        # One that still runs is of a service that was killed just before, and ends soon: the next waits for its lock.
        going = ("interrupted", "running", "queued")
        unfinished = [(run, it) for run, it in known if it is not None and it.state in going]
        unfinished.sort(key=lambda pair: (pair[1].state == "queued", pair[1].changed))
        self._waiting = [run for run, _ in unfinished]

    def state(self, run: Run) -> Hearing | None:
        """Return the state of a run's hearing; None if there was none."""
        if run in self._waiting:
            return Hearing("queued")
        found, now = self._unwritten.get(run) or hearing_of(run), self._now
        if now is not None and now.run == run:
            return replace(found or Hearing("running"), state="cancelled" if now.cancelled else "running")
        return found

    async def add(self, run: Run) -> None:
        """Queue the hearing of a run.

        Raises Refused if it hears or waits, or too many do, and DataError if its state can't be written.
        """
        async with self._changing:
            state = await asyncio.to_thread(self.state, run)
            if self._is_busy(run) or (state is not None and state.state == "running"):
                raise Refused(f"run {run.number} hears already")
            if len(self._waiting) + (self._now is not None) >= MAX_HEARINGS:
                raise Refused(f"{MAX_HEARINGS} models hear or wait already; wait until one is done, or cancel one")
            await asyncio.to_thread(mark, run, "queued")
            self._unwritten.pop(run, None)
            self._waiting.append(run)
            self.changed.notify()

    async def cancel(self, run: Run) -> None:
        """End a hearing; the recordings that were heard whole stay heard. Raises Refused if there is none."""
        async with self._changing:
            if not self._is_busy(run):
                raise Refused(f"run {run.number} doesn't hear")
            await self._end(lambda each: each == run)
            await self._note(run, "cancelled")
            self.changed.notify()

    async def drop(self, folder: Path) -> None:
        """End all hearings of runs in a folder, of a project or of a run, that is about to be removed."""
        async with self._changing:
            await self._end(lambda run: run.folder.is_relative_to(folder))
            self._unwritten = {run: it for run, it in self._unwritten.items() if not run.folder.is_relative_to(folder)}
            self.changed.notify()

    async def hear_forever(self) -> None:
        """Let those hear that wait. If this is cancelled, the hearing is ended; `find_unfinished` finds it again."""
        while True:
            if not self._waiting:
                await self.changed.wait(_IDLE)
                continue
            now = self._now = _Now(self._waiting.pop(0))
            try:
                await self._hear(now)
            finally:
                self._now = None
                self.changed.notify()

    async def _hear(self, now: _Now) -> None:
        """Run the process of a hearing until it ends, and note what has become of it."""
        run = now.run
        output = run.folder / _OUTPUT
        try:
            await asyncio.to_thread(output.unlink, missing_ok=True)
            exit_status = await self._run(now, output)
        except OSError as error:
            await self._note(run, "failed", f"the hearing can't be started: {error.strerror}; begin it again")
            return
        await asyncio.to_thread(_clear, run.folder)
        state = await asyncio.to_thread(hearing_of, run)
        if now.cancelled or (state is not None and state.state in ("done", "failed")):
            self._kills.pop(run, None)
            await asyncio.to_thread(output.unlink, missing_ok=True)
            return
        self._kills[run] = self._kills.get(run, 0) + 1
        if exit_status >= _SIGNALS and self._kills[run] < _KILLS:
            self._waiting.insert(0, run)
            return
        self._kills.pop(run, None)
        reason = await asyncio.to_thread(last_line, output)
        await self._note(run, "failed", reason or "the process was killed, perhaps for want of memory; begin it again")

    async def _run(self, now: _Now, output: Path) -> int:
        """Run the process. Return its exit status. Raises OSError if it can't be started."""
        run = now.run
        project = run.folder.parent.parent
        command = of_wakeword("eval", "--project", str(project.absolute()), "--run", str(run.number), "--json")
        _log.info("hearing begins", project=project.name, run=run.number)
        process = now.process = Guarded(command, output, NICE)
        if now.cancelled:  # just before the process began
            process.kill()
        ending = asyncio.ensure_future(process.wait())
        try:
            while not ending.done():
                await asyncio.wait([ending], timeout=_LOOK)
                self.changed.notify()
        finally:
            process.kill()
            exit_status = await ending
            _log.info("hearing ended", project=project.name, run=run.number, exit=exit_status)
        return exit_status

    async def _end(self, ends: Callable[[Run], bool]) -> None:
        """Take runs out of the queue; end the process of the one that hears, and wait for its end."""
        self._waiting = [run for run in self._waiting if not ends(run)]
        now = self._now
        if now is None or not ends(now.run):
            return
        now.cancelled = True
        if now.process is not None:
            now.process.kill()
        while self._now is now:
            await self.changed.wait(_LOOK)

    def _is_busy(self, run: Run) -> bool:
        return run in self._waiting or (self._now is not None and self._now.run == run)

    async def _note(self, run: Run, state: State, message: str = "") -> None:
        """Write the state of a hearing that has ended; keep it until the next start if the disk has no room."""
        if not run.folder.is_dir():  # somebody has removed it
            return
        try:
            await asyncio.to_thread(mark, run, state, 0.0, message)
            self._unwritten.pop(run, None)
        except WakewordError as error:
            _log.warning("the state of a hearing can't be written", run=str(run.folder), state=state, reason=str(error))
            self._unwritten[run] = Hearing(state, 0.0, message)


def _clear(folder: Path) -> None:
    """Remove half of a file that a process was writing when it was killed."""
    for path in folder.glob(".hear*.part"):
        path.unlink(missing_ok=True)
