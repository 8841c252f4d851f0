"""Carries deliveries to one target until each has arrived, however often either side is started anew."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError

from service.delivery.outbox import Delivery, Outbox
from service.detection.recorder import Notifier
from service.metrics import Metrics

_LEASE = 60.0  # seconds that a batch may take
_BATCH = 50
_LOOK = 1.0  # seconds between two looks for what is due again
_log = structlog.get_logger()

Send = Callable[[Delivery], Awaitable[None]]
Connect = Callable[[], AbstractAsyncContextManager[Send]]


class Unreachable(Exception):
    """Nothing can be delivered to the target at present."""


class Refused(Exception):
    """This delivery was not taken; others may be."""


class Unwanted(Exception):
    """The target wants no such delivery, now or ever."""


@dataclass(frozen=True)
class Backoff:
    """Seconds between attempts: twice as many after each, up to the most."""

    first: float = 1.0
    most: float = 600.0

    def after(self, attempts: int) -> float:
        return min(self.first * 2.0 ** min(attempts - 1, 30), self.most)


class DeliveryWorker:
    """Serves one target."""

    def __init__(
        self, name: str, connect: Connect, outbox: Outbox, kept: Notifier, metrics: Metrics, patience: Backoff
    ) -> None:
        """name: what it is called in logs and metrics. connect: opens the way to the target. kept: new events."""
        self.name = name
        self._connect = connect
        self._outbox = outbox
        self._kept = kept
        self._metrics = metrics
        self._patience = patience
        self._failures = 0  # connections in a row

    async def run(self) -> None:
        """Deliver until cancelled, and first of all what an earlier process had begun to."""
        await asyncio.to_thread(self._outbox.reclaim, time.time())
        while True:
            try:
                async with self._connect() as send:
                    await self._serve(send)
            except (Unreachable, DBAPIError) as error:
                self._failures += 1
                if self._failures == 1:
                    _log.warning("deliveries are held up", target=self.name, reason=str(error))
                await asyncio.sleep(self._patience.after(self._failures))

    async def _serve(self, send: Send) -> None:
        while True:
            ringing = asyncio.ensure_future(self._kept.heard(_LOOK))  # before looking: none slips between
            await asyncio.sleep(0)
            if await asyncio.to_thread(self._outbox.has_due, time.time()):
                ringing.cancel()
                await self._deliver(send)
            else:
                await ringing

    async def _deliver(self, send: Send) -> None:
        """One batch. Whatever of it wasn't tried goes back."""
        batch = await asyncio.to_thread(self._outbox.claim, time.time(), _LEASE, _BATCH)
        left = [delivery.id for delivery in batch]
        try:
            for delivery in batch:
                await self._try(send, delivery)
                left.remove(delivery.id)
        finally:
            if left:
                await asyncio.to_thread(self._outbox.postpone, left, time.time())

    async def _try(self, send: Send, delivery: Delivery) -> None:
        try:
            await send(delivery)
        except Refused as error:
            wait = self._patience.after(delivery.attempts)
            _log.warning(
                "delivery refused", target=self.name, event_id=delivery.event_id, reason=str(error), again_in=wait
            )
            self._metrics.deliveries.labels(self.name, "refused").inc()
            await asyncio.to_thread(self._outbox.postpone, [delivery.id], time.time() + wait)
            return
        except Unwanted as error:
            _log.warning("delivery given up", target=self.name, event_id=delivery.event_id, reason=str(error))
            self._metrics.deliveries.labels(self.name, "given up").inc()
        else:
            self._metrics.deliveries.labels(self.name, "arrived").inc()
            if self._failures:
                _log.info("deliveries arrive again", target=self.name)
                self._failures = 0
        await asyncio.to_thread(self._outbox.done, delivery.id)
