"""A client's stream: its chunks in, a report of each detection out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, nullcontext

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from service.detection.hub import Hub, TooManyStreams
from service.detection.stream import Stream
from service.settings import Limits
from service.store.events import Event
from service.wyoming.audio import AudioFormat, Converter
from service.wyoming.refused import Refused
from service.wyoming.turns import PIECE, Turns
from wakeword.audio.mixing import cancelled_text

_REAL_TIME = 2.0  # seconds ahead or behind that still are real time; audio further ahead waits for its turn
_LEAST_AUDIO = 1 / 60  # of real time, below which a stream counts as silent


class ClientStream:
    """An open stream. `open` must come first, and `finish` or `close` last."""

    def __init__(
        self,
        hub: Hub,
        limits: Limits,
        turns: Turns,
        report: Callable[[Event], Awaitable[bool]],
        warn: Callable[[str, str], None],
    ) -> None:
        """report: sends an event, and returns whether the client has requested its word. warn: logs what, and why."""
        self._hub, self._limits, self._turns, self._report, self._warn = hub, limits, turns, report, warn
        self._loop = asyncio.get_running_loop()
        self._open = AsyncExitStack()
        self._converter: Converter | None = None
        self._samples = 0  # at 16 kHz
        self._started_at = self._waiting_since = self._loop.time()
        self._samples_before = 0  # that had come when the present wait for audio began

    async def open(self) -> None:
        """Begin.

        Raises:
            Refused: the limit of open streams is reached.
        """
        try:
            self._stream: Stream = await self._open.enter_async_context(self._hub.stream("wyoming", "wyoming"))
        except TooManyStreams as error:
            raise Refused("too-many-streams", str(error)) from error
        self._reporting = asyncio.create_task(self._report_detections())
        self._reporting.add_done_callback(self._on_reported)
        self._open.callback(self._reporting.cancel)

    async def push(self, chunk_format: AudioFormat, data: bytes) -> None:
        """Process the audio of a chunk. Wait while the client is too far ahead of real time."""
        if self._converter is None or self._converter.format != chunk_format:
            await self._flush()
            await self._turns.take()
            with self._turns.measured():  # an odd rate needs a long filter
                self._converter = Converter(chunk_format, self._on_cancelled)
        self._started_at = max(self._started_at, self._loop.time() - self._samples / SAMPLE_RATE - _REAL_TIME)
        pieces = self._converter.push(data)
        while True:
            flood = self._seconds_ahead() > _REAL_TIME
            # The other clients' turn, however much this one sends.
            await (self._turns.take(PIECE) if flood else asyncio.sleep(0))
            with self._turns.measured() if flood else nullcontext():
                samples = next(pieces, None)
            if samples is None:
                break
            await self._push(samples)
        if (ahead := self._seconds_ahead() - self._limits.lead_seconds) > 0:
            await asyncio.sleep(ahead)
        enough = _LEAST_AUDIO * self._limits.idle_seconds * SAMPLE_RATE
        if self._samples - self._samples_before >= enough:
            self._samples_before, self._waiting_since = self._samples, self._loop.time()

    def _on_cancelled(self, channel: int) -> None:
        self._warn("a Wyoming client sends channels that cancel out", cancelled_text(channel))

    @property
    def silent(self) -> bool:
        """Return whether it has had next to no audio for too long."""
        return self._loop.time() - self._waiting_since >= self._limits.idle_seconds

    async def finish(self) -> bool:
        """Process what is left, and end the stream. Return whether a detection was reported."""
        await self._flush()
        await self._stream.finish()
        detected = await self._reporting
        await self.close()
        return detected

    async def close(self) -> None:
        """End the stream."""
        await self._open.aclose()

    def _seconds_ahead(self) -> float:
        """Return how far the audio is ahead of real time."""
        return self._samples / SAMPLE_RATE - (self._loop.time() - self._started_at)

    async def _flush(self) -> None:
        if self._converter is not None:
            await self._push(self._converter.finish())

    async def _push(self, samples: Samples) -> None:
        await self._stream.push(samples)
        self._samples += len(samples)

    async def _report_detections(self) -> bool:
        detected = False
        async for result in self._stream.results():
            for event in result.events:
                detected |= await self._report(event)
        return detected

    def _on_reported(self, reporting: asyncio.Task[bool]) -> None:
        """Keep no results for a client that gets no more reports."""
        self._stream.discard_results()
        if not reporting.cancelled():
            reporting.exception()  # `finish` raises it, if that comes; else the connection has ended already
