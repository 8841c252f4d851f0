"""What hostile clients do to the Wyoming server: one function for each attack.

Each takes the server's URL, tcp://HOST:PORT, and the seconds it lasts, is bounded in connections and bytes, and ends by
itself. All connect from an address of their own: limits for one address don't meet the bench's streams.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from bench.service.attacks import ADDRESS, Attack

_FORMAT: dict[str, Any] = {"rate": 16_000, "width": 2, "channels": 1}
_AGAIN = 0.05  # seconds before the next connection, if the server has closed one

Use = Callable[[asyncio.StreamWriter], Awaitable[None]]


def message(kind: str, payload: bytes = b"", **data: Any) -> bytes:
    """Return a message as bytes for the connection."""
    return json.dumps({"type": kind, "data": data, "payload_length": len(payload)}).encode() + b"\n" + payload


async def wyoming_silence(url: str, seconds: float, count: int = 420) -> None:
    """Begin a stream through many connections, and send no audio."""
    await _hold(url, seconds, count, message("audio-start", **_FORMAT))


async def wyoming_half_messages(url: str, seconds: float, count: int = 420) -> None:
    """Send half a message through many connections."""
    await _hold(url, seconds, count, b'{"type": "audio-chunk", "payload_length": 200000}\n' + bytes(1000))


async def wyoming_lies(url: str, seconds: float, count: int = 4) -> None:
    """Send a payload without end."""
    await _flood(url, seconds, count, b'{"type": "audio-chunk", "payload_length": 1000000000000}\n', bytes(65_536))


async def wyoming_describe(url: str, seconds: float, count: int = 100) -> None:
    """Ask for the words as fast as the server takes it, and read nothing."""
    await _flood(url, seconds, count, b"", message("describe") * 500)


async def wyoming_detect(url: str, seconds: float, count: int = 100) -> None:
    """Request as many words as a message holds, again and again."""
    await _flood(url, seconds, count, b"", message("detect", names=[150 * chr(945 + n % 24) for n in range(17)]))


async def wyoming_json(url: str, seconds: float, count: int = 100) -> None:
    """Send the JSON that takes longest to read, in messages of no known type."""
    await _flood(url, seconds, count, b"", message("milk", numbers=list(range(2500))))


async def wyoming_restarts(url: str, seconds: float, count: int = 100) -> None:
    """Begin and end streams as fast as the server takes it."""
    once = message("audio-start", **_FORMAT) + message("audio-chunk", bytes(3200), **_FORMAT) + message("audio-stop")
    await _flood(url, seconds, count, b"", once * 50)


async def wyoming_tiny_chunks(url: str, seconds: float, count: int = 100) -> None:
    """Stream one sample a chunk."""
    await _flood(url, seconds, count, b"", message("audio-chunk", bytes(2), **_FORMAT) * 500)


async def wyoming_short_chunks(url: str, seconds: float, count: int = 100) -> None:
    """Stream 5 ms a chunk, as fast as the server takes it."""
    await _flood(url, seconds, count, b"", message("audio-chunk", bytes(160), **_FORMAT) * 500)


async def wyoming_audio(url: str, seconds: float, count: int = 100) -> None:
    """Stream faster than the clock, as fast as the server takes it."""
    await _flood(url, seconds, count, b"", message("audio-chunk", bytes(32_000), **_FORMAT))


async def wyoming_low_rates(url: str, seconds: float, count: int = 100) -> None:
    """Stream two minutes a chunk."""
    await _flood(url, seconds, count, b"", message("audio-chunk", bytes(262_144), rate=2000, width=1, channels=1))


async def wyoming_formats(url: str, seconds: float, count: int = 100) -> None:
    """Stream each chunk at another rate, each of which needs a resampler of its own."""
    chunks = [message("audio-chunk", bytes(4000), rate=2003 + 2 * n, width=2, channels=1) for n in range(200)]
    await _flood(url, seconds, count, b"", b"".join(chunks))


async def wyoming_connections(url: str, seconds: float, count: int = 200) -> None:
    """Connect and send noise, again and again, through many connections at a time."""

    async def milk(writer: asyncio.StreamWriter) -> None:
        writer.write(b"milk\n")
        await writer.drain()

    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        await _together(url, left, count, milk)


WYOMING_ATTACKS: dict[str, Attack] = {
    attack.__name__: attack
    for attack in (
        wyoming_silence,
        wyoming_half_messages,
        wyoming_lies,
        wyoming_describe,
        wyoming_detect,
        wyoming_json,
        wyoming_restarts,
        wyoming_tiny_chunks,
        wyoming_short_chunks,
        wyoming_audio,
        wyoming_low_rates,
        wyoming_formats,
        wyoming_connections,
    )
}


async def _hold(url: str, seconds: float, count: int, first: bytes) -> None:
    """Send bytes through many connections, and nothing more."""

    async def hold(writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        await asyncio.sleep(seconds)

    await _together(url, seconds, count, hold)


async def _flood(url: str, seconds: float, count: int, first: bytes, then: bytes) -> None:
    """Send bytes without end through many connections; open one that was closed again."""

    async def flood(writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(then)
            await writer.drain()

    end = time.monotonic() + seconds

    async def again() -> None:
        while time.monotonic() < end:
            await alone(url, flood)
            await asyncio.sleep(_AGAIN)

    await _for_a_time(seconds, [again() for _ in range(count)])


async def _together(url: str, seconds: float, count: int, use: Use) -> None:
    """Do the same through many connections, for so many seconds."""
    await _for_a_time(seconds, [alone(url, use) for _ in range(count)])


async def _for_a_time(seconds: float, work: list[Any]) -> None:
    tasks = [asyncio.create_task(each) for each in work]
    _, hanging = await asyncio.wait(tasks, timeout=seconds)
    for task in hanging:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


async def alone(url: str, use: Use) -> None:
    """Connect once. If the server refuses or closes the connection, that is the end."""
    parts = urlsplit(url)
    with contextlib.suppress(OSError):
        _, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 12, local_addr=(ADDRESS, 0))
        try:
            await use(writer)
        finally:
            # A reset: the system would send what it still holds, and the attack would outlast its time.
            # If the socket is closed already, an error would take the place of this task's cancellation.
            with contextlib.suppress(OSError):
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
