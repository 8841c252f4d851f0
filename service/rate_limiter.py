"""Rate limits by client address: a token bucket for each."""

from __future__ import annotations

from collections import OrderedDict

_MAX_ADDRESSES = 10_000


class RateLimiter:
    """Allows each address a burst, then a steady rate. Callers pass the time, in seconds of any clock."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, and when they were counted

    def allows(self, address: str, now: float) -> bool:
        """Take a token of this address. Return whether there was one."""
        tokens = self._tokens(address, now)
        self._buckets[address] = (tokens - 1 if tokens >= 1 else tokens, now)
        self._buckets.move_to_end(address)
        if len(self._buckets) > _MAX_ADDRESSES:
            self._buckets.popitem(last=False)
        return tokens >= 1

    def wait(self, address: str, now: float) -> float:
        """Return the seconds until the next token."""
        return max(0.0, (1 - self._tokens(address, now)) / self._per_second)

    def _tokens(self, address: str, now: float) -> float:
        tokens, then = self._buckets.get(address, (float(self._burst), now))
        return min(float(self._burst), tokens + (now - then) * self._per_second)
