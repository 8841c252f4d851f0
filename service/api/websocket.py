"""The WebSocket `/api/stream`: audio in, events and levels out.

In: binary messages of int16, little endian, mono, cut anywhere between two samples, at 16 kHz or at the `rate` of the
query; then `{"type": "end"}`.
Out: `{"type": "ready", ...}` first; `{"type": "event", "event": {...}}` for each event once it is stored;
`{"type": "level", ...}` for each block if the query asks for `levels=true`; `{"type": "end", "samples": n}` last.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from enum import IntEnum
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, WebSocket
from starlette.types import Message
from starlette.websockets import WebSocketDisconnect

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from service.api.dependencies import Service
from service.api.idle_timeout import Idle, IdleTimeout
from service.detection.hub import TooManyStreams
from service.detection.stream import Stream
from service.runtime import Runtime
from service.settings import Limits
from service.store.events import event_json
from wakeword.audio.resampling import Resampler

router = APIRouter()
_MESSAGES_LEAD = 4.0  # seconds' worth of messages that may come at once


class Close(IntEnum):
    """Close codes. Those below 4000 are of RFC 6455."""

    DONE = 1000  # after `end`
    TOO_BIG = 1009  # a message is larger than allowed
    BAD_MESSAGE = 4400  # half a sample, or a text that is no command
    IDLE = 4408  # nothing came for too long
    FULL = 4429  # the limit of open streams is reached


class _Closed(Exception):
    """End the stream with a close code and a reason."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@router.websocket("/api/stream")
async def stream_audio(
    socket: WebSocket,
    service: Service,
    name: Annotated[str, Query(max_length=60)] = "stream",
    rate: Annotated[int, Query(ge=8000, le=192_000)] = SAMPLE_RATE,
    levels: bool = False,
) -> None:
    """Serve one stream from its first sample to its last."""
    await socket.accept()
    try:
        async with service.hub.stream(name, "stream", levels) as stream:
            await _serve(socket, service, stream, Resampler(rate))
    except Idle as error:
        await _close(socket, Close.IDLE, str(error))
    except TooManyStreams as error:
        await _close(socket, Close.FULL, str(error))
    except _Closed as closed:
        await _close(socket, closed.code, str(closed))
    except WebSocketDisconnect:
        pass  # the samples that came before are processed


async def _serve(socket: WebSocket, service: Runtime, stream: Stream, resampler: Resampler) -> None:
    source = stream.source
    setup = source.setup
    models = {part.name: part.model.keywords for part in setup.parts}
    then = [part.name for part in setup.commands]
    about = {"source": source.name, "rate": resampler.rate, "words": setup.distinct_words, "models": models}
    await _send(socket, type="ready", **about, then=then)
    sending = asyncio.create_task(_send_results(socket, stream))
    sending.add_done_callback(lambda _: stream.discard_results())
    try:
        await _receive_audio(socket, service.settings.limits, stream, resampler, sending)
        await stream.finish()
        await sending
    finally:
        sending.cancel()
    await _send(socket, type="end", samples=source.history.position)
    raise _Closed(Close.DONE, "the stream has ended")


async def _receive_audio(
    socket: WebSocket, limits: Limits, stream: Stream, resampler: Resampler, sending: asyncio.Task[None]
) -> None:
    """Push the client's samples into the stream, up to its `end`."""
    pace, idle = _Pace(limits), IdleTimeout(limits.idle_seconds)
    received = 0  # samples at 16 kHz
    while not sending.done():  # else the client is gone
        with idle.waiting():
            message = await socket.receive()
        samples = _samples(message, limits.message_bytes)
        block = resampler.finish() if samples is None else resampler.push(samples)
        await stream.push(block)
        if samples is None:
            return
        received += len(block)
        await pace.wait(received)


async def _send_results(socket: WebSocket, stream: Stream) -> None:
    """Send the stream's events, and its levels if they are asked for."""
    async for result in stream.results():
        for event in result.events:
            await _send(socket, type="event", event=event_json(event))
        if stream.levels:
            block = result.block
            await _send(socket, type="level", samples=block.position, level=round(block.level, 1), **block.scores)


def _samples(message: Message, max_bytes: int) -> Samples | None:
    """Return the samples of a message, or None for `end`."""
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    data = message.get("bytes")
    if data is None:
        _check_end(message.get("text") or "")
        return None
    if len(data) > max_bytes:
        raise _Closed(Close.TOO_BIG, f"a message has at most {max_bytes} bytes; send smaller ones")
    if len(data) % 2:
        raise _Closed(Close.BAD_MESSAGE, "a message has an even number of bytes: int16, little endian")
    return np.frombuffer(data, "<i2").astype(np.int16, copy=False)


def _check_end(text: str) -> None:
    """Check that a text message is `end`, the only command."""
    try:
        command = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _Closed(Close.BAD_MESSAGE, "a text message must be JSON") from error
    if command != {"type": "end"}:
        raise _Closed(Close.BAD_MESSAGE, 'the only command is {"type": "end"}')


class _Pace:
    """Slows down a client that sends faster than real time, beyond a lead, or in too many messages. The network then
    holds its data back."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._messages = 0
        self._start = time.monotonic()

    async def wait(self, samples: int) -> None:
        """Count a message, and wait until the client may have sent so many samples."""
        self._messages += 1
        audio_ahead = samples / SAMPLE_RATE - self._limits.lead_seconds
        messages_ahead = self._messages / self._limits.messages_per_second - _MESSAGES_LEAD
        ahead = max(audio_ahead, messages_ahead) - (time.monotonic() - self._start)
        if ahead > 0:
            await asyncio.sleep(ahead)


async def _send(socket: WebSocket, **message: Any) -> None:
    await socket.send_text(json.dumps(message, separators=(",", ":")))


async def _close(socket: WebSocket, code: Close, reason: str) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # the client has closed already
        await socket.close(code, reason)
