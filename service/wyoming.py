"""The Wyoming protocol, by which Home Assistant and its satellites use a wake-word service.

It knows no tokens: whoever reaches the port may stream to it.
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

_ANNOUNCE_AGAIN = 30.0  # seconds
_OURS = Attribution(name="wakeword", url="")
_log = structlog.get_logger()


@asynccontextmanager
async def serving_wyoming(hub: Hub, listener: socket.socket) -> AsyncIterator[None]:
    """Serve it at a socket for the length of the block. Where others than this computer can reach it, it is announced
    by mDNS, as Home Assistant looks for it."""

    talks: set[asyncio.Task[None]] = set()

    def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_talk(hub, reader, writer))
        talks.add(task)
        task.add_done_callback(talks.discard)

    server = await asyncio.start_server(welcome, sock=listener)
    host, port = listener.getsockname()[:2]
    if not is_loopback(host):
        talks.add(asyncio.create_task(_announce(port)))
    try:
        yield
    finally:
        server.close()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


async def _announce(port: int) -> None:
    """Announce the service by mDNS, once there is a network; what is wrong with that is no matter of the streams."""
    told = False
    while True:
        try:
            await HomeAssistantZeroconf(port, name=f"wakeword-{socket.gethostname()}").register_server()
            return
        except OSError as error:
            if not told:
                _log.warning("Wyoming can't be announced yet", reason=str(error))
            told = True
            await asyncio.sleep(_ANNOUNCE_AGAIN)
        except Exception as error:
            _log.warning("Wyoming is not announced", reason=repr(error))
            return


async def _talk(hub: Hub, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A client from its first message to its last. What one of them gets wrong is no concern of the others."""
    try:
        await WyomingHandler(hub, reader, writer).run()
    except Exception as error:
        _log.warning("a Wyoming client was let go", reason=repr(error))


class WyomingHandler(AsyncEventHandler):
    """One client. Each audio-start begins a stream, which ends with audio-stop or with the connection."""

    def __init__(self, hub: Hub, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(reader, writer)
        self._hub = hub
        self._names: set[str] | None = None  # the words that are asked for; None is any
        self._open = AsyncExitStack()
        self._stream: Stream | None = None
        self._telling: asyncio.Task[bool] | None = None
        self._converter = AudioChunkConverter(rate=SAMPLE_RATE, width=2, channels=1)

    async def handle_event(self, event: Message) -> bool:
        """Take a message; False ends the connection."""
        if Describe.is_type(event.type):
            await self.write_event(self._info().event())
        elif Detect.is_type(event.type):
            names = Detect.from_event(event).names
            self._names = set(names) if names else None
        elif AudioStart.is_type(event.type):
            return await self._start()
        elif AudioChunk.is_type(event.type) and self._stream is not None:
            audio = self._converter.convert(AudioChunk.from_event(event)).audio
            await self._stream.hear(np.frombuffer(audio, "<i2").astype(np.int16, copy=False))
        elif AudioStop.is_type(event.type):
            await self._stop()
        return True

    async def disconnect(self) -> None:
        """Called when the client has gone."""
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
        self._telling = asyncio.create_task(self._tell(self._stream))
        self._open.callback(self._telling.cancel)
        return True

    async def _tell(self, stream: Stream) -> bool:
        """Whether there was anything to tell."""
        detected = False
        async for outcome in stream.outcomes():
            for event in outcome.events:
                if self._names is None or event.word in self._names:
                    detected = True
                    await self.write_event(Detection(name=event.word, timestamp=round(1000 * event.time)).event())
        return detected

    async def _stop(self) -> None:
        stream, telling = self._stream, self._telling
        if stream is not None and telling is not None:
            await stream.finish()
            detected = await telling
            await self.disconnect()
            if detected:
                return
        await self.write_event(NotDetected().event())

    def _info(self) -> Info:
        """The words of the active model, each a model of its own to Wyoming."""
        setup = self._hub.setup
        models = [
            WakeModel(
                name=word,
                phrase=word,
                description=f"{word} ({setup.model_name})",
                attribution=_OURS,
                installed=True,
                version=version("wakeword"),
                languages=["en"],
            )
            for word in setup.model.keywords
        ]
        program = WakeProgram(
            name="wakeword",
            description="Keyword spotting in a few kilobytes",
            attribution=_OURS,
            installed=True,
            version=version("wakeword"),
            models=models,
        )
        return Info(wake=[program])
