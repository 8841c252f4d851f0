"""The parts beside the streams: what one fails of ends no other, and it begins anew."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from service.metrics import Metrics
from service.supervisor import in_thread, keep_running, stop
from tests.service.live import PATIENCE, running, settings, until


def _run_until_settled(part: Callable[[], Awaitable[None]], settled: asyncio.Event, metrics: Metrics) -> None:
    async def run() -> None:
        keeping = asyncio.create_task(keep_running("ear", part, metrics, pause=0))
        await asyncio.wait_for(settled.wait(), PATIENCE)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    asyncio.run(run())


@pytest.mark.parametrize("end", [RuntimeError("the device has burnt"), None])
def test_a_part_that_fails_or_ends_begins_anew_and_is_counted(end: Exception | None) -> None:
    metrics, settled, begun = Metrics(), asyncio.Event(), 0

    async def part() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            if end is not None:
                raise end
            return
        settled.set()
        await asyncio.Event().wait()

    _run_until_settled(part, settled, metrics)
    assert begun == 3
    assert 'wakeword_part_failures_total{part="ear"} 2.0' in metrics.text().decode()


def test_what_a_thread_raises_is_raised_where_it_is_awaited() -> None:
    def work() -> None:
        raise ValueError("torn")

    with pytest.raises(ValueError, match="torn"):
        asyncio.run(in_thread("worker", work))


def test_nobody_waits_for_a_thread_that_hangs() -> None:
    hangs = threading.Event()

    async def run() -> None:
        await asyncio.wait_for(in_thread("hanging", lambda: hangs.wait() and None), 0.05)

    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(run())
    hangs.set()


def test_a_part_that_forgets_that_it_was_cancelled_is_cancelled_again() -> None:
    async def forgetful() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    async def run() -> None:
        task = asyncio.create_task(forgetful())
        await asyncio.sleep(0)
        await asyncio.wait_for(stop(task, again=0.01), PATIENCE)

    asyncio.run(run())


def test_a_microphone_whose_thread_has_died_is_heard_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No device can be made to fail in a way that nobody has foreseen, so this one is made up."""
    begun = threading.Semaphore(0)

    def broken(*arguments: object, **options: object) -> None:
        begun.release()
        raise ZeroDivisionError("in the driver")

    monkeypatch.setattr("service.detection.microphone.lasting_microphone", broken)
    with running(settings(tmp_path, microphone=True, part_retry=0.01)) as live:
        for _ in range(3):
            assert begun.acquire(timeout=PATIENCE)
        assert live.http.get("/readyz").status_code == 200
        until(lambda: 'part="microphone"' in live.http.get("/metrics").text)
