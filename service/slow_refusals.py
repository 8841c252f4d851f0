"""Slow down clients that are refused often: to refuse a flood at once would take a core."""

from __future__ import annotations

import asyncio
import time

from service.rate_limiter import RateLimiter
from service.settings import Limits

_DELAY = 0.5  # seconds
_MOST = 100  # refusals that wait at a time; each holds a connection


class SlowRefusals:
    """Delays refusals beyond the rate of requests. What is admitted never waits."""

    def __init__(self, limits: Limits) -> None:
        self._rate = RateLimiter(limits.requests_per_second, limits.burst)
        self._waiting = 0

    async def delay(self, client: str) -> bool:
        """Wait before a refusal if this client is refused often. Return False, at once, if too many wait already."""
        if self._rate.allows(client, time.monotonic()):
            return True
        if self._waiting >= _MOST:
            return False
        self._waiting += 1
        try:
            await _pause()
        finally:
            self._waiting -= 1
        return True


async def _pause() -> None:
    await asyncio.sleep(_DELAY)
