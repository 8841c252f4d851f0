"""Cut the audio around each event out of its stream: its word and a little more.

The part that is available when the event is raised is stored with the event. The whole clip replaces it a moment later.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import anyio
import structlog

from featurizer.logmel import Samples
from service.detection.audio_history import AudioHistory
from service.store.events import Event, EventStore
from service.supervisor import stop
from wakeword.data.event_clip import AFTER

_MAX_CLIPS = 100  # in one transaction
MAX_WAITING = 500  # whole clips, 16 MB for short words, 70 MB at most; beyond that the partial clips stay
_LEAVE = 3.0  # seconds to write clips when the service ends
_log = structlog.get_logger()


class ClipWriter:
    """Replaces partial clips by whole ones, without delaying any stream."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._waiting: asyncio.Queue[tuple[int, Samples]] = asyncio.Queue(MAX_WAITING)
        self._task = asyncio.create_task(self._run())

    def write(self, stored: asyncio.Future[list[Event]], number: int, samples: Samples) -> None:
        """Write the whole clip of event `number` of these, once they are stored. Drop it if too many clips wait."""

        def queue(stored: asyncio.Future[list[Event]]) -> None:
            if not (stored.cancelled() or stored.exception() or self._waiting.full()):
                self._waiting.put_nowait((stored.result()[number].id, samples))

        stored.add_done_callback(queue)

    async def close(self) -> None:
        """Write the clips that wait, and stop. If that takes long, leave the rest partial."""
        with anyio.move_on_after(_LEAVE):
            await self._waiting.join()
        await stop(self._task)

    async def _run(self) -> None:
        while True:
            clips = [await self._waiting.get()]
            while len(clips) < _MAX_CLIPS and not self._waiting.empty():
                clips.append(self._waiting.get_nowait())
            try:
                await asyncio.to_thread(self._store.replace_clips, dict(clips))
            except Exception as error:  # a full disk, a database that is away: the partial clips are stored already
                _log.warning(
                    "whole clips can't be written; the partial clips stay", reason=str(error), clips=len(clips)
                )
            for _ in clips:
                self._waiting.task_done()


class _Due(NamedTuple):
    stored: asyncio.Future[list[Event]]
    number: int  # of the event among these
    position: int  # end of the event's frame, in samples
    before: int  # samples to keep before that


class ClipCutter:
    """Cuts the clips of one stream."""

    def __init__(self, writer: ClipWriter) -> None:
        self._writer = writer
        self._due: list[_Due] = []

    def partial(self, history: AudioHistory, position: int, before: int) -> Samples:
        """Return the clip around a position, as far as its samples are known."""
        return history.between(position - before, position + AFTER)

    def expect(self, stored: asyncio.Future[list[Event]], positions: list[int], before: list[int]) -> None:
        """Schedule the whole clips of events at these positions, in order, which are being stored. before: samples to
        keep before each."""
        for number, its in enumerate(zip(positions, before, strict=True)):
            self._due.append(_Due(stored, number, *its))

    def cut(self, history: AudioHistory, ended: bool = False) -> None:
        """Cut the clips that are complete, or all clips if the stream has ended."""
        while self._due and (ended or self._due[0].position + AFTER <= history.position):
            due = self._due.pop(0)
            self._writer.write(due.stored, due.number, self.partial(history, due.position, due.before))
