"""What hostile clients do to the service: one function for each attack.

Each takes the service's URL and the seconds it lasts, is bounded in connections and bytes, and ends by itself, whatever
the service does. All connect from an address of their own: limits for one address don't meet the bench's streams.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import re
import time
import zlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from websockets.frames import Frame, Opcode

from featurizer import SAMPLE_RATE

ADDRESS = "127.0.0.66"
_SECOND = bytes(2 * SAMPLE_RATE)  # of silence
_CHUNKED = "POST /api/detect HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
_AGAIN = 0.05  # seconds before the next connection, if the service has closed one

Attack = Callable[[str, float], Coroutine[Any, Any, None]]


class Client:
    """One connection that sends bytes of any kind, and reads only if it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        """Send bytes, and wait until the service takes them.

        Raises:
            OSError: the service has closed the connection.
        """
        self._writer.write(data)
        await self._writer.drain()

    async def read_head(self) -> bytes:
        """Read an answer's head; what was read of it if the service closes the connection."""
        try:
            return await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            return error.partial

    async def read_answer(self) -> bool:
        """Read an answer of known length. Return whether the connection may take another request."""
        head = (await self.read_head()).lower()
        length = re.search(rb"content-length: (\d+)", head)
        if length is None:
            return False
        left = int(length[1])
        while left > 0:
            piece = await self._reader.read(min(left, 65_536))
            if not piece:
                return False
            left -= len(piece)
        return b"connection: close" not in head

    async def upgrade(self, query: str, fields: str = "") -> bytes:
        """Open the WebSocket for audio. Return the answer's head."""
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            f"GET /api/stream?{query} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{fields}\r\n"
        )
        await self.send(request.encode())
        return await self.read_head()

    async def silence(self, seconds: float) -> None:
        """Wait, or until the service closes the connection."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not self._writer.is_closing():
            await asyncio.sleep(min(left, 0.2))


Use = Callable[[Client], Awaitable[None]]


async def half_heads(url: str, seconds: float, count: int = 1100) -> None:
    """Send half a request head through many connections, and nothing more."""

    async def hold(client: Client) -> None:
        await client.send(b"GET /healthz HTTP/1.1\r\nHost: localh")
        await client.silence(seconds)

    await together(url, seconds, count, hold)


async def endless_head(url: str, seconds: float) -> None:
    """Send one request head that never ends."""
    await _endless(url, seconds, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nx: ", b"a" * 65_536)


async def endless_url(url: str, seconds: float) -> None:
    """Send one URL that never ends."""
    await _endless(url, seconds, b"GET /", b"a" * 65_536)


async def endless_headers(url: str, seconds: float) -> None:
    """Send one head of ever more short fields."""
    await _endless(url, seconds, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n", b"a:b\r\n" * 13_000)


async def endless_trailers(url: str, seconds: float) -> None:
    """Send trailers that never end, after a chunked body."""
    await _endless(url, seconds, f"{_CHUNKED}1\r\na\r\n0\r\n".encode(), b"a:b\r\n" * 13_000)


async def endless_chunk_extension(url: str, seconds: float) -> None:
    """Send one chunk whose extension never ends."""
    await _endless(url, seconds, f"{_CHUNKED}1;".encode(), b"a" * 65_536)


async def tiny_chunks(url: str, seconds: float) -> None:
    """Send a body in chunks of a byte, as fast as the service takes them."""
    await _endless(url, seconds, _CHUNKED.encode(), b"1\r\na\r\n" * 10_000)


async def pipelined(url: str, seconds: float) -> None:
    """Send thousands of requests without waiting for an answer."""
    await _endless(url, seconds, b"", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1500)


async def slow_uploads(url: str, seconds: float, count: int = 16, every: float = 10.0) -> None:
    """Upload files, a byte every ten seconds each."""
    head = b"POST /api/detect HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"

    async def trickle(client: Client) -> None:
        await client.send(head)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await client.send(b"R")
            await client.silence(min(every, seconds))

    await together(url, seconds, count, trickle)


async def compressed_messages(url: str, seconds: float, count: int = 11) -> None:
    """Send compressed silence, 256 KiB a message in 300 bytes, and read nothing. Refused compression, send a little."""
    deflate = zlib.compressobj(9, wbits=-12)
    block = deflate.compress(bytes(256 * 1024)) + deflate.flush(zlib.Z_SYNC_FLUSH)
    plain = Frame(Opcode.BINARY, block[:-4]).serialize(mask=True)
    message = bytes([plain[0] | 0x40]) + plain[1:]  # marked as compressed

    async def inflate(client: Client) -> None:
        head = await client.upgrade("name=compressed", "Sec-WebSocket-Extensions: permessage-deflate\r\n")
        if b"permessage-deflate" in head:
            for _ in range(1000):
                await client.send(message)
        await client.silence(seconds)

    await together(url, seconds, count, inflate)


async def flooding_streams(url: str, seconds: float, count: int = 60) -> None:
    """Stream faster than the clock, as fast as the service takes it."""
    await _stream(url, seconds, count, "name=flood", b"", Frame(Opcode.BINARY, _SECOND).serialize(mask=True))


async def tiny_messages(url: str, seconds: float, count: int = 20) -> None:
    """Stream one sample a message."""
    await _stream(url, seconds, count, "name=tiny", b"", Frame(Opcode.BINARY, b"\0\0").serialize(mask=True) * 1000)


async def empty_fragments(url: str, seconds: float, count: int = 4) -> None:
    """Send a message of ever more empty fragments."""
    first = Frame(Opcode.BINARY, b"", fin=False).serialize(mask=True)
    more = Frame(Opcode.CONT, b"", fin=False).serialize(mask=True)
    await _stream(url, seconds, count, "name=cut", first, more * 1000)


async def pings(url: str, seconds: float, count: int = 11) -> None:
    """Send pings as fast as the service takes them, and read no answer."""
    await _stream(url, seconds, count, "name=ping", b"", Frame(Opcode.PING, b"").serialize(mask=True) * 1000)


async def slow_readers(url: str, seconds: float, count: int = 50) -> None:
    """Stream in real time with `levels=true`, in messages of 10 ms, and read nothing."""
    message = Frame(Opcode.BINARY, bytes(320)).serialize(mask=True)

    async def stream(client: Client) -> None:
        await client.upgrade("name=slow&levels=true")
        start = time.monotonic()
        for number in range(int(100 * seconds)):
            await asyncio.sleep(start + number / 100 - time.monotonic())
            await client.send(message)

    await together(url, seconds, count, stream)


async def silent_feeds(url: str, seconds: float, count: int = 64) -> None:
    """Open event feeds, and read nothing."""

    async def hold(client: Client) -> None:
        await client.send(b"GET /api/events/live?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await client.silence(seconds)

    await together(url, seconds, count, hold)


async def feed_reconnects(url: str, seconds: float, count: int = 500) -> None:
    """Open an event feed again and again, and leave it at once."""

    async def leave(client: Client) -> None:
        await client.send(b"GET /api/events/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await client.read_head()

    end = time.monotonic() + seconds
    for _ in range(count):
        if time.monotonic() > end:
            return
        await together(url, end - time.monotonic(), 1, leave)


async def everything_that_hangs(url: str, seconds: float) -> None:
    """Hold some connections of each silent kind: for the end of a service under its clients."""
    await asyncio.gather(
        half_heads(url, seconds, 20),
        slow_uploads(url, seconds, 4, 1.0),
        slow_readers(url, seconds, 5),
        silent_feeds(url, seconds, 5),
        flooding_streams(url, seconds, 5),
        pings(url, seconds, 2),
    )


ATTACKS: dict[str, Attack] = {
    attack.__name__: attack
    for attack in (
        half_heads,
        endless_head,
        endless_url,
        endless_headers,
        endless_trailers,
        endless_chunk_extension,
        tiny_chunks,
        pipelined,
        slow_uploads,
        compressed_messages,
        flooding_streams,
        tiny_messages,
        empty_fragments,
        pings,
        slow_readers,
        silent_feeds,
        feed_reconnects,
    )
}


async def _alone(url: str, use: Use) -> None:
    """Connect once. If the service refuses or closes the connection, that is the end."""
    parts = urlsplit(url)
    with contextlib.suppress(OSError):
        opening = asyncio.open_connection(parts.hostname, parts.port, limit=1 << 12, local_addr=(ADDRESS, 0))
        reader, writer = await opening
        try:
            await use(Client(reader, writer))
        finally:
            writer.transport.abort()


async def together(url: str, seconds: float, count: int, use: Use) -> None:
    """Do the same through many connections, for so many seconds."""
    clients = [asyncio.create_task(_alone(url, use)) for _ in range(count)]
    _, hanging = await asyncio.wait(clients, timeout=seconds)
    for client in hanging:
        client.cancel()
    for result in await asyncio.gather(*clients, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


async def _endless(url: str, seconds: float, first: bytes, then: bytes) -> None:
    """Send bytes without end through one connection after the other."""

    async def flood(client: Client) -> None:
        await client.send(first)
        while True:
            await client.send(then)

    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        await together(url, left, 1, flood)
        await asyncio.sleep(_AGAIN)


async def _stream(url: str, seconds: float, count: int, query: str, first: bytes, then: bytes) -> None:
    """Send bytes without end through many audio streams."""

    async def flood(client: Client) -> None:
        await client.upgrade(query)
        await client.send(first)
        while True:
            await client.send(then)

    await together(url, seconds, count, flood)
