"""What hostile clients do by whole requests: rebound names, lying audio, floods of what is dear to answer.

As in `attacks`, each takes the service's URL and the seconds it lasts, is bounded, and ends by itself.
"""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Sequence
from itertools import cycle

from bench.service.attacks import Attack, Client, together

# Names that a page of an attacker may have, and what parsers make of them differently.
_HOSTS = (
    "evil.test",
    "a{b.evil.test:8765",
    "a}b.evil.test",
    "a`b.evil.test",
    'a"b.evil.test',
    "x?",
    "evil.test:",
    "evil.test:99999",
    "localhost@evil.test",
    "localhost.evil.test",
    "",
)
_PATHS = (
    "/api/events?limit=500",
    "//api/events",
    "/api/./events",
    "/%61pi/events",
    "/api/events/../events",
    "http://evil.test/api/events",
)

_AGAIN = 0.05  # seconds before the next connections, if the service has closed these


class GotIn(Exception):
    """Report that the service has answered what it must refuse."""


async def rebound_names(url: str, seconds: float) -> None:
    """Ask for the events under names that are not this computer's.

    Raises:
        GotIn: an answer had them.
    """

    async def ask(client: Client, host: str) -> None:
        await client.send(f"GET /api/events HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        head = await client.read_head()
        if head.startswith(b"HTTP/1.1 2"):
            raise GotIn(f"Host {host!r} got {head[:40]!r}")

    end = time.monotonic() + seconds
    for host in cycle(_HOSTS):
        if (left := end - time.monotonic()) <= 0:
            return
        await together(url, left, 10, lambda client, host=host: ask(client, host))  # type: ignore[misc]


async def cross_site_pages(url: str, seconds: float, count: int = 20) -> None:
    """Request as the page of another site does, as fast as it is refused."""
    fields = "Origin: http://evil.test\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n"
    await _flood(
        url, seconds, count, [f"POST /api/models/google12/activate HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"]
    )


async def odd_paths(url: str, seconds: float, count: int = 20) -> None:
    """Request the longest page of events, and the same by odd paths."""
    await _flood(url, seconds, count, [f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n" for path in _PATHS])


async def what_if(url: str, seconds: float, count: int = 40) -> None:
    """Ask for the effect of the lowest threshold, and leave before the answer."""
    request = b"GET /api/words/yes/what-if?threshold=0.1 HTTP/1.1\r\nHost: localhost\r\n\r\n"

    async def ask(client: Client) -> None:
        await client.send(request)
        await client.silence(0.05)

    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        await together(url, left, count, ask)
        await asyncio.sleep(_AGAIN)


async def missed_words(url: str, seconds: float, count: int = 20) -> None:
    """File a second of a stream for training, again and again."""
    body = b'{"word": "yes"}'
    head = (
        "POST /api/sources/bench/missed HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    await _flood(url, seconds, count, [head + body.decode()])


async def lying_audio(url: str, seconds: float, count: int = 4) -> None:
    """Upload files whose headers claim odd rates, channels and lengths."""
    files = [_wav(rate, channels) for rate in (1, 4, 1999, 2000, 4_000_000_000) for channels in (1, 1000)]

    async def upload(client: Client) -> None:
        for file in cycle(files):
            head = f"POST /api/detect HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(file)}\r\n\r\n"
            await client.send(head.encode() + file)
            if not await client.read_answer():
                return

    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        await together(url, left, count, upload)
        await asyncio.sleep(_AGAIN)


async def lying_streams(url: str, seconds: float, count: int = 20) -> None:
    """Open streams of odd rates, and send what would be hours."""

    async def stream(client: Client, rate: int) -> None:
        await client.upgrade(f"name=lie&rate={rate}")
        await client.send(bytes(65_536))

    end = time.monotonic() + seconds
    for rate in cycle((1, 2, 7999, 8000, 192_001, 10**9)):
        if (left := end - time.monotonic()) <= 0:
            return
        await together(url, min(left, 1.0), count, lambda client, rate=rate: stream(client, rate))  # type: ignore[misc]


API_ATTACKS: dict[str, Attack] = {
    attack.__name__: attack
    for attack in (
        rebound_names,
        cross_site_pages,
        odd_paths,
        lying_audio,
        lying_streams,
        what_if,
        missed_words,
    )
}


def _wav(rate: int, channels: int) -> bytes:
    """Return 64 KB of silence under a header that claims this rate and so many channels."""
    block = min(2 * channels, 65_535)
    form = struct.pack("<HHIIHH", 1, channels, rate, min(rate * block, 2**32 - 1), block, 16)
    data = bytes(65_536)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


async def _flood(url: str, seconds: float, count: int, requests: Sequence[str]) -> None:
    """Send requests one after the other through many connections, each as soon as the one before is answered."""

    async def ask(client: Client) -> None:
        for request in cycle(requests):
            await client.send(request.encode())
            if not await client.read_answer():
                return

    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        await together(url, left, count, ask)
        await asyncio.sleep(_AGAIN)
