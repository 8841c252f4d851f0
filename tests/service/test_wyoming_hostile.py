"""Hostile Wyoming clients: while each of them is at work, another one gets all its detections."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

import pytest
from wyoming.audio import AudioChunk, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.wake import Detection

from bench.service.wyoming_attacks import WYOMING_ATTACKS
from tests.service.live import UNHURRIED, Live, running, settings, words_of_demo
from tests.signals import demo
from tests.waits import PATIENCE, until

_SECONDS = 0.5
_CLIENTS = 12
_LIMITS = replace(UNHURRIED, wyoming_connections=20, wyoming_connections_per_address=10)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Live]:
    chosen = settings(tmp_path_factory.mktemp("data"), wyoming=f"tcp://127.0.0.1:{port}", limits=_LIMITS)
    with running(chosen) as live:
        yield live


async def _words(port: int) -> list[str | None]:
    """Stream the demo, and return the detected words."""
    pcm = demo().astype("<i2").tobytes()
    words: list[str | None] = []
    async with AsyncTcpClient("127.0.0.1", port) as client:
        for start in range(0, len(pcm), 16_000):
            await client.write_event(AudioChunk(16_000, 2, 1, pcm[start : start + 16_000]).event())
        await client.write_event(AudioStop().event())
        while len(words) < len(words_of_demo()):
            event = await asyncio.wait_for(client.read_event(), PATIENCE)
            assert event is not None and Detection.is_type(event.type)
            words.append(Detection.from_event(event).name)
    return words


@pytest.mark.parametrize("attack", WYOMING_ATTACKS.values(), ids=WYOMING_ATTACKS)
def test_another_client_gets_its_detections(service: Live, port: int, attack: Callable[..., Awaitable[None]]) -> None:
    async def both() -> list[str | None]:
        attacking = asyncio.ensure_future(attack(f"tcp://127.0.0.1:{port}", _SECONDS, _CLIENTS))
        try:
            return await _words(port)
        finally:
            await attacking

    assert asyncio.run(both()) == [word for word, _ in words_of_demo()]
    until(lambda: service.http.get("/api/sources").json() == [])
    assert service.http.get("/readyz").status_code == 200
