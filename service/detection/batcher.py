"""Run the engines of all streams in batches, in a thread of their own.

The C call releases Python's global lock, so requests and the network don't wait for an engine. One call for hundreds of
streams has the overhead of one call for a single stream.

A batch is bounded, so that streams which send faster than the clock don't delay those that keep to it. Each stream has
a share of it, and the streams with the fewest waiting samples come first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from service.detection.stream import Stream
from service.supervisor import stop
from wakeword.inference.combined import push_all_combined
from wakeword.inference.trace import Trace

# Seconds to wait for further streams, per open stream. Of 300 streams a tenth comes within 10 ms, which saves as many
# calls. A few streams seldom coincide, so they wait for nothing.
_GATHER = 3e-5
_SHORTEST = 1e-3  # seconds; the event loop can't wait for less
_SHARE = SAMPLE_RATE // 2  # samples of a stream in a batch: what waits of a stream in real time is less
_BATCH = 16 * SAMPLE_RATE  # samples in a batch, about: some 20 ms of a core
_log = structlog.get_logger()


class Batcher:
    """Process the streams that have samples."""

    def __init__(
        self,
        take: Callable[[Stream, int], Samples],
        process: Callable[[Stream, Trace], None],
        room: Callable[[], Awaitable[None]],
    ) -> None:
        """take: returns the samples to push into a stream's engine, of at most so many new ones. process: takes the
        engine's trace of them. room: waits until there is room for the events of a batch."""
        self.open_streams = 0
        self._take = take
        self._process = process
        self._room = room
        self._next_batch: list[Stream] = []
        self._has_streams = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "engines")
        self._task = asyncio.create_task(self._run())

    def add(self, stream: Stream) -> None:
        """Add a stream, which is not in it yet, to the next batch."""
        self._next_batch.append(stream)
        self._has_streams.set()

    async def close(self) -> None:
        """Stop. Samples that wait are not processed."""
        await stop(self._task)
        self._thread.shutdown()

    async def _run(self) -> None:
        while True:
            await self._has_streams.wait()
            if (pause := self.open_streams * _GATHER) >= _SHORTEST:
                await asyncio.sleep(pause)
            await self._room()
            self._has_streams.clear()
            streams = self._choose()
            try:
                await self._run_batch(streams)
            except Exception as error:
                _log.exception("streams failed and were ended", streams=len(streams))
                for stream in streams:
                    stream.fail(error)

    def _choose(self) -> list[Stream]:
        """Return the streams of the next batch. The others stay for the batch after it."""
        # A stream that failed in the last batch may have been added to this one, without any samples.
        waiting = sorted((it for it in self._next_batch if it.has_samples), key=lambda it: it.queued_samples)
        chosen, samples = 0, 0
        while chosen < len(waiting) and samples < _BATCH:
            samples += min(waiting[chosen].queued_samples, _SHARE)
            chosen += 1
        self._next_batch = waiting[chosen:]
        return waiting[:chosen]

    async def _run_batch(self, streams: list[Stream]) -> None:
        if not streams:
            return
        blocks = [self._take(stream, _SHARE) for stream in streams]
        engines = [stream.source.engine for stream in streams]
        # A stream that is in this batch may join the next: what is pushed meanwhile finds it in neither.
        self._next_batch += [stream for stream in streams if stream.has_samples]
        if self._next_batch:
            self._has_streams.set()
        traces = await asyncio.get_running_loop().run_in_executor(self._thread, push_all_combined, engines, blocks)
        for stream, trace in zip(streams, traces, strict=True):
            self._process(stream, trace)
