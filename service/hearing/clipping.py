"""Cutting the second around an event out of its stream, a moment later, when all of it was heard."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from service.hearing.history import History
from service.store.clips import ClipFolder
from service.store.events import EventStore
from wakeword.errors import WakewordError

_BEFORE, _AFTER = SAMPLE_RATE * 4 // 5, SAMPLE_RATE // 5  # samples around the end of the event's frame
_log = structlog.get_logger()


@dataclass(frozen=True)
class _Due:
    event: int
    position: int  # the end of the event's frame


class Clipper:
    """The clips of one stream."""

    def __init__(self, folder: ClipFolder, store: EventStore) -> None:
        self._folder = folder
        self._store = store
        self._due: list[_Due] = []

    def want(self, event: int, position: int) -> None:
        """Ask for the second around a position in the stream."""
        self._due.append(_Due(event, position))

    async def cut(self, history: History, ended: bool = False) -> None:
        """Keep what is due by now; all of it, when the stream has ended."""
        if not self._due:
            return
        ripe = [due for due in self._due if ended or due.position + _AFTER <= history.position]
        self._due = [due for due in self._due if due not in ripe]
        for due in ripe:
            samples = history.between(due.position - _BEFORE, due.position + _AFTER)
            await asyncio.to_thread(self._keep, due.event, samples)

    def _keep(self, event: int, samples: Samples) -> None:
        """The file first, then the word that it is there; without its event it is swept away some day."""
        try:
            size = self._folder.write(event, samples)
        except WakewordError as error:
            _log.warning("a clip can't be kept", event_id=event, reason=str(error))
            return
        self._store.set_clip(event, size)
