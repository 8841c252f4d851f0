"""Serve one Wyoming client: its messages in, its detections out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import anyio
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event as Message
from wyoming.info import Describe
from wyoming.wake import Detect, Detection, NotDetected

from service.api.idle_timeout import Idle, IdleTimeout
from service.detection.hub import Hub
from service.detection.setup import Word
from service.rate_limiter import RateLimiter
from service.settings import Limits
from service.store.events import Event
from service.wyoming.audio import AudioFormat, audio_format, names_format
from service.wyoming.messages import MessageReader, encode
from service.wyoming.refused import Refused
from service.wyoming.stream import ClientStream
from service.wyoming.turns import PIECE, Turns
from service.wyoming.words import InfoMessage, Requested, names_of, requested, unknown_words

_MAX_UNSENT = 64 * 1024  # bytes that wait for a client to read them
_SEND_PATIENCE = 10.0  # seconds for it to do so
_SHORT = 0.005  # seconds; a chunk of less audio counts as short, and waits for its turn even in real time
_SHORT_CHUNKS, _SHORT_CHUNKS_PER_SECOND = 1000, 200.0  # at once and on average
_MESSAGES, _MESSAGES_PER_SECOND = 200, 20.0  # that are not audio, at once and on average
_UNKNOWN_PATIENCE = 5.0  # seconds for which audio is dropped if no model has any of the requested words


class Client:
    """Serves one client. A stream begins with audio-start or the first chunk. It ends with audio-stop, with the
    connection, or after too long without audio."""

    def __init__(
        self,
        hub: Hub,
        limits: Limits,
        info: InfoMessage,
        turns: Turns,
        warn: Callable[[str, str], None],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """warn: logs what happened, and why."""
        self._loop = asyncio.get_running_loop()
        self.active_at = self._loop.time()  # when the last message came
        self._hub, self._limits, self._info, self._turns, self._warn = hub, limits, info, turns, warn
        self._reader = MessageReader(reader, limits.message_bytes)
        self._writer = writer
        self._messages = RateLimiter(_MESSAGES_PER_SECOND, _MESSAGES)
        self._short_chunks = RateLimiter(_SHORT_CHUNKS_PER_SECOND, _SHORT_CHUNKS)
        self._draining = asyncio.Lock()
        writer.transport.set_write_buffer_limits(high=_MAX_UNSENT)
        self._names: list[str] | None = None  # as the client has sent them; None is any
        self._requested = Requested()
        self._setup = hub.setup  # for which they were looked up
        self._format: AudioFormat | None = None  # of audio-start
        self._stream: ClientStream | None = None
        self._dropping_since: float | None = None  # when audio for unknown words began

    @property
    def streams(self) -> bool:
        """Return whether the client has an open stream."""
        return self._stream is not None

    async def serve(self) -> None:
        """Serve until the client disconnects.

        Raises:
            Refused: it is to be disconnected for what it did.
            OSError: the connection has failed.
        """
        idle = IdleTimeout(self._limits.idle_seconds)
        try:
            while True:
                if self._stream is not None and self._stream.silent:
                    await self._stop()
                try:
                    with idle.waiting():
                        message = await self._reader.read()
                except Idle:
                    idle = IdleTimeout(self._limits.idle_seconds)
                    self._check_begun()
                    continue
                self.active_at = self._loop.time()
                if message is None or self._writer.is_closing() or not await self._handle(message):
                    return
        finally:
            if self._stream is not None:
                await self._stream.close()

    async def send(self, message: Message | bytes) -> None:
        """Send a message.

        Raises:
            OSError: the client has gone, or doesn't read.
        """
        transport = self._writer.transport
        if transport.is_closing():
            raise ConnectionResetError("the client has gone")
        self._writer.write(message if isinstance(message, bytes) else encode(message))
        if transport.get_write_buffer_size() <= _MAX_UNSENT:
            return
        try:
            async with self._draining:
                with anyio.fail_after(_SEND_PATIENCE):
                    await self._writer.drain()
        except TimeoutError as error:
            line = f"it did not read its messages for {_SEND_PATIENCE:.0f} seconds"
            self._warn("a Wyoming client was disconnected", line)
            transport.abort()
            raise ConnectionAbortedError(line) from error

    async def _handle(self, message: Message) -> bool:
        """Handle a message. Return False to end the connection."""
        if self._hub.setup is not self._setup:
            await self._look_up(again=True)
        if AudioChunk.is_type(message.type):
            return await self._take_chunk(message)
        self._count(self._messages, f"at most {_MESSAGES_PER_SECOND:.0f} messages a second that are not audio")
        await self._turns.take()
        if Describe.is_type(message.type):
            await self.send(self._info.of(self._hub.setup))
        elif Detect.is_type(message.type):
            self._names = names_of(message.data)
            await self._look_up()
        elif AudioStart.is_type(message.type):
            await self._start(audio_format(message.data) if names_format(message.data) else None)
        elif AudioStop.is_type(message.type):
            await self._stop()
        return True

    def _count(self, limiter: RateLimiter, allowed: str) -> None:
        if not limiter.allows("", self._loop.time()):
            raise Refused("flood", f"a client sends {allowed}")

    async def _look_up(self, again: bool = False) -> None:
        """Look up the requested names. Report those that no model has; if none has any of them, also to the
        client, which would wait for ever. again: for other models; report only if the last word is gone."""
        nothing_before, self._setup = self._requested.nothing, self._hub.setup
        self._requested, self._dropping_since = requested(self._names, self._setup.words), None
        nothing = self._requested.nothing
        if not self._requested.unknown or (again and nothing <= nothing_before):
            return
        line = unknown_words(self._requested.unknown, self._setup)
        self._warn("a Wyoming client requests an unknown word", line)
        if nothing:
            await self.send(Error(text=line, code="unknown-wake-word").event())

    async def _start(self, stream_format: AudioFormat | None) -> ClientStream | None:
        """Begin a stream, if there is a word to detect in it. One that is open ends."""
        if self._stream is not None:
            await self._finish_stream()
        self._format, self._dropping_since = stream_format, None
        if self._requested.nothing:
            return None
        stream = ClientStream(self._hub, self._limits, self._turns, self._report, self._warn)
        await stream.open()
        self._stream = stream
        return stream

    async def _take_chunk(self, message: Message) -> bool:
        """Push the audio of a chunk. Return False to end the connection."""
        data = message.payload or b""
        chunk_format = audio_format(message.data, self._format)
        if chunk_format.seconds(data) < _SHORT:
            self._count(self._short_chunks, f"chunks of at least {1000 * _SHORT:.0f} ms")
            await self._turns.take(PIECE)
        if self._requested.nothing:
            return self._drop_audio()
        stream = self._stream or await self._start(chunk_format)
        if stream is not None:
            await stream.push(chunk_format, data)
        return True

    def _drop_audio(self) -> bool:
        """Drop audio without a word to detect. Return False once that has gone on for too long: Home Assistant ignores
        the error, but not the end of the connection."""
        now = self._loop.time()
        if self._dropping_since is None:
            self._dropping_since = now
        return now - self._dropping_since < _UNKNOWN_PATIENCE

    async def _stop(self) -> None:
        """End the stream, and say so if nothing was detected."""
        self._dropping_since = None
        if not await self._finish_stream():
            await self.send(NotDetected().event())

    async def _finish_stream(self) -> bool:
        """Process the rest of the stream. Return whether a detection was reported."""
        stream, self._stream = self._stream, None
        if stream is None:
            return False
        try:
            return await stream.finish()
        finally:
            await stream.close()

    async def _report(self, event: Event) -> bool:
        """Send an event. Return whether its word is requested."""
        name = self._requested.name(Word(event.model, event.word), self._setup)
        if name is None:
            return False
        await self.send(Detection(name=name, timestamp=round(1000 * event.time)).event())
        return True

    def _check_begun(self) -> None:
        """Raise Refused if a message began too long ago."""
        begun_at, seconds = self._reader.begun_at, self._limits.idle_seconds
        if begun_at is not None and self._loop.time() - begun_at >= seconds:
            raise Refused("idle", f"a message was not complete after {seconds:.0f} seconds")
