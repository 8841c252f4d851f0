"""An open source: a queue of samples to process, and a queue of results for the stream's owner."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from service.detection.setup import Setup
from service.detection.source import ProcessedBlock, Source
from service.store.events import Event
from wakeword.inference.trace import Trace

_MAX_QUEUED = 4 * SAMPLE_RATE  # samples waiting to be processed; beyond that `push` waits
_MAX_PIECES = 100  # in which they wait; more are joined, since each takes some memory of its own
_MAX_RESULTS = 8  # with events, waiting for their reader or for the disk; each holds its block
_MAX_LEVELS = 4  # results without events that wait; beyond that their reader misses the oldest

StoredEvents = asyncio.Future[list[Event]]
_Item = tuple[ProcessedBlock, StoredEvents | None] | None


@dataclass(frozen=True)
class Result:
    """A processed block and its stored events."""

    block: ProcessedBlock
    events: list[Event]


class Stream:
    """The two ends of a source: its owner pushes samples and reads results, the hub processes the samples."""

    def __init__(self, source: Source, levels: bool, enqueue: Callable[[Stream], None]) -> None:
        """levels: give a result for every block, not only for those with events. enqueue: puts the stream into the
        next batch."""
        self.source = source
        self.received_at = 0.0  # when the last samples were pushed, in seconds since 1970
        self.levels = levels
        self._enqueue = enqueue
        self.queued_samples = 0
        self._queued: deque[Samples] = deque()
        self._in_batch: Samples | None = None  # being processed
        self._unstored = 0  # results whose events are not stored yet
        self._results = _Results()
        self._changed = asyncio.Event()
        self._failure: Exception | None = None
        self._discards_results = False

    @property
    def has_samples(self) -> bool:
        """Return whether samples wait to be processed."""
        return bool(self._queued)

    async def push(self, samples: Samples) -> None:
        """Queue int16 samples at 16 kHz, (n,). Wait while too many samples or results are queued.

        Raises:
            Exception: the engine has failed.
        """
        for start in range(0, len(samples), _MAX_QUEUED):
            if self._failure is not None:
                raise self._failure
            piece = samples[start : start + _MAX_QUEUED]
            if not self._queued:
                self._enqueue(self)
            self._queued.append(piece)
            if len(self._queued) > _MAX_PIECES:
                joined = np.concatenate(self._queued)
                self._queued.clear()
                self._queued.append(joined)
            self.queued_samples += len(piece)
            self.received_at = time.time()
            while self.queued_samples > _MAX_QUEUED or (
                self._results.with_events > _MAX_RESULTS and not self._discards_results
            ):
                await self._wait_for_change()

    async def finish(self) -> None:
        """Wait until all samples are processed and their events stored; then end the results."""
        while self.queued_samples or self._in_batch is not None or self._unstored:
            await self._wait_for_change()
        self._results.put(None)

    async def results(self) -> AsyncIterator[Result]:
        """Yield the results in order, each after its events are stored. A slow reader misses results without events.
        The events of a candidate are left out.

        Raises:
            Exception: the engine has failed.
        """
        while (item := await self._results.get()) is not None:
            block, stored = item
            events = [] if stored is None else await asyncio.shield(stored)
            self._changed.set()
            yield Result(block, [event for event in events if not event.of_candidate])
        if self._failure is not None:
            raise self._failure

    def discard_results(self) -> None:
        """Stop waiting for a reader of the results: there is none any more."""
        self._discards_results = True
        self._changed.set()

    def take(self, setup: Setup, most: int) -> Samples:
        """Take queued samples into the batch, at most so many; return the samples to push into the engine. `process`
        must follow."""
        pieces, taken = [], 0
        while self._queued and taken < most:
            piece = self._queued.popleft()
            if len(piece) > most - taken:
                self._queued.appendleft(piece[most - taken :])
                piece = piece[: most - taken]
            pieces.append(piece)
            taken += len(piece)
        self.queued_samples -= taken
        self._in_batch = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
        return self.source.prepare(self._in_batch, setup)

    def process(self, trace: Trace, store: Callable[[ProcessedBlock], StoredEvents]) -> ProcessedBlock:
        """Process the samples of the batch by their engine's trace. store: begins to store a block's events."""
        assert self._in_batch is not None
        block = self.source.process(self._in_batch, trace)
        self._in_batch = None
        stored = store(block) if block.detections else None
        if stored is not None:
            self._unstored += 1
            stored.add_done_callback(self._on_stored)
        if (stored is not None or self.levels) and not self._discards_results:
            self._results.put((block, stored))
        self._changed.set()
        return block

    def fail(self, error: Exception) -> None:
        """Drop the queued samples, and raise the error at the stream's owner."""
        self._failure, self._in_batch = error, None
        self._queued.clear()
        self.queued_samples = 0
        self._results.put(None)
        self._changed.set()

    def _on_stored(self, stored: StoredEvents) -> None:
        self._unstored -= 1
        self._changed.set()

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()


class _Results:
    """A queue of results that never keeps a stream waiting for the reader of its levels."""

    def __init__(self) -> None:
        self.with_events = 0
        self._items: deque[_Item] = deque()
        self._has_items = asyncio.Event()

    def put(self, item: _Item) -> None:
        """Append a result, or None for the end."""
        self._items.append(item)
        if item is None:
            pass
        elif item[1] is not None:
            self.with_events += 1
        elif len(self._items) - self.with_events > _MAX_LEVELS:
            del self._items[next(at for at, kept in enumerate(self._items) if kept is not None and kept[1] is None)]
        self._has_items.set()

    async def get(self) -> _Item:
        """Remove and return the oldest item."""
        while not self._items:
            self._has_items.clear()
            await self._has_items.wait()
        item = self._items.popleft()
        if item is not None and item[1] is not None:
            self.with_events -= 1
        return item
