"""The process that attacks: it outlives every attack, or another takes its place."""

from __future__ import annotations

import asyncio
import os

from bench.service.attacker import Attacker
from bench.service.wyoming_attacks import alone
from tests.waits import PATIENCE


async def _endless(url: str, seconds: float) -> None:
    await asyncio.Event().wait()


async def _fatal(url: str, seconds: float) -> None:
    os._exit(1)


async def _failing(url: str, seconds: float) -> None:
    raise ValueError(url)


async def _short(url: str, seconds: float) -> None:
    pass


def test_whatever_becomes_of_an_attack_the_next_one_is_made() -> None:
    attacks = {"endless": _endless, "fatal": _fatal, "failing": _failing, "short": _short}
    with Attacker(attacks, patience=0) as attacker:
        assert attacker.attack("endless", "milk", 0) == "cut off 0 seconds after its time"
        assert attacker.attack("fatal", "milk", PATIENCE) == "its process has ended"
        assert attacker.attack("failing", "milk", PATIENCE) == "ValueError: milk"
        assert attacker.attack("short", "milk", PATIENCE) == ""


def test_an_attack_can_be_cancelled_whose_connection_is_closed_already() -> None:
    async def cancelled() -> bool:
        reached = asyncio.Event()

        async def close_and_wait(writer: asyncio.StreamWriter) -> None:
            writer.transport.abort()
            await writer.wait_closed()
            reached.set()
            await asyncio.Event().wait()

        async with await asyncio.start_server(lambda reader, writer: None, "127.0.0.1") as server:
            port = server.sockets[0].getsockname()[1]
            attacking = asyncio.create_task(alone(f"tcp://127.0.0.1:{port}", close_and_wait))
            await reached.wait()
            attacking.cancel()
            await asyncio.wait([attacking])
        return attacking.cancelled()

    assert asyncio.run(cancelled())
