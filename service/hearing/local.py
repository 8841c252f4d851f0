"""The microphone of this computer as a source, which comes back when the microphone does."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import structlog

from service.hearing.hub import Hub
from service.hearing.stream import Stream
from wakeword.errors import WakewordError
from wakeword.microphone import lasting_microphone

NAME = "microphone"
_LEAVE = 3.0  # seconds to wait for PortAudio at the end
_log = structlog.get_logger()


async def hear_microphone(hub: Hub, device: str | None) -> None:
    """Hear it until cancelled. While there is none, the source says why, and the service does everything else."""
    async with hub.stream(NAME, "microphone") as stream:
        ear = _Ear(stream, device)
        try:
            async for _ in stream.outcomes():  # its events are kept; there is nobody to tell
                pass
        finally:
            await ear.close()


class _Ear:
    """A thread of its own, for a microphone is waited for."""

    def __init__(self, stream: Stream, device: str | None) -> None:
        self._stream = stream
        self._device = device
        self._loop = asyncio.get_running_loop()
        self._closed = threading.Event()
        self._ended = asyncio.Event()
        threading.Thread(target=self._run, name="microphone", daemon=True).start()

    async def close(self) -> None:
        self._closed.set()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._ended.wait(), _LEAVE)

    def _run(self) -> None:
        try:
            for samples in lasting_microphone(self._device, self._say, insist=True):
                if self._closed.is_set():
                    break
                if len(samples):
                    self._stream.source.trouble = None
                    asyncio.run_coroutine_threadsafe(self._stream.hear(samples), self._loop).result()
        except (WakewordError, ModuleNotFoundError) as error:
            self._say(f"{error}; the service goes on without")
        with contextlib.suppress(RuntimeError):  # the loop is gone already
            self._loop.call_soon_threadsafe(self._ended.set)

    def _say(self, line: str) -> None:
        self._stream.source.trouble = line
        _log.warning("microphone", reason=line)
