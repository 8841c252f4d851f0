"""So many at once, and so many a second: a bucket of tokens for each address."""

from __future__ import annotations

from collections import OrderedDict

_MOST_ADDRESSES = 10_000


class RateLimiter:
    """Tells whether an address may. It is told the time, in seconds."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, as of when

    def allows(self, address: str, now: float) -> bool:
        """Take one token, if there is one."""
        tokens = self._level(address, now)
        self._buckets[address] = (tokens - 1 if tokens >= 1 else tokens, now)
        self._buckets.move_to_end(address)
        if len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return tokens >= 1

    def wait(self, address: str, now: float) -> float:
        """Seconds until the next token."""
        return max(0.0, (1 - self._level(address, now)) / self._per_second)

    def _level(self, address: str, now: float) -> float:
        tokens, then = self._buckets.get(address, (float(self._burst), now))
        return min(float(self._burst), tokens + (now - then) * self._per_second)
