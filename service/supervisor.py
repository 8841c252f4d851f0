"""Supervise the service's background tasks. A failing task never stops the others; it is restarted."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable

import structlog

from service.metrics import Metrics

_log = structlog.get_logger()


async def supervise(name: str, work: Callable[[], Awaitable[None]], metrics: Metrics, pause: float) -> None:
    """Run a task until cancelled. If it fails or returns, log it, and restart it after `pause` seconds."""
    while True:
        try:
            await work()
            _log.error("a task of the service has returned; restarting it", part=name, again_in=pause)
        except Exception:
            _log.exception("a task of the service has failed; restarting it", part=name, again_in=pause)
        metrics.failures.labels(name).inc()
        await asyncio.sleep(pause)


async def stop(task: asyncio.Task[None], again: float = 10.0) -> None:
    """Cancel a task and wait for its end. Repeat the cancellation every `again` seconds.

    Before Python 3.12 `asyncio.wait_for`, which libraries use, loses a cancellation that coincides with its result.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=again)


async def in_thread(name: str, work: Callable[[], None]) -> None:
    """Run blocking work in a thread of its own, and raise its exception here.

    If this is cancelled or the process ends, nobody waits for the thread: it may hang on a device.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        failure: Exception | None = None
        try:
            work()
        except Exception as error:
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            loop.call_soon_threadsafe(settle, failure)

    threading.Thread(target=run, name=name, daemon=True).start()
    await done
