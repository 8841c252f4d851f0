"""Puts detections down, those of all streams together: a wait for the disk costs the same for one and for a hundred."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from service.metrics import Metrics
from service.store.events import Draft, Event, EventStore

_MOST = 500  # events a transaction
_RETRY = 1.0  # seconds
_log = structlog.get_logger()


class Bell:
    """Wakes all who wait whenever it rings."""

    def __init__(self) -> None:
        self._ringing = asyncio.Event()

    def ring(self) -> None:
        self._ringing.set()
        self._ringing = asyncio.Event()

    async def heard(self, seconds: float) -> bool:
        """Wait for the next ring, at most so long; False where none came."""
        with contextlib.suppress(asyncio.TimeoutError):
            return await asyncio.wait_for(self._ringing.wait(), seconds)
        return False


class Recorder:
    """What was recorded is on the disk. While the disk is full or the database away, recording waits and goes on."""

    def __init__(self, store: EventStore, metrics: Metrics) -> None:
        self.kept = Bell()  # rings when events were kept
        self.healthy = True
        self._store = store
        self._metrics = metrics
        self._waiting: asyncio.Queue[tuple[Sequence[Draft], asyncio.Future[list[Event]]]] = asyncio.Queue()
        self._task = asyncio.create_task(self._run())

    async def record(self, drafts: Sequence[Draft]) -> list[Event]:
        """The events, once they are on the disk."""
        future: asyncio.Future[list[Event]] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((drafts, future))
        return await future

    async def close(self) -> None:
        """Stop; what isn't recorded by now is not."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        while True:
            group = [await self._waiting.get()]
            while len(group) < _MOST and not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            try:
                events = iter(await self._add([draft for drafts, _ in group for draft in drafts]))
            except Exception as error:  # no matter of the disk: whoever waits must hear of it
                for _, future in group:
                    if not future.cancelled():
                        future.set_exception(error)
                continue
            for drafts, future in group:
                kept = [next(events) for _ in drafts]
                if not future.cancelled():
                    future.set_result(kept)
            self.kept.ring()

    async def _add(self, drafts: list[Draft]) -> list[Event]:
        while True:
            start = time.perf_counter()
            try:
                events = await asyncio.to_thread(self._store.add, drafts)
            except (OperationalError, InterfaceError) as error:
                if self.healthy:
                    _log.error("events can't be kept; trying again", reason=str(error.orig), events=len(drafts))
                self.healthy = False
                await asyncio.sleep(_RETRY)
                continue
            if not self.healthy:
                _log.info("events are kept again")
            self.healthy = True
            self._metrics.commit_seconds.observe(time.perf_counter() - start)
            for draft in drafts:
                self._metrics.events.labels(draft.word).inc()
            return events
