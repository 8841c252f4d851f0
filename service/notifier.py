"""Wake all tasks that wait for something to happen."""

from __future__ import annotations

import asyncio

import anyio


class Notifier:
    """Wakes every waiting task at each notification."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def notify(self) -> None:
        """Wake all tasks that wait now."""
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Wait for the next notification, at most so long. Return whether one came."""
        with anyio.move_on_after(seconds):
            return await self._next.wait()
        return False
