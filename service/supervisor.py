"""The parts of the service that run beside each other: what one fails of ends no other, and it begins anew."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable

import structlog

from service.metrics import Metrics

_log = structlog.get_logger()


async def keep_running(name: str, part: Callable[[], Awaitable[None]], metrics: Metrics, pause: float) -> None:
    """Run a part until cancelled. Whenever it fails or ends, that is said, and it begins anew after so many seconds."""
    while True:
        try:
            await part()
            _log.error("a part of the service has ended; it begins anew", part=name, again_in=pause)
        except Exception:
            _log.exception("a part of the service has failed; it begins anew", part=name, again_in=pause)
        metrics.failures.labels(name).inc()
        await asyncio.sleep(pause)


async def stop(task: asyncio.Task[None], again: float = 10.0) -> None:
    """Cancel a task and wait until it has ended.

    Before Python 3.12 a cancellation is lost where it meets an `asyncio.wait_for` that has just got what it waits for,
    which libraries use; so it comes again after so many seconds, more than any part needs to end.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=again)


async def in_thread(name: str, work: Callable[[], None]) -> None:
    """Do work in a thread of its own, for as long as it takes; what it raises is raised here.

    Neither a wait that is cancelled nor the end of the process waits for the thread: it may hang on a device.
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
        with contextlib.suppress(RuntimeError):  # the loop is gone already
            loop.call_soon_threadsafe(settle, failure)

    threading.Thread(target=run, name=name, daemon=True).start()
    await done
