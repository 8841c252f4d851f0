"""A WebSocket client that costs next to nothing, so that hundreds of them measure the service and not themselves."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
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
    """One stream's outcome."""

    sent_at: list[float] = field(default_factory=list)  # seconds, by block
    events: list[tuple[str, int, float]] = field(default_factory=list)  # word, frame, when it came
    samples_heard: int = 0

    def latencies(self) -> list[float]:
        """Seconds from sending the block that completes an event's frame to the event."""
        blocks = ((frame * HOP + WINDOW - 1) // BLOCK for _, frame, _ in self.events)
        return [came - self.sent_at[block] for block, (_, _, came) in zip(blocks, self.events, strict=True)]


def frames(samples: Samples) -> list[bytes]:
    """Whole blocks of samples as what goes over the wire, to be made once and sent by many."""
    blocks = range(0, len(samples) - BLOCK + 1, BLOCK)
    return [Frame(Opcode.BINARY, samples[at : at + BLOCK].tobytes()).serialize(mask=True) for at in blocks]


class Connection(asyncio.Protocol):
    """One stream to the service."""

    def __init__(self, url: str, outcome: Stream) -> None:
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()
        self._outcome = outcome
        self._protocol = ClientProtocol(parse_uri(url))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._protocol.send_request(self._protocol.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        came = time.monotonic()
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self._take(json.loads(event.data), came)
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        for future in (self.ready, self.ended):
            if not future.done():
                future.set_exception(error or ConnectionError("the service hung up"))

    def send(self, frame: bytes) -> None:
        """The next block."""
        self._outcome.sent_at.append(time.monotonic())
        self._transport.write(frame)

    def end(self) -> None:
        """There are no more blocks; what is left comes before `ended`."""
        self._transport.write(_END)

    def _take(self, message: dict, came: float) -> None:
        if message["type"] == "event":
            self._outcome.events.append((message["event"]["word"], message["event"]["frame"], came))
        elif message["type"] == "ready":
            self.ready.set_result(None)
        elif message["type"] == "end":
            self._outcome.samples_heard = message["samples"]
            self.ended.set_result(None)

    def _flush(self) -> None:
        if output := b"".join(self._protocol.data_to_send()):
            self._transport.write(output)


async def connect(url: str, name: str, outcome: Stream) -> Connection:
    """A stream that the service is ready to hear. url: the service's, of http."""
    parts = urlsplit(url)
    address = f"ws://{parts.netloc}/api/stream?name={name}"
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: Connection(address, outcome), parts.hostname, parts.port)
    await connection.ready
    return connection
