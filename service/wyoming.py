"""The Wyoming protocol, through which Home Assistant and its satellites use a wake-word service.

It has no tokens: whoever can connect to the port may stream to it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version

import numpy as np
import structlog
from wyoming.audio import AudioChunk, AudioChunkConverter, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event as Message
from wyoming.info import Attribution, Describe, Info, WakeModel, WakeProgram
from wyoming.server import AsyncEventHandler
from wyoming.wake import Detect, Detection, NotDetected
from wyoming.zeroconf import HomeAssistantZeroconf

from featurizer import SAMPLE_RATE
from service.detection.hub import Hub, TooManyStreams
from service.detection.stream import Stream
from service.sockets import is_loopback

_ANNOUNCE_RETRY = 30.0  # seconds
_ATTRIBUTION = Attribution(name="wakeword", url="")
_log = structlog.get_logger()


@asynccontextmanager
async def serving_wyoming(hub: Hub, listener: socket.socket) -> AsyncIterator[None]:
    """Serve at a listening socket for the length of the block. Off loopback, announce the service by mDNS, which Home
    Assistant looks for."""

    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_serve_client(hub, reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, sock=listener)
    host, port = listener.getsockname()[:2]
    if not is_loopback(host):
        tasks.add(asyncio.create_task(_announce(port)))
    try:
        yield
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _announce(port: int) -> None:
    """Announce the service by mDNS once there is a network. Streams work without."""
    warned = False
    while True:
        try:
            await HomeAssistantZeroconf(port, name=f"wakeword-{socket.gethostname()}").register_server()
            return
        except OSError as error:
            if not warned:
                _log.warning("Wyoming can't be announced yet; trying again", reason=str(error))
            warned = True
            await asyncio.sleep(_ANNOUNCE_RETRY)
        except Exception as error:
            _log.warning("Wyoming is not announced; add it to Home Assistant by host and port", reason=repr(error))
            return


async def _serve_client(hub: Hub, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one client until it disconnects. A client's error ends its connection only."""
    try:
        await WyomingHandler(hub, reader, writer).run()
    except Exception as error:
        _log.warning("a Wyoming client was disconnected", reason=repr(error))


class WyomingHandler(AsyncEventHandler):
    """Serves one client. Each audio-start begins a stream, which ends with audio-stop or with the connection."""

    def __init__(self, hub: Hub, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(reader, writer)
        self._hub = hub
        self._names: set[str] | None = None  # requested words; None is any
        self._open = AsyncExitStack()
        self._stream: Stream | None = None
        self._sending: asyncio.Task[bool] | None = None
        self._converter = AudioChunkConverter(rate=SAMPLE_RATE, width=2, channels=1)

    async def handle_event(self, event: Message) -> bool:
        """Handle a message. Return False to end the connection."""
        if Describe.is_type(event.type):
            await self.write_event(self._info().event())
        elif Detect.is_type(event.type):
            names = Detect.from_event(event).names
            self._names = set(names) if names else None
        elif AudioStart.is_type(event.type):
            return await self._start()
        elif AudioChunk.is_type(event.type) and self._stream is not None:
            audio = self._converter.convert(AudioChunk.from_event(event)).audio
            await self._stream.push(np.frombuffer(audio, "<i2").astype(np.int16, copy=False))
        elif AudioStop.is_type(event.type):
            await self._stop()
        return True

    async def disconnect(self) -> None:
        """End the stream: the client has disconnected."""
        self._stream = None
        await self._open.aclose()

    async def _start(self) -> bool:
        await self.disconnect()
        self._converter = AudioChunkConverter(rate=SAMPLE_RATE, width=2, channels=1)
        try:
            self._stream = await self._open.enter_async_context(self._hub.stream("wyoming", "wyoming"))
        except TooManyStreams as error:
            await self.write_event(Error(text=str(error), code="too-many-streams").event())
            return False
        self._sending = asyncio.create_task(self._send_detections(self._stream))
        self._open.callback(self._sending.cancel)
        return True

    async def _send_detections(self, stream: Stream) -> bool:
        """Send the stream's detections of requested words. Return whether there were any."""
        detected = False
        async for result in stream.results():
            for event in result.events:
                if self._names is None or event.word in self._names:
                    detected = True
                    await self.write_event(Detection(name=event.word, timestamp=round(1000 * event.time)).event())
        return detected

    async def _stop(self) -> None:
        stream, sending = self._stream, self._sending
        if stream is not None and sending is not None:
            await stream.finish()
            detected = await sending
            await self.disconnect()
            if detected:
                return
        await self.write_event(NotDetected().event())

    def _info(self) -> Info:
        """Return the words of the active model, each as a model in Wyoming's sense."""
        setup = self._hub.setup
        models = [
            WakeModel(
                name=word,
                phrase=word,
                description=f"{word} ({setup.model_name})",
                attribution=_ATTRIBUTION,
                installed=True,
                version=version("wakeword"),
                languages=["en"],
            )
            for word in setup.model.keywords
        ]
        program = WakeProgram(
            name="wakeword",
            description="Keyword spotting in a few kilobytes",
            attribution=_ATTRIBUTION,
            installed=True,
            version=version("wakeword"),
            models=models,
        )
        return Info(wake=[program])
