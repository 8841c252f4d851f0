"""The studio as its routes use it: the folder of projects, the queue of trainings, and what may run at once."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import IO, Any

import structlog
from fastapi import HTTPException

from service.studio.adviser import Adviser
from service.studio.compiling import Compiler
from service.studio.hearings import Hearings
from service.studio.inbox import Inbox
from service.studio.jobs import Jobs
from service.studio.quota import Quota
from service.studio.speech import Speaker
from wakeword.errors import DataError, WakewordError
from wakeword.files import private_folder
from wakeword.projects.library import finish_removals, open_project, remove_project
from wakeword.projects.project import Project
from wakeword.projects.runs import Run, run_of, runs_of

PROJECTS, INBOX = "projects", "inbox"
MAX_RUNS = 100  # of a project
_log = structlog.get_logger()


class Studio:
    """Finds projects and runs, and makes and removes them so that no training meets half of one."""

    def __init__(self, data: Path, quota: int) -> None:
        """data: the service's folder. quota: bytes that projects and inbox may hold."""
        self.projects = data / PROJECTS
        self.inbox = Inbox(data / INBOX)
        self.quota = Quota([self.projects, self.inbox.folder], quota)
        self.jobs = Jobs(self.projects)
        self.hearings = Hearings(self.projects)
        self.changing = asyncio.Lock()  # serializes what makes and removes projects and runs
        self.speaker = Speaker()
        self.adviser = Adviser()
        self.compiler = Compiler()

    def begin(self) -> None:
        """Find the trainings and the hearings that go on, and finish removals that were broken off."""
        for step in (partial(finish_removals, self.projects), self.jobs.find_unfinished, self.hearings.find_unfinished):
            try:
                step()
            except (WakewordError, OSError) as error:  # the service hears all the same
                _log.warning("the studio's projects are not in order", reason=str(error))

    def close(self) -> None:
        """End what answers."""
        self.adviser.close()

    def project(self, name: str) -> Project:
        """Return the project of a name.

        Raises:
            HTTPException: 404, there is none.
            UsageError: its file can't be used.
        """
        self.folder(name)
        return open_project(self.projects, name)

    def folder(self, name: str) -> Path:
        """Return the folder of a project, whatever its file says. Raises HTTPException, 404, if there is none."""
        with contextlib.suppress(OSError, ValueError):
            if not name.startswith(".") and name in {path.name for path in self.projects.iterdir() if path.is_dir()}:
                return self.projects / name
        raise HTTPException(404, f"there is no project {name!r}; GET /api/studio/projects lists them")

    def run(self, name: str, number: int) -> Run:
        """Return a run of a project. Raises HTTPException, 404, if there is none."""
        folder = self.folder(name)
        try:
            return run_of(folder, number)
        except DataError as error:
            raise HTTPException(404, f"{error}; GET /api/studio/projects/{name}/runs lists them") from error

    def unnamed(self) -> IO[bytes]:
        """Return an empty file on the projects' disk, which is gone when it is closed, or with this process."""
        private_folder(self.projects)
        return tempfile.TemporaryFile(dir=self.projects)

    async def estimate(self, name: str) -> dict[str, Any]:
        """Return what the next run of a project takes: seconds, bytes.

        Raises:
            HTTPException: 404, there is no such project; 503, as `Adviser.ask`.
            UsageError: what it lacks, in one line.
        """
        folder = await asyncio.to_thread(self.folder, name)
        found: dict[str, Any] = await self.adviser.ask({"estimate": str(folder.absolute())})
        return found

    async def check_room(self, name: str) -> None:
        """Check that a project can have a further run.

        Raises:
            HTTPException: as `estimate`; 409, it has too many runs; 507, the disk has no room for it.
            Refused: too many runs wait.
            NoRoom: the studio may not hold so much.
            UsageError: what it lacks, in one line.
        """
        folder = await asyncio.to_thread(self.folder, name)
        if len(await asyncio.to_thread(runs_of, folder)) >= MAX_RUNS:
            raise HTTPException(409, f"the project has {MAX_RUNS} runs, as many as can be; delete one")
        self.jobs.check_room()
        wanted = (await self.estimate(name))["bytes"]
        await asyncio.to_thread(self.quota.check, wanted)
        free = shutil.disk_usage(folder).free
        if wanted > free:
            line = f"a run takes about {wanted / 1e6:,.0f} MB, and the disk has {free / 1e6:,.0f} MB left; make room"
            raise HTTPException(507, line)

    async def remove(self, name: str) -> None:
        """Remove a project with every recording and model of it; end its trainings and hearings first.

        Raises HTTPException, 404, if there is none, and DataError if a file stays.
        """
        async with self.changing:
            folder = await asyncio.to_thread(self.folder, name)
            await self.jobs.drop(folder)
            await self.hearings.drop(folder)
            await asyncio.to_thread(remove_project, self.projects, name)
