"""All streams' engines at work, in rounds: what has come of each stream within a moment, in one call for all.

The call runs in a thread of its own and lets others run meanwhile, so neither requests nor the network wait for an
engine. To hand hundreds of stretches over together costs as much as to hand over one, and a stream that was held up
catches up in a single round, however many messages it has sent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from featurizer.logmel import Samples
from service.detection.stream import Stream
from wakeword.inference.engine import push_all
from wakeword.inference.trace import Trace

# Seconds to wait for further streams, for each that is open: a tenth of 300 come within 10 ms, and save as many
# handovers; a few, which seldom meet, wait for nothing.
_GATHER = 3e-5
_SHORTEST = 1e-3  # seconds: what the event loop can tell from none
_log = structlog.get_logger()


class Batcher:
    """Hears the streams that have something to hear."""

    def __init__(self, take: Callable[[Stream], Samples], heard: Callable[[Stream, Trace], None]) -> None:
        """take: what a stream's engine is to be pushed. heard: is given what came of it."""
        self.streams = 0  # that are open
        self._take = take
        self._heard = heard
        self._joined: list[Stream] = []
        self._some = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "engines")
        self._task = asyncio.create_task(self._run())

    def join(self, stream: Stream) -> None:
        """Let a stream take part in the next round. It has not joined yet."""
        self._joined.append(stream)
        self._some.set()

    async def close(self) -> None:
        """Stop; what waits is not heard any more."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._thread.shutdown()

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            if (pause := self.streams * _GATHER) >= _SHORTEST:
                await asyncio.sleep(pause)
            self._some.clear()
            # One that failed in the last round has joined this one meanwhile, and has nothing left to hear.
            streams, self._joined = [stream for stream in self._joined if stream.waits], []
            try:
                await self._round(streams)
            except Exception as error:
                _log.exception("streams can't be heard any more", streams=len(streams))
                for stream in streams:
                    stream.fail(error)

    async def _round(self, streams: list[Stream]) -> None:
        if not streams:
            return
        blocks = [self._take(stream) for stream in streams]
        engines = [stream.source.engine for stream in streams]
        traces = await asyncio.get_running_loop().run_in_executor(self._thread, push_all, engines, blocks)
        for stream, trace in zip(streams, traces, strict=True):
            self._heard(stream, trace)
