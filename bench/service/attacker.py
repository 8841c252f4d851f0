"""A process that attacks, so that the bench's streams keep to real time. An attack without end is cut off."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType

from bench.service.attacks import Attack

if sys.platform != "win32":
    import resource

PATIENCE = 20.0  # seconds beyond its own after which an attack is cut off

_SPAWN = get_context("spawn")  # a fork would share the sockets of the bench


class Attacker:
    """Makes one attack after the other. If one doesn't end, its process is killed, and the next has another."""

    def __init__(self, attacks: Mapping[str, Attack], patience: float = PATIENCE) -> None:
        """attacks: importable functions, by name. patience: seconds beyond its own that an attack may take."""
        self._attacks = attacks
        self._patience = patience
        self._start()

    def __enter__(self) -> Attacker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._kill()

    def attack(self, name: str, url: str, seconds: float) -> str:
        """Attack for so many seconds. Return what was wrong, or nothing."""
        self._orders.send((name, url, seconds))
        if not self._orders.poll(seconds + self._patience):
            self._kill()
            self._start()
            return f"cut off {self._patience:.0f} seconds after its time"
        try:
            failure: str = self._orders.recv()
        except (EOFError, ConnectionResetError):
            self._kill()
            self._start()
            return "its process has ended"
        return failure

    def _start(self) -> None:
        """Start a process, and wait until it has imported the attacks."""
        self._orders, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_obey, args=(theirs, self._attacks), daemon=True)
        self._process.start()
        theirs.close()
        self._orders.recv()

    def _kill(self) -> None:
        self._orders.close()
        self._process.kill()
        self._process.join()


def _obey(orders: Connection, attacks: Mapping[str, Attack]) -> None:
    """Make the attacks that are ordered, until the other end is gone."""
    if sys.platform != "win32":
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    orders.send("ready")
    while True:
        try:
            name, url, seconds = orders.recv()
        except EOFError:
            return
        failure = ""
        try:
            asyncio.run(attacks[name](url, seconds))
        except Exception as error:
            failure = f"{type(error).__name__}: {error}"
        orders.send(failure)
