"""Look after the store while the service runs: is it usable, and what has grown old?"""

from __future__ import annotations

import asyncio
import time

import structlog

from service.settings import Retention
from service.store.clips import ClipFolder
from service.store.database import Database
from service.store.folder import DataFolder
from service.store.retention import retain
from service.store.trouble import Trouble, trouble_of

_PROBE_EVERY = 1.0  # seconds
_LONGEST_PROBE = 10.0  # seconds; a query that hangs says nothing
_RETENTION_EVERY = 600.0  # seconds
_AFTER_TROUBLE = 30.0  # seconds after which retention that couldn't delete tries again
_log = structlog.get_logger()


class Upkeep:
    """Probes the store each second, and deletes what is beyond the limits every ten minutes."""

    def __init__(self, folder: DataFolder, database: Database, clips: ClipFolder, limits: Retention) -> None:
        self.trouble: Trouble | None = None  # why the database or its folder can't be used at present
        self._folder = folder
        self._database = database
        self._clips = clips
        self._limits = limits
        self._probed_at = time.monotonic()

    @property
    def hangs(self) -> bool:
        """Return whether the database has not answered for too long, neither well nor badly."""
        return time.monotonic() - self._probed_at > _LONGEST_PROBE

    async def probe_forever(self) -> None:
        """Keep `trouble` up to date. Log when it begins and when it ends."""
        while True:
            trouble = await asyncio.to_thread(self._probe)
            if trouble is not None and self.trouble is None:
                _log.error("the store can't be used; trying again", reason=trouble.reason)
            elif trouble is None and self.trouble is not None:
                _log.info("the store can be used again")
            self.trouble, self._probed_at = trouble, time.monotonic()
            await asyncio.sleep(_PROBE_EVERY)

    async def retain_forever(self) -> None:
        """Delete old events and clips every ten minutes. If the store can't be used, try again soon."""
        while True:
            trouble = await asyncio.to_thread(self._retain)
            if trouble is not None:
                _log.error("old events can't be removed; trying again later", reason=trouble.reason)
            await asyncio.sleep(_RETENTION_EVERY if trouble is None else _AFTER_TROUBLE)

    def _probe(self) -> Trouble | None:
        try:
            self._folder.check()
            self._database.probe()
        except Exception as error:
            return self._trouble(error)
        return None

    def _retain(self) -> Trouble | None:
        """Delete what is beyond the limits. To delete takes room: if the disk is full, that of the reserve."""
        try:
            try:
                removed = retain(self._database, self._clips, self._limits, time.time())
            except Exception as error:
                if not (self._trouble(error).full and self._folder.release_reserve()):
                    raise
                removed = retain(self._database, self._clips, self._limits, time.time())
        except Exception as error:
            return self._trouble(error)
        if removed:
            _log.info("old events removed", events=removed)
        self._folder.take_reserve()
        return None

    def _trouble(self, error: Exception) -> Trouble:
        """Return the trouble that an error reports, or raise the error if it is of another kind."""
        trouble = trouble_of(error, self._folder.path)
        if trouble is None:
            raise error
        return trouble
