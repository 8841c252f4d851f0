"""A WebSocket beneath its handler: what waits of a client's messages is bounded, and none of it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from service.connections import Connections
from service.protocols import Config, StreamProtocol
from service.settings import Limits

_UPGRADE = (
    b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
_READ = 256 * 1024  # bytes that the event loop reads of a socket at a time


class _Transport(asyncio.Transport):
    """A connection whose other end is the test."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.reading, self.closing = b"", True, False

    def write(self, data: Any) -> None:
        self.written += data

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


Handler = Callable[[Any, Any, Any], Awaitable[None]]


async def _opened(handler: Handler) -> tuple[StreamProtocol, _Transport]:
    """Open a WebSocket for a handler that has accepted it."""
    config = Config(handler, Connections(Limits(), most=10), log_config=None, ws_max_size=_READ)
    config.load()
    protocol, transport = StreamProtocol(config, ServerState(), {}), _Transport()
    protocol.connection_made(transport)
    protocol.data_received(_UPGRADE)
    while b"101" not in transport.written:
        await asyncio.sleep(0)
    return protocol, transport


def _frames(count: int, payload: bytes, opcode: Opcode = Opcode.BINARY) -> bytes:
    return Frame(opcode, payload).serialize(mask=True) * count


def test_of_tiny_messages_few_wait_for_a_handler_and_all_arrive() -> None:
    count = _READ // 8
    received: list[bytes] = []
    go_on = asyncio.Event()

    async def handle(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await go_on.wait()
        while len(received) < count:
            received.append((await receive())["bytes"])

    async def run() -> None:
        protocol, transport = await _opened(handle)
        protocol.data_received(_frames(count, b"ab"))
        await asyncio.sleep(0)
        assert protocol.queue.qsize() < 1000 and not transport.reading
        go_on.set()
        turns = 0
        while not transport.closing:  # the handler has returned
            await asyncio.sleep(0)
            turns += 1
        assert received == [b"ab"] * count
        assert turns > count // 20  # others had their turn in between

    asyncio.run(run())


def test_pings_are_answered_no_faster_than_the_answers_are_read() -> None:
    async def handle(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await receive()

    async def run() -> None:
        protocol, transport = await _opened(handle)
        protocol.pause_writing()
        before = len(transport.written)
        protocol.data_received(_frames(100, b"", Opcode.PING))
        await asyncio.sleep(0)
        assert (len(transport.written), transport.reading) == (before, False)
        protocol.resume_writing()
        assert (len(transport.written) - before, transport.reading) == (200, True)
        protocol.data_received(_frames(1, b"ab"))
        while not transport.closing:
            await asyncio.sleep(0)

    asyncio.run(run())


def test_what_waits_is_dropped_when_the_client_has_gone() -> None:
    async def handle(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    async def run() -> None:
        protocol, transport = await _opened(handle)
        protocol.data_received(_frames(_READ // 8, b"ab"))
        protocol.connection_lost(ConnectionResetError())
        turns = 0
        while not transport.closing:
            await asyncio.sleep(0)
            turns += 1
        assert turns < 200

    asyncio.run(run())
