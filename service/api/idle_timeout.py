"""A timeout for idle connections. One timer serves many waits: a timer per message would cost more than its engine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Idle(Exception):
    """Report that nothing came for too long."""


class IdleTimeout:
    """Limits the waits of the current task, each to so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._since: float | None = None  # when the present wait began
        self._timer: asyncio.TimerHandle | None = None
        self._expired = False

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Limit the wait in this block.

        Raises:
            Idle: it took too long.
        """
        self._since = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._check)
        try:
            yield
        except asyncio.CancelledError:
            if not self._expired:
                raise
            if hasattr(self._task, "uncancel"):  # from Python 3.11 on
                self._task.uncancel()
            raise Idle(f"nothing came for {self._seconds:.0f} seconds") from None
        finally:
            self._since = None

    def _check(self) -> None:
        """Cancel the task if its wait is too long; else check again when it may be."""
        if self._task.done():
            return
        waited = 0.0 if self._since is None else self._loop.time() - self._since
        if waited >= self._seconds:
            self._expired = True
            self._task.cancel()
        else:
            self._timer = self._loop.call_later(self._seconds - waited, self._check)
