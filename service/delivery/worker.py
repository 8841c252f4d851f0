"""Deliver events to one target, and retry until each has arrived, also after a restart of either side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from service.delivery.outbox import Delivery, Outbox
from service.metrics import Metrics
from service.notifier import Notifier

_LEASE = 60.0  # seconds that a batch may take
_BATCH = 50  # deliveries
_POLL = 1.0  # seconds between two looks for retries that are due
_log = structlog.get_logger()

Send = Callable[[Delivery], Awaitable[None]]
Connect = Callable[[], AbstractAsyncContextManager[Send]]


class Unreachable(Exception):
    """Report that the target can't be reached. All deliveries wait."""


class Refused(Exception):
    """Report that the target failed at this delivery, which is retried later. Others go on."""


class Unwanted(Exception):
    """Report that the target never wants this delivery, which is given up."""


@dataclass(frozen=True)
class Backoff:
    """Exponential backoff: the wait in seconds between attempts doubles up to a limit."""

    first: float = 1.0
    limit: float = 600.0

    def after(self, attempts: int) -> float:
        """Return the wait after so many failed attempts, at least one."""
        return min(self.first * 2.0 ** min(attempts - 1, 30), self.limit)


class DeliveryWorker:
    """Delivers to one target."""

    def __init__(
        self, name: str, connect: Connect, outbox: Outbox, stored: Notifier, metrics: Metrics, backoff: Backoff
    ) -> None:
        """name: of the target, in logs and metrics. connect: connects to it. stored: notifies of new events."""
        self.name = name
        self._connect = connect
        self._outbox = outbox
        self._stored = stored
        self._metrics = metrics
        self._backoff = backoff
        self._failures = 0  # connections in a row

    async def run(self) -> None:
        """Deliver until cancelled, beginning with the deliveries that an earlier process left."""
        released = False
        while True:
            try:
                if not released:
                    await asyncio.to_thread(self._outbox.release_leases, time.time())
                    released = True
                async with self._connect() as send:
                    await self._deliver_all(send)
            except (Unreachable, SQLAlchemyError, OSError) as error:
                self._failures += 1
                if self._failures == 1:
                    _log.warning("deliveries wait: the target can't be reached", target=self.name, reason=str(error))
                await asyncio.sleep(self._backoff.after(self._failures))

    async def _deliver_all(self, send: Send) -> None:
        while True:
            # Wait before looking, so that no notification is missed between the two.
            notified = asyncio.ensure_future(self._stored.wait(_POLL))
            await asyncio.sleep(0)
            if await asyncio.to_thread(self._outbox.has_due, time.time()):
                notified.cancel()
                await self._deliver_batch(send)
            else:
                await notified

    async def _deliver_batch(self, send: Send) -> None:
        """Deliver one batch. If the target fails, give the rest back."""
        batch = await asyncio.to_thread(self._outbox.claim, time.time(), _LEASE, _BATCH)
        rest = [delivery.id for delivery in batch]
        try:
            for delivery in batch:
                await self._deliver(send, delivery)
                rest.remove(delivery.id)
        finally:
            if rest:
                await asyncio.to_thread(self._outbox.postpone, rest, time.time())

    async def _deliver(self, send: Send, delivery: Delivery) -> None:
        log = _log.bind(target=self.name, event_id=delivery.event_id)
        try:
            await send(delivery)
        except (ValueError, KeyError) as error:  # of a damaged file; it would stop all later deliveries
            log.error("delivery given up: it holds no event", reason=repr(error))
            self._metrics.deliveries.labels(self.name, "given up").inc()
        except Refused as error:
            wait = self._backoff.after(delivery.attempts)
            log.warning("delivery failed; it is retried", reason=str(error), again_in=wait)
            self._metrics.deliveries.labels(self.name, "refused").inc()
            await asyncio.to_thread(self._outbox.postpone, [delivery.id], time.time() + wait)
            return
        except Unwanted as error:
            log.warning("delivery given up", reason=str(error))
            self._metrics.deliveries.labels(self.name, "given up").inc()
        else:
            self._metrics.deliveries.labels(self.name, "arrived").inc()
            if self._failures:
                _log.info("deliveries arrive again", target=self.name)
                self._failures = 0
        await asyncio.to_thread(self._outbox.done, delivery.id)
