"""Where all streams meet: each has an engine of its own, and every event is on the disk before anyone hears of it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from service.hearing.clipping import ClipKeeper, Clipper
from service.hearing.recorder import Recorder
from service.hearing.source import Detection, Heard, Source
from service.hearing.tuning import Setup
from service.metrics import Metrics
from service.store.events import Draft, Event
from wakeword.errors import WakewordError

_BLOCK = SAMPLE_RATE // 2  # samples that an engine gets at a time, so that no stream holds the others up
_FOLLOWED = 50  # blocks that wait for a slow follower, after which it misses some
_NAME = re.compile(r"[^\w .-]")


class TooManyStreams(WakewordError):
    """There is room for no further stream."""


@dataclass(frozen=True)
class Outcome:
    """A block as it was heard, and the events that are now kept of it."""

    heard: Heard
    events: list[Event]


class Hub:
    """All sources that are open, and the setup that their engines follow."""

    def __init__(
        self,
        recorder: Recorder,
        setup: Setup,
        metrics: Metrics,
        keeper: ClipKeeper | None = None,
        most: int = 400,
    ) -> None:
        """keeper: of clips; None keeps none. most: streams at a time."""
        self.setup = setup  # another one is followed from each stream's next block on
        self.sources: dict[str, Source] = {}
        self._recorder = recorder
        self._metrics = metrics
        self._keeper = keeper
        self._clippers: dict[str, Clipper] = {}
        self._followers: dict[str, set[asyncio.Queue[Heard]]] = {}
        self._most = most

    @asynccontextmanager
    async def stream(self, name: str, kind: str) -> AsyncIterator[Source]:
        """A source that is open for the length of the block. If another has its name, it gets a number.

        Raises:
            TooManyStreams: there is no room for it.
        """
        if len(self.sources) >= self._most:
            raise TooManyStreams(f"{self._most} streams are open, which is all that this service takes")
        source = Source(self._free_name(name or kind), kind, self.setup)
        self.sources[source.name] = source
        self._metrics.streams.inc()
        if self._keeper is not None:
            self._clippers[source.name] = Clipper(self._keeper)
        try:
            yield source
        finally:
            self._metrics.streams.dec()
            del self.sources[source.name]
            if clipper := self._clippers.pop(source.name, None):
                clipper.cut(source.history, ended=True)

    async def hear(self, source: Source, samples: Samples) -> list[Outcome]:
        """Push samples of any number through the source's engine. One call at a time for each source."""
        outcomes = []
        for start in range(0, len(samples), _BLOCK):
            heard = await self._hear(source, samples[start : start + _BLOCK])
            events = await self._record(source, heard) if heard.detections else []
            if clipper := self._clippers.get(source.name):
                clipper.cut(source.history)
            outcomes.append(Outcome(heard, events))
        return outcomes

    async def examine(self, samples: Samples, source: Source) -> list[Detection]:
        """What a source hears in a block, without keeping it."""
        found: list[Detection] = []
        for start in range(0, len(samples), _BLOCK):
            found += (await self._hear(source, samples[start : start + _BLOCK])).detections
        return found

    async def report(self, source: Source, found: Detection) -> Event:
        """Keep what was just detected elsewhere, such as on a board."""
        draft = Draft(time.time(), source.name, found.word, found.score, found.time, found.frame, found.model)
        (event,) = await self._recorder.record([draft])
        return event

    async def _hear(self, source: Source, samples: Samples) -> Heard:
        await asyncio.sleep(0)  # the others' turn
        # Here and now: to hand a block over to another thread costs more than its engine, which takes 0.1 ms.
        heard = source.hear(samples, self.setup)
        self._metrics.samples.inc(len(samples))
        for follower in self._followers.get(source.name, ()):
            if follower.full():
                follower.get_nowait()
            follower.put_nowait(heard)
        return heard

    @contextmanager
    def follow(self, name: str) -> Iterator[asyncio.Queue[Heard]]:
        """All that a source hears from now on, as it hears it; whoever doesn't keep up misses the oldest."""
        queue: asyncio.Queue[Heard] = asyncio.Queue(_FOLLOWED)
        self._followers.setdefault(name, set()).add(queue)
        try:
            yield queue
        finally:
            self._followers[name].discard(queue)
            if not self._followers[name]:
                del self._followers[name]

    async def _record(self, source: Source, heard: Heard) -> list[Event]:
        now = time.time()
        events = await self._recorder.record([_draft(source, heard, found, now) for found in heard.detections])
        if clipper := self._clippers.get(source.name):
            for event, found in zip(events, heard.detections, strict=True):
                clipper.want(event.id, found.position)
        return events

    def _free_name(self, wanted: str) -> str:
        name = _NAME.sub("", wanted)[:60].strip() or "stream"
        number, free = 1, name
        while free in self.sources:
            number += 1
            free = f"{name} {number}"
        return free


def _draft(source: Source, heard: Heard, found: Detection, now: float) -> Draft:
    """now: when the block's last sample was heard, in seconds since 1970."""
    at = now - (heard.position - found.position) / SAMPLE_RATE
    return Draft(at, source.name, found.word, found.score, found.time, found.frame, found.model)
