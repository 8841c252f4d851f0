"""Turns at the event loop: messages that are not audio wait for each other, so that a flood of them delays no audio."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

_SECONDS = 0.002  # of a turn; a message takes less


class Turns:
    """A queue of all clients, one message each. Without a flood nobody waits."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._next = 0.0  # time of the loop at which the next turn begins

    async def take(self) -> None:
        """Wait for the next turn."""
        now = self._loop.time()
        begin = max(now, self._next)
        self._next = begin + _SECONDS
        await asyncio.sleep(begin - now)

    @contextmanager
    def slow(self) -> Iterator[None]:
        """Measure work that takes longer than a turn, and let the next turn wait so that turns take a third at most."""
        begin = self._loop.time()
        yield
        end = self._loop.time()
        self._next = max(self._next, end) + 2 * (end - begin)
