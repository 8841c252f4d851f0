"""Puts detections down, those of all streams together: a wait for the disk costs the same for one and for a hundred."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import NamedTuple

import anyio
import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from featurizer.logmel import Samples
from service.metrics import Metrics
from service.store.events import Event, EventStore, NewEvent

_MOST = 500  # events a transaction
_RETRY = 1.0  # seconds
_log = structlog.get_logger()


class Notifier:
    """Wakes all who wait whenever it rings."""

    def __init__(self) -> None:
        self._ringing = asyncio.Event()

    def ring(self) -> None:
        self._ringing.set()
        self._ringing = asyncio.Event()

    async def heard(self, seconds: float) -> bool:
        """Wait for the next ring, at most so long; False where none came."""
        with anyio.move_on_after(seconds):
            return await self._ringing.wait()
        return False


class _Group(NamedTuple):
    new_events: Sequence[NewEvent]
    clips: Sequence[Samples]  # none, or one for each
    kept: asyncio.Future[list[Event]]


class Recorder:
    """What was recorded is on the disk. While the disk is full or the database away, recording waits and goes on."""

    def __init__(self, store: EventStore, metrics: Metrics) -> None:
        self.kept = Notifier()  # rings when events were kept
        self.healthy = True
        self._store = store
        self._metrics = metrics
        self._waiting: asyncio.Queue[_Group] = asyncio.Queue()
        self._thread = ThreadPoolExecutor(1, "recorder")  # its own: no event queues behind uploads and queries
        self._task = asyncio.create_task(self._run())

    def record(self, new_events: Sequence[NewEvent], clips: Sequence[Samples] = ()) -> asyncio.Future[list[Event]]:
        """The events, once they are on the disk. clips: one for each, where they are kept."""
        future: asyncio.Future[list[Event]] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait(_Group(new_events, clips, future))
        return future

    async def close(self) -> None:
        """Stop; what isn't recorded by now is not."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._thread.shutdown()

    async def _run(self) -> None:
        while True:
            groups = [await self._waiting.get()]
            while len(groups) < _MOST and not self._waiting.empty():
                groups.append(self._waiting.get_nowait())
            new_events = [new_event for group in groups for new_event in group.new_events]
            clips = [clip for group in groups for clip in group.clips or repeat(None, len(group.new_events))]
            try:
                events = iter(await self._add(new_events, clips))
            except Exception as error:  # no matter of the disk: whoever waits must hear of it
                for group in groups:
                    if not group.kept.cancelled():
                        group.kept.set_exception(error)
                continue
            for group in groups:
                kept = [next(events) for _ in group.new_events]
                if not group.kept.cancelled():
                    group.kept.set_result(kept)
            self.kept.ring()

    async def _add(self, new_events: list[NewEvent], clips: list[Samples | None]) -> list[Event]:
        while True:
            start = time.perf_counter()
            try:
                events = await asyncio.get_running_loop().run_in_executor(
                    self._thread, self._store.add, new_events, clips
                )
            except (OperationalError, InterfaceError, OSError) as error:
                if self.healthy:
                    reason = str(getattr(error, "orig", None) or error)
                    _log.error("events can't be kept; trying again", reason=reason, events=len(new_events))
                self.healthy = False
                await asyncio.sleep(_RETRY)
                continue
            if not self.healthy:
                _log.info("events are kept again")
            self.healthy = True
            self._metrics.commit_seconds.observe(time.perf_counter() - start)
            for new_event in new_events:
                self._metrics.events.labels(new_event.word).inc()
            return events
