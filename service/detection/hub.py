"""Where all streams meet: each has an engine of its own, and every event is on the disk before anyone hears of it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import anyio
import structlog

from featurizer import SAMPLE_RATE
from service.detection.batcher import Batcher
from service.detection.event_clips import ClipCutter, ClipWriter
from service.detection.recorder import Recorder
from service.detection.score_history import EndedHistories, ScoreHistory
from service.detection.source import Detection, ProcessedBlock, Source
from service.detection.stream import Stream
from service.detection.tuning import Setup
from service.metrics import Metrics
from service.store.events import Event, NewEvent
from wakeword.errors import WakewordError
from wakeword.inference.trace import Trace

_FOLLOWED = 50  # blocks that wait for a slow follower, after which it misses some
_LEAVE = 5.0  # seconds to wait for the disk when a stream ends
_NAME = re.compile(r"[^\w .-]")
_log = structlog.get_logger()


class TooManyStreams(WakewordError):
    """There is room for no further stream."""


class Hub:
    """All sources that are open, and the setup that their engines follow."""

    def __init__(
        self,
        recorder: Recorder,
        setup: Setup,
        metrics: Metrics,
        keeper: ClipWriter | None = None,
        most: int = 400,
    ) -> None:
        """keeper: of clips; None keeps none. most: streams at a time."""
        self.setup = setup  # another one is followed from each stream's next block on
        self.sources: dict[str, Source] = {}
        self._ended = EndedHistories()
        self._recorder = recorder
        self._metrics = metrics
        self._keeper = keeper
        self._clippers: dict[str, ClipCutter] = {}
        self._followers: dict[str, set[asyncio.Queue[ProcessedBlock]]] = {}
        self._most = most
        self._rounds = Batcher(lambda stream: stream.take(self.setup), self._heard)

    async def close(self) -> None:
        """Hear no more."""
        await self._rounds.close()

    @asynccontextmanager
    async def stream(self, name: str, kind: str, levels: bool = False) -> AsyncIterator[Stream]:
        """A source that is open for the length of the block. If another has its name, it gets a number.

        levels: as for `Stream`.

        Raises:
            TooManyStreams: there is no room for it.
        """
        if len(self.sources) >= self._most:
            raise TooManyStreams(f"{self._most} streams are open, which is all that this service takes")
        source = Source(self._free_name(name or kind), kind, self.setup)
        stream = Stream(source, levels, self._rounds.join)
        self.sources[source.name] = source
        self._count_streams()
        if self._keeper is not None:
            self._clippers[source.name] = ClipCutter(self._keeper)
        try:
            yield stream
        finally:
            try:
                with anyio.move_on_after(_LEAVE) as leaving:
                    await stream.finish()
                if leaving.cancelled_caught:
                    _log.warning("a stream has ended before its events were kept", source=source.name)
            finally:
                del self.sources[source.name]
                self._ended.add(source.setup.model_name, source.trail, time.monotonic())
                self._count_streams()
                if clipper := self._clippers.pop(source.name, None):
                    clipper.cut(source.history, ended=True)

    async def report(self, source: Source, found: Detection) -> Event:
        """Keep what was just detected elsewhere, such as on a board."""
        new_event = NewEvent(time.time(), source.name, found.word, found.score, found.time, found.frame, found.model)
        (event,) = await self._recorder.record([new_event])
        return event

    def trails(self, model: str) -> list[tuple[ScoreHistory, float]]:
        """The last hour's scores of each source that a model hears or has heard, and how many seconds ago it ended."""
        heard = [source for source in tuple(self.sources.values()) if source.setup.model_name == model]
        return [(source.trail, 0.0) for source in heard] + self._ended.of(model, time.monotonic())

    @contextmanager
    def follow(self, name: str) -> Iterator[asyncio.Queue[ProcessedBlock]]:
        """All that a source hears from now on, as it hears it; whoever doesn't keep up misses the oldest."""
        queue: asyncio.Queue[ProcessedBlock] = asyncio.Queue(_FOLLOWED)
        self._followers.setdefault(name, set()).add(queue)
        try:
            yield queue
        finally:
            self._followers[name].discard(queue)
            if not self._followers[name]:
                del self._followers[name]

    def _heard(self, stream: Stream, trace: Trace) -> None:
        """A stream's turn is over."""
        source = stream.source
        heard = stream.heard(trace, lambda heard: self._keep(stream, heard))
        self._metrics.samples.inc(len(heard.samples))
        if clipper := self._clippers.get(source.name):
            clipper.cut(source.history)
        for follower in self._followers.get(source.name, ()):
            if follower.full():
                follower.get_nowait()
            follower.put_nowait(heard)

    def _keep(self, stream: Stream, heard: ProcessedBlock) -> asyncio.Future[list[Event]]:
        """Have its events put down, each with what is known of its clip; the rest of that is cut when it was heard."""
        source = stream.source
        new_events = [_draft(source, heard, found, stream.came) for found in heard.detections]
        clipper = self._clippers.get(source.name)
        if clipper is None:
            return self._recorder.record(new_events)
        positions = [found.position for found in heard.detections]
        kept = self._recorder.record(new_events, [clipper.so_far(source.history, position) for position in positions])
        clipper.want(kept, positions)
        return kept

    def _count_streams(self) -> None:
        self._rounds.streams = len(self.sources)
        self._metrics.streams.set(len(self.sources))

    def _free_name(self, wanted: str) -> str:
        name = _NAME.sub("", wanted)[:60].strip() or "stream"
        number, free = 1, name
        while free in self.sources:
            number += 1
            free = f"{name} {number}"
        return free


def _draft(source: Source, heard: ProcessedBlock, found: Detection, came: float) -> NewEvent:
    """came: when the last of the samples did, in seconds since 1970."""
    at = came - (heard.position - found.position) / SAMPLE_RATE
    return NewEvent(at, source.name, found.word, found.score, found.time, found.frame, found.model)
