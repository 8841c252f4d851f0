"""Turns at the event loop: what is not audio in real time waits for its turn, so that a flood delays no stream."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

MESSAGE = 0.002  # seconds of a turn for a message, which takes less
PIECE = 0.0002  # for a piece of audio, which is measured
_SHARE = 3  # times the measured seconds that a turn takes, so that turns leave most of the loop to others


class Turns:
    """A queue of all clients, one turn each. Without a flood nobody waits."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._next = 0.0  # time of the loop at which the next turn begins

    async def take(self, seconds: float = MESSAGE) -> None:
        """Wait for the next turn, which takes so many seconds."""
        now = self._loop.time()
        begin = max(now, self._next)
        self._next = begin + seconds
        await asyncio.sleep(begin - now)

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure work that doesn't wait, and count it to the turn."""
        begin = self._loop.time()
        yield
        end = self._loop.time()
        self._next = max(self._next, end) + (_SHARE - 1) * (end - begin)
