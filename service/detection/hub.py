"""All open streams: their engines' setup, their detections and their followers."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import anyio
import structlog

from featurizer import SAMPLE_RATE
from service.detection.batcher import Batcher
from service.detection.event_clips import ClipCutter, ClipWriter
from service.detection.recorder import Recorder
from service.detection.score_history import EndedHistories, ScoreHistory
from service.detection.setup import Setup
from service.detection.source import Detection, ProcessedBlock, Source
from service.detection.stream import Stream
from service.detection.tuning import TunedModel
from service.metrics import Metrics
from service.store.events import Event, NewEvent
from wakeword.errors import WakewordError
from wakeword.inference.trace import Trace
from wakeword.text import composed, is_letter

FOLLOWED = 50  # blocks that wait for a slow follower; beyond that it misses the oldest
_LEAVE = 5.0  # seconds to wait for the disk when a stream ends
_ALSO = "_ .-"  # in the name of a source, beside letters
_log = structlog.get_logger()


class TooManyStreams(WakewordError):
    """Report that the limit of open streams is reached."""


class Hub:
    """All open sources, and the setup of their engines. An event is stored before anyone is told of it."""

    def __init__(
        self,
        recorder: Recorder,
        setup: Setup,
        metrics: Metrics,
        clip_writer: ClipWriter | None = None,
        max_streams: int = 400,
    ) -> None:
        """clip_writer: None keeps no clips."""
        self.candidate_samples: Counter[str] = Counter()  # that a candidate has heard, by its name
        self.setup = setup  # a new one applies from each stream's next block on
        self.sources: dict[str, Source] = {}
        self._ended = EndedHistories()
        self._recorder = recorder
        self._metrics = metrics
        self._clip_writer = clip_writer
        self._cutters: dict[str, ClipCutter] = {}
        self._followers: dict[str, set[asyncio.Queue[ProcessedBlock]]] = {}
        self._max_streams = max_streams
        self._leaving: set[anyio.CancelScope] = set()  # of streams that end
        self._closed = False
        self._batcher = Batcher(lambda stream, most: stream.take(self.setup, most), self._process, recorder.room)

    async def close(self) -> None:
        """Stop processing. Streams that end, now or later, wait for nothing any more."""
        self._closed = True
        await self._batcher.close()
        for leaving in self._leaving:
            leaving.cancel()

    @asynccontextmanager
    async def stream(self, name: str, kind: str, levels: bool = False) -> AsyncIterator[Stream]:
        """Open a source for the length of the block. If its name is taken, append a number.

        levels: as for `Stream`.

        Raises:
            TooManyStreams: the limit of open streams is reached.
        """
        if len(self.sources) >= self._max_streams:
            raise TooManyStreams(f"all {self._max_streams} streams are in use; end one, or try again later")
        source = Source(self._free_name(name or kind), kind, self.setup)
        stream = Stream(source, levels, self._batcher.add)
        self.sources[source.name] = source
        self._count_streams()
        if self._clip_writer is not None:
            self._cutters[source.name] = ClipCutter(self._clip_writer)
        try:
            yield stream
        finally:
            try:
                await self._finish(stream)
            finally:
                del self.sources[source.name]
                for model, history in source.score_histories.items():
                    self._ended.add(model, history, time.monotonic())
                self._count_streams()
                if cutter := self._cutters.pop(source.name, None):
                    cutter.cut(source.history, ended=True)

    async def _finish(self, stream: Stream) -> None:
        """Wait until a stream's events are stored, but not for ever."""
        with anyio.move_on_after(0 if self._closed else _LEAVE) as leaving:
            self._leaving.add(leaving)
            try:
                await stream.finish()
            finally:
                self._leaving.discard(leaving)
        if leaving.cancelled_caught:
            _log.warning("a stream ended before its events were stored", source=stream.source.name)

    async def report(self, source: Source, detection: Detection) -> Event:
        """Store a detection that was made elsewhere, such as on a board."""
        new_event = _new_event(source, detection, time.time())
        await self._recorder.room()
        (event,) = await self._recorder.record([new_event])
        return event

    def score_histories(self, part: TunedModel) -> list[tuple[ScoreHistory, float]]:
        """Return a model's score histories of open and ended sources, with the seconds since each ended."""
        current = [source.score_histories.get(part.key) for source in tuple(self.sources.values())]
        open_now = [(history, 0.0) for history in current if history is not None]
        return open_now + self._ended.of(part.key, time.monotonic())

    @contextmanager
    def follow(self, name: str) -> Iterator[asyncio.Queue[ProcessedBlock]]:
        """Return a queue of a source's blocks from now on. A follower that doesn't keep up misses the oldest."""
        queue: asyncio.Queue[ProcessedBlock] = asyncio.Queue(FOLLOWED)
        self._followers.setdefault(name, set()).add(queue)
        try:
            yield queue
        finally:
            self._followers[name].discard(queue)
            if not self._followers[name]:
                del self._followers[name]

    def _process(self, stream: Stream, trace: Trace) -> None:
        """Process a stream's samples by their engine's trace."""
        source = stream.source
        block = stream.process(trace, lambda block: self._store_events(stream, block))
        self._metrics.samples.inc(len(block.samples))
        if (candidate := block.setup.candidate) is not None:
            self.candidate_samples[candidate.name] += len(block.samples)
        if cutter := self._cutters.get(source.name):
            cutter.cut(source.history)
        for follower in self._followers.get(source.name, ()):
            if follower.full():
                follower.get_nowait()
            follower.put_nowait(block)

    def _store_events(self, stream: Stream, block: ProcessedBlock) -> asyncio.Future[list[Event]]:
        """Begin to store a block's events, each with the available part of its clip."""
        source = stream.source
        # The block's last sample was received at `received_at`; a detection lies some samples before it.
        new_events = [
            _new_event(source, found, stream.received_at - (block.position - found.position) / SAMPLE_RATE, block.setup)
            for found in block.detections
        ]
        cutter = self._cutters.get(source.name)
        if cutter is None:
            return self._recorder.record(new_events)
        positions = [found.position for found in block.detections]
        before = [block.setup.samples_before[found.model] for found in block.detections]
        clips = [cutter.partial(source.history, *its) for its in zip(positions, before, strict=True)]
        stored = self._recorder.record(new_events, clips)
        cutter.expect(stored, positions, before)
        return stored

    def _count_streams(self) -> None:
        self._batcher.open_streams = len(self.sources)
        self._metrics.streams.set(len(self.sources))

    def _free_name(self, wanted: str) -> str:
        kept = "".join(each for each in composed(wanted) if is_letter(each) or each in _ALSO)
        name = kept[:60].strip() or "stream"
        number, free = 1, name
        while free in self.sources:
            number += 1
            free = f"{name} {number}"
        return free


def _new_event(source: Source, found: Detection, at: float, setup: Setup | None = None) -> NewEvent:
    """Return the event of a detection. at: seconds since 1970. setup: that has made it, if it was made here."""
    candidate = None
    if setup is not None and setup.candidate is not None and found.model in setup.compared:
        candidate = setup.candidate.name
    own = (source.name, found.word, found.score, found.time, found.frame, found.model)
    return NewEvent(at, *own, candidate=candidate)
