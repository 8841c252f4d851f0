"""A WebSocket client so cheap that hundreds of them measure the service, not themselves."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from featurizer import HOP, SAMPLE_RATE, WINDOW
from featurizer.logmel import Samples

BLOCK = SAMPLE_RATE // 10  # samples a message: 100 ms
_END = Frame(Opcode.TEXT, b'{"type":"end"}').serialize(mask=True)


@dataclass
class Stream:
    """The results of one stream."""

    sent_at: list[float] = field(default_factory=list)  # seconds, by block
    events: list[tuple[str, int, float]] = field(default_factory=list)  # word, frame, arrival
    samples_processed: int = 0

    def latencies(self) -> list[float]:
        """Return the seconds from sending the block that completes an event's frame to receiving the event."""
        blocks = ((frame * HOP + WINDOW - 1) // BLOCK for _, frame, _ in self.events)
        return [arrived - self.sent_at[block] for block, (_, _, arrived) in zip(blocks, self.events, strict=True)]


def frames(samples: Samples) -> list[bytes]:
    """Encode whole blocks of samples as WebSocket frames, made once and sent by many connections."""
    blocks = range(0, len(samples) - BLOCK + 1, BLOCK)
    return [Frame(Opcode.BINARY, samples[at : at + BLOCK].tobytes()).serialize(mask=True) for at in blocks]


class Connection(asyncio.Protocol):
    """One stream to the service."""

    def __init__(self, url: str, stream: Stream) -> None:
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()
        self._stream = stream
        self._protocol = ClientProtocol(parse_uri(url))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._protocol.send_request(self._protocol.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        arrived = time.monotonic()
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self._take(json.loads(bytes(event.data)), arrived)
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        for future in (self.ready, self.ended):
            if not future.done():
                future.set_exception(error or ConnectionError("the service closed the connection"))

    def send(self, frame: bytes) -> None:
        """Send the next block."""
        self._stream.sent_at.append(time.monotonic())
        self._transport.write(frame)

    def end(self) -> None:
        """End the stream. `ended` is set after the last event."""
        self._transport.write(_END)

    def _take(self, message: dict[str, Any], arrived: float) -> None:
        if message["type"] == "event":
            self._stream.events.append((message["event"]["word"], message["event"]["frame"], arrived))
        elif message["type"] == "ready":
            self.ready.set_result(None)
        elif message["type"] == "end":
            self._stream.samples_processed = message["samples"]
            self.ended.set_result(None)

    def _flush(self) -> None:
        if output := b"".join(self._protocol.data_to_send()):
            self._transport.write(output)


async def connect(url: str, name: str, stream: Stream) -> Connection:
    """Open a stream, and wait until the service is ready. url: HTTP address of the service."""
    parts = urlsplit(url)
    assert parts.hostname is not None and parts.port is not None
    address = f"ws://{parts.netloc}/api/stream?name={name}"
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: Connection(address, stream), parts.hostname, parts.port)
    await connection.ready
    return connection
