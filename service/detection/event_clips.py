"""Cutting the second around an event out of its stream: as far as it was heard at once, and whole a moment later."""

from __future__ import annotations

import asyncio
import contextlib
from typing import NamedTuple

import structlog

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from service.detection.audio_history import AudioHistory
from service.store.events import Event, EventStore

_BEFORE, _AFTER = SAMPLE_RATE * 4 // 5, SAMPLE_RATE // 5  # samples around the end of the event's frame
_MOST = 100  # clips a transaction
_WAITING = 500  # clips, 16 MB; where more would wait, the shorter ones that came with the events stay
_log = structlog.get_logger()


class ClipWriter:
    """Puts whole clips in the place of those that came with their events, beside the hearing: no stream waits."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._waiting: asyncio.Queue[tuple[int, Samples]] = asyncio.Queue(_WAITING)
        self._task = asyncio.create_task(self._run())

    def keep(self, kept: asyncio.Future[list[Event]], number: int, samples: Samples) -> None:
        """Put the whole clip of one of these events in place soon after they are kept; not where the disk is too far
        behind."""

        def queue(kept: asyncio.Future[list[Event]]) -> None:
            if not (kept.cancelled() or kept.exception() or self._waiting.full()):
                self._waiting.put_nowait((kept.result()[number].id, samples))

        kept.add_done_callback(queue)

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
                await asyncio.to_thread(self._store.replace_clips, dict(clips))
            except Exception as error:  # a full disk, a database that is away: the shorter clips are kept already
                _log.warning("clips can't be made whole", reason=str(error), clips=len(clips))
            for _ in clips:
                self._waiting.task_done()


class _Due(NamedTuple):
    kept: asyncio.Future[list[Event]]
    number: int  # of the event among these
    position: int  # the end of the event's frame


class ClipCutter:
    """The clips of one stream."""

    def __init__(self, keeper: ClipWriter) -> None:
        self._keeper = keeper
        self._due: list[_Due] = []

    def so_far(self, history: AudioHistory, position: int) -> Samples:
        """The second around a position in the stream, as far as it was heard."""
        return history.between(position - _BEFORE, position + _AFTER)

    def want(self, kept: asyncio.Future[list[Event]], positions: list[int]) -> None:
        """Ask for the whole clips of events at these positions, which are about to be kept."""
        self._due += [_Due(kept, number, position) for number, position in enumerate(positions)]

    def cut(self, history: AudioHistory, ended: bool = False) -> None:
        """Cut what is due by now, before it is forgotten; all of it, when the stream has ended."""
        while self._due and (ended or self._due[0].position + _AFTER <= history.position):
            due = self._due.pop(0)
            self._keeper.keep(due.kept, due.number, self.so_far(history, due.position))
