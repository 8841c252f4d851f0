"""Counting the events of other settings: one at a time, and no longer than somebody waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from service.detection.score_history import SimulatedEvent
from service.detection.what_if import Busy, Counter, Gone
from tests.waits import PATIENCE


class _Slow:
    """Scores whose simulation waits for a signal."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.simulations = 0

    def prepared(self) -> _Slow:
        return self

    def simulate(self, setup: Any) -> list[SimulatedEvent]:
        self.simulations += 1
        self.begun.release()
        assert self.go.acquire(timeout=PATIENCE)
        return [SimulatedEvent(7, 0), SimulatedEvent(9, 1)]


async def _stays() -> bool:
    return False


async def _goes() -> bool:
    return True


def _run(work: Callable[[Counter, _Slow], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        counter, slow = Counter(), _Slow()
        try:
            await work(counter, slow)
        finally:
            for _ in range(1000):
                slow.go.release()
            counter.close()

    asyncio.run(asyncio.wait_for(run(), PATIENCE))


def _count(counter: Counter, scores: list[_Slow], has_gone: Any = _stays) -> asyncio.Task[list[int]]:
    setups: Any = ["other", "now"]
    return asyncio.create_task(counter.count(scores, setups, 1, has_gone))  # type: ignore[arg-type]


def test_requests_are_counted_one_at_a_time_and_too_many_are_refused() -> None:
    async def work(counter: Counter, slow: _Slow) -> None:
        counting = [_count(counter, [slow]) for _ in range(4)]
        await asyncio.to_thread(slow.begun.acquire)
        with pytest.raises(Busy):
            await _count(counter, [slow])
        assert slow.simulations == 1
        for _ in range(8):
            slow.go.release()
        assert await asyncio.gather(*counting) == [[1, 1]] * 4
        slow.go.release(2)
        assert await _count(counter, [slow]) == [1, 1]

    _run(work)


@pytest.mark.parametrize("way", ["gone", "cancelled"])
def test_nothing_is_counted_on_for_a_client_that_has_gone(way: str) -> None:
    async def work(counter: Counter, slow: _Slow) -> None:
        counting = _count(counter, [slow] * 100, _goes if way == "gone" else _stays)
        waiting = _count(counter, [slow] * 100, _goes if way == "gone" else _stays)
        await asyncio.to_thread(slow.begun.acquire)
        if way == "cancelled":
            counting.cancel()
            waiting.cancel()
        for task in (counting, waiting):
            with pytest.raises(Gone if way == "gone" else asyncio.CancelledError):
                await task
        slow.go.release(1000)
        assert await _count(counter, [slow]) == [1, 1]  # after what was counted before
        assert slow.simulations == 1 + 2

    _run(work)
