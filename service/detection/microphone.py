"""This computer's microphone as a source. If the microphone goes away, wait for it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing

import structlog

from service.detection.hub import Hub
from service.detection.stream import Stream
from service.supervisor import in_thread
from wakeword.audio.microphone import lasting_microphone
from wakeword.errors import WakewordError

NAME = "microphone"
_LEAVE = 3.0  # seconds to wait for PortAudio at the end
_log = structlog.get_logger()


async def run_microphone(hub: Hub, device: str | None) -> None:
    """Push a microphone's samples until cancelled. While it is missing, the source's `trouble` says why.

    Raises:
        Exception: the thread that reads the microphone has failed for another reason.
    """
    async with hub.stream(NAME, "microphone") as stream:
        reader = _Reader(stream, device)
        reading = asyncio.ensure_future(in_thread(NAME, reader.run))  # reading a microphone blocks
        draining = asyncio.ensure_future(_drain(stream))
        try:
            await asyncio.gather(asyncio.shield(reading), draining)
        finally:
            draining.cancel()
            reader.closed.set()
            await asyncio.wait([reading], timeout=_LEAVE)


async def _drain(stream: Stream) -> None:
    """Take the results and drop them: the events are stored, and nobody else waits for them."""
    async for _ in stream.results():
        pass


class _Reader:
    """Reads the microphone, in a thread."""

    def __init__(self, stream: Stream, device: str | None) -> None:
        self.closed = threading.Event()
        self._stream = stream
        self._device = device
        self._loop = asyncio.get_running_loop()

    def run(self) -> None:
        """Push blocks until closed, or until the microphone can't be used at all."""
        try:
            with closing(lasting_microphone(self._device, self._report, insist=True)) as blocks:
                for samples in blocks:
                    if self.closed.is_set():
                        return
                    if len(samples):
                        self._stream.source.trouble = None
                        asyncio.run_coroutine_threadsafe(self._stream.push(samples), self._loop).result()
        except (WakewordError, ModuleNotFoundError) as error:
            self._report(f"{error}; the service runs without it")

    def _report(self, line: str) -> None:
        self._stream.source.trouble = line
        _log.warning("microphone", reason=line)
