"""The supervisor: a failing task never stops the others; it is restarted."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from service.metrics import Metrics
from service.supervisor import in_thread, stop, supervise
from tests.service.live import running, settings
from tests.waits import PATIENCE, until


def _supervise_until(work: Callable[[], Awaitable[None]], settled: asyncio.Event, metrics: Metrics) -> None:
    async def run() -> None:
        supervising = asyncio.create_task(supervise("ear", work, metrics, pause=0))
        await asyncio.wait_for(settled.wait(), PATIENCE)
        supervising.cancel()
        await asyncio.gather(supervising, return_exceptions=True)

    asyncio.run(run())


@pytest.mark.parametrize("end", [RuntimeError("the device has failed"), None])
def test_a_task_that_fails_or_returns_is_restarted_and_counted(end: Exception | None) -> None:
    metrics, settled, starts = Metrics(), asyncio.Event(), 0

    async def work() -> None:
        nonlocal starts
        starts += 1
        if starts < 3:
            if end is not None:
                raise end
            return
        settled.set()
        await asyncio.Event().wait()

    _supervise_until(work, settled, metrics)
    assert starts == 3
    assert 'wakeword_part_failures_total{part="ear"} 2.0' in metrics.text().decode()


def test_an_exception_of_a_thread_is_raised_where_the_thread_is_awaited() -> None:
    def work() -> None:
        raise ValueError("torn")

    with pytest.raises(ValueError, match="torn"):
        asyncio.run(in_thread("worker", work))


def test_a_hanging_thread_does_not_delay_a_cancellation() -> None:
    hangs = threading.Event()

    def hang() -> None:
        hangs.wait()

    async def run() -> None:
        await asyncio.wait_for(in_thread("hanging", hang), 0.05)

    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(run())
    hangs.set()


def test_a_task_that_loses_its_cancellation_is_cancelled_again() -> None:
    async def forgetful() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    async def run() -> None:
        task = asyncio.create_task(forgetful())
        await asyncio.sleep(0)
        await asyncio.wait_for(stop(task, again=0.01), PATIENCE)

    asyncio.run(run())


def test_a_microphone_whose_thread_has_failed_is_restarted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real device has no unforeseen failure, so this one is made up."""
    started = threading.Semaphore(0)

    def broken(*arguments: object, **options: object) -> None:
        started.release()
        raise ZeroDivisionError("in the driver")

    monkeypatch.setattr("service.detection.microphone.lasting_microphone", broken)
    with running(settings(tmp_path, microphone=True, part_retry=0.01)) as live:
        for _ in range(3):
            assert started.acquire(timeout=PATIENCE)
        assert live.http.get("/readyz").status_code == 200
        until(lambda: 'part="microphone"' in live.http.get("/metrics").text)
