"""Store the events of all streams, many in one transaction: the disk takes no longer for a hundred than for one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import NamedTuple

import structlog

from featurizer.logmel import Samples
from service.metrics import Metrics
from service.notifier import Notifier
from service.store.events import Event, EventStore, NewEvent
from service.store.trouble import Trouble, trouble_of
from service.supervisor import stop

_MAX_GROUPS = 500  # in one transaction
_RETRY = 1.0  # seconds
MAX_WAITING = 1000  # events that wait for the disk, 32 MB of clips; beyond that `room` waits
_log = structlog.get_logger()


class _Group(NamedTuple):
    new_events: Sequence[NewEvent]
    clips: Sequence[Samples]  # none, or one for each event
    stored: asyncio.Future[list[Event]]


class Recorder:
    """Store events in the order of `record`. While the disk is full or the database away, keep trying.

    Who records waits for `room` first, so that the events which wait for the disk don't fill the memory.
    """

    def __init__(self, store: EventStore, metrics: Metrics) -> None:
        self.stored = Notifier()  # notifies when events were stored
        self.trouble: Trouble | None = None  # why events can't be stored at present
        self._store = store
        self._metrics = metrics
        self._waiting: asyncio.Queue[_Group] = asyncio.Queue()  # `room` bounds it
        self._unstored = 0  # events
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._thread = ThreadPoolExecutor(1, "recorder")  # its own: events don't queue behind uploads and queries
        self._task = asyncio.create_task(self._run())

    def record(self, new_events: Sequence[NewEvent], clips: Sequence[Samples] = ()) -> asyncio.Future[list[Event]]:
        """Return a future of the stored events, done once they are on the disk. clips: none, or one for each event."""
        future: asyncio.Future[list[Event]] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait(_Group(new_events, clips, future))
        self._count_unstored(len(new_events))
        return future

    async def room(self) -> None:
        """Wait while `MAX_WAITING` events or more are not stored yet."""
        await self._has_room.wait()

    def _count_unstored(self, change: int) -> None:
        self._unstored += change
        if self._unstored < MAX_WAITING:
            self._has_room.set()
        else:
            self._has_room.clear()

    async def close(self) -> None:
        """Stop. Events that are not stored by now are lost."""
        await stop(self._task)
        self._thread.shutdown()

    async def _run(self) -> None:
        while True:
            groups = [await self._waiting.get()]
            while len(groups) < _MAX_GROUPS and not self._waiting.empty():
                groups.append(self._waiting.get_nowait())
            new_events = [new_event for group in groups for new_event in group.new_events]
            clips = [clip for group in groups for clip in group.clips or repeat(None, len(group.new_events))]
            try:
                events = iter(await self._add(new_events, clips))
            except Exception as error:  # not the disk's or the database's fault: raise it at the caller of `record`
                self._count_unstored(-len(new_events))
                for group in groups:
                    if not group.stored.cancelled():
                        group.stored.set_exception(error)
                continue
            self._count_unstored(-len(new_events))
            for group in groups:
                stored = [next(events) for _ in group.new_events]
                if not group.stored.cancelled():
                    group.stored.set_result(stored)
            self.stored.notify()

    async def _add(self, new_events: list[NewEvent], clips: list[Samples | None]) -> list[Event]:
        loop = asyncio.get_running_loop()
        while True:
            start = time.perf_counter()
            try:
                events = await loop.run_in_executor(self._thread, self._store.add, new_events, clips)
            except Exception as error:
                trouble = trouble_of(error, self._store.folder)
                if trouble is None:
                    raise
                if self.trouble is None:
                    _log.error("events can't be stored; trying again", reason=trouble.reason, events=len(new_events))
                self.trouble = trouble
                await asyncio.sleep(_RETRY)
                continue
            if self.trouble is not None:
                _log.info("events are stored again")
            self.trouble = None
            self._metrics.commit_seconds.observe(time.perf_counter() - start)
            for new_event in (it for it in new_events if not it.of_candidate):
                self._metrics.count_event(new_event.word, new_event.model)
            return events
