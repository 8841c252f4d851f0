"""Cutting the second around an event out of its stream, a moment later, when all of it was heard."""

from __future__ import annotations

import asyncio
import contextlib
from typing import NamedTuple

import structlog

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from service.hearing.history import History
from service.store.clips import ClipFolder
from service.store.events import EventStore

_BEFORE, _AFTER = SAMPLE_RATE * 4 // 5, SAMPLE_RATE // 5  # samples around the end of the event's frame
_MOST = 100  # clips a transaction
_log = structlog.get_logger()


class ClipKeeper:
    """Writes clips one after the other, beside the hearing: no stream waits for a clip."""

    def __init__(self, folder: ClipFolder, store: EventStore) -> None:
        self._folder = folder
        self._store = store
        self._waiting: asyncio.Queue[tuple[int, Samples]] = asyncio.Queue()
        self._task = asyncio.create_task(self._run())

    def keep(self, event: int, samples: Samples) -> None:
        """Keep an event's clip, soon."""
        self._waiting.put_nowait((event, samples))

    async def close(self) -> None:
        """Keep what is still waiting, and end."""
        await self._waiting.join()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        while True:
            clips = [await self._waiting.get()]
            while len(clips) < _MOST and not self._waiting.empty():
                clips.append(self._waiting.get_nowait())
            try:
                await asyncio.to_thread(self._write, clips)
            except Exception as error:  # a full disk, a database that is away: the events are kept nevertheless
                _log.warning("clips can't be kept", reason=str(error), clips=len(clips))
            for _ in clips:
                self._waiting.task_done()

    def _write(self, clips: list[tuple[int, Samples]]) -> None:
        """The files first, then the word that they are there; without their events they are swept away some day."""
        self._store.set_clips({event: self._folder.write(event, samples) for event, samples in clips})


class _Due(NamedTuple):
    event: int
    position: int  # the end of the event's frame


class Clipper:
    """The clips of one stream."""

    def __init__(self, keeper: ClipKeeper) -> None:
        self._keeper = keeper
        self._due: list[_Due] = []

    def want(self, event: int, position: int) -> None:
        """Ask for the second around a position in the stream."""
        self._due.append(_Due(event, position))

    def cut(self, history: History, ended: bool = False) -> None:
        """Keep what is due by now; all of it, when the stream has ended."""
        while self._due and (ended or self._due[0].position + _AFTER <= history.position):
            due = self._due.pop(0)
            self._keeper.keep(due.event, history.between(due.position - _BEFORE, due.position + _AFTER))
