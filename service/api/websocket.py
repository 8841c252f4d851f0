"""The WebSocket for audio: PCM in, events and levels out.

In: binary messages of int16, little endian, mono, cut anywhere between two samples, at 16 kHz or at the `rate` that
the query names; and `{"type": "end"}`, after which all that is left to say is said.
Out: `{"type": "ready", ...}` at first; `{"type": "event", "event": {...}}` for each event once it is kept;
`{"type": "level", ...}` for each message where `levels=true` is asked for; `{"type": "end", "samples": n}` at last.
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
from service.api.idle import Idle, IdleWatch
from service.api.resampling import Resampler
from service.detection.hub import TooManyStreams
from service.detection.stream import Stream
from service.runtime import Runtime
from service.settings import Limits
from service.store.events import event_json

router = APIRouter()


class Close(IntEnum):
    """Why a stream was closed; below 4000 as RFC 6455 says."""

    DONE = 1000  # after `end`
    GOING_AWAY = 1001  # the service ends
    TOO_BIG = 1009  # a message is larger than allowed
    BAD_MESSAGE = 4400  # half a sample, or a text that is no command
    IDLE = 4408  # nothing came for too long
    FULL = 4429  # as many streams are open as there may be


class _Closed(Exception):
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
    """One stream, from its first sample to its last."""
    await socket.accept()
    try:
        async with service.hub.stream(name, "stream", levels) as stream:
            await _converse(socket, service, stream, Resampler(rate))
    except Idle as error:
        await _close(socket, Close.IDLE, str(error))
    except TooManyStreams as error:
        await _close(socket, Close.FULL, str(error))
    except _Closed as closed:
        await _close(socket, closed.code, str(closed))
    except WebSocketDisconnect:
        pass  # what it has sent was heard


async def _converse(socket: WebSocket, service: Runtime, stream: Stream, resampler: Resampler) -> None:
    source = stream.source
    words = source.setup.model.keywords
    await _send(socket, type="ready", source=source.name, rate=resampler.rate, words=words)
    telling = asyncio.create_task(_tell(socket, stream))
    telling.add_done_callback(lambda _: stream.leave())
    try:
        await _listen(socket, service.settings.limits, stream, resampler, telling)
        await stream.finish()
        await telling
    finally:
        telling.cancel()
    await _send(socket, type="end", samples=source.history.position)
    raise _Closed(Close.DONE, "the stream has ended")


async def _listen(
    socket: WebSocket, limits: Limits, stream: Stream, resampler: Resampler, telling: asyncio.Task[None]
) -> None:
    """Give what comes to the stream, up to its end."""
    pace, idle = _Pace(limits.lead_seconds), IdleWatch(limits.idle_seconds)
    heard = 0
    while not telling.done():  # else there is nobody to tell
        with idle.waiting():
            message = await socket.receive()
        samples = _samples(message, limits.message_bytes)
        block = resampler.rest() if samples is None else resampler.push(samples)
        await stream.hear(block)
        if samples is None:
            return
        heard += len(block)
        await pace.wait(heard)


async def _tell(socket: WebSocket, stream: Stream) -> None:
    """Send what was heard: the events, and levels where there are outcomes without events too."""
    async for outcome in stream.outcomes():
        for event in outcome.events:
            await _send(socket, type="event", event=event_json(event))
        if stream.levels:
            heard = outcome.heard
            await _send(socket, type="level", samples=heard.position, level=round(heard.level, 1), scores=heard.scores)


def _samples(message: Message, most: int) -> Samples | None:
    """The samples of a message of at most so many bytes; None after the last."""
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    data = message.get("bytes")
    if data is None:
        _check_end(message.get("text") or "")
        return None
    if len(data) > most:
        raise _Closed(Close.TOO_BIG, f"a message has at most {most} bytes")
    if len(data) % 2:
        raise _Closed(Close.BAD_MESSAGE, "a message has an even number of bytes: int16, little endian")
    return np.frombuffer(data, "<i2").astype(np.int16, copy=False)


def _check_end(text: str) -> None:
    """The one command there is."""
    try:
        command = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _Closed(Close.BAD_MESSAGE, "a text message is JSON") from error
    if command != {"type": "end"}:
        raise _Closed(Close.BAD_MESSAGE, 'the one command is {"type": "end"}')


class _Pace:
    """Slows down whoever sends faster than it could be spoken, beyond a lead; the network holds the rest back."""

    def __init__(self, lead: float) -> None:
        self._lead = lead
        self._began = time.monotonic()

    async def wait(self, samples: int) -> None:
        """samples: of the stream so far."""
        ahead = samples / SAMPLE_RATE - self._lead - (time.monotonic() - self._began)
        if ahead > 0:
            await asyncio.sleep(ahead)


async def _send(socket: WebSocket, **message: Any) -> None:
    await socket.send_text(json.dumps(message, separators=(",", ":")))


async def _close(socket: WebSocket, code: Close, reason: str) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # the other side was faster
        await socket.close(code, reason)
