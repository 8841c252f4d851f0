"""The microphone of this computer as a source, which comes back when the microphone does."""

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
    """Hear it until cancelled. While there is none, the source says why, and the service does everything else.

    Raises:
        Exception: it can't be heard any more for a reason that is no matter of the device.
    """
    async with hub.stream(NAME, "microphone") as stream:
        ear = _Ear(stream, device)
        hearing = asyncio.ensure_future(in_thread(NAME, ear.run))  # a microphone is waited for
        telling = asyncio.ensure_future(_let_be(stream))
        try:
            await asyncio.gather(asyncio.shield(hearing), telling)
        finally:
            telling.cancel()
            ear.closed.set()
            await asyncio.wait([hearing], timeout=_LEAVE)


async def _let_be(stream: Stream) -> None:
    """Its events are kept; there is nobody to tell."""
    async for _ in stream.outcomes():
        pass


class _Ear:
    def __init__(self, stream: Stream, device: str | None) -> None:
        self.closed = threading.Event()
        self._stream = stream
        self._device = device
        self._loop = asyncio.get_running_loop()

    def run(self) -> None:
        try:
            with closing(lasting_microphone(self._device, self._say, insist=True)) as blocks:
                for samples in blocks:
                    if self.closed.is_set():
                        return
                    if len(samples):
                        self._stream.source.trouble = None
                        asyncio.run_coroutine_threadsafe(self._stream.hear(samples), self._loop).result()
        except (WakewordError, ModuleNotFoundError) as error:
            self._say(f"{error}; the service goes on without")

    def _say(self, line: str) -> None:
        self._stream.source.trouble = line
        _log.warning("microphone", reason=line)
