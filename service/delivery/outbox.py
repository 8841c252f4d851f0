"""What is still to be delivered. A row is there from the moment its event is kept until it has arrived."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update

from service.store.database import Database
from service.store.tables import deliveries


@dataclass(frozen=True)
class Delivery:
    """An event on its way to a target."""

    id: int
    event_id: int
    body: str  # the event as JSON
    attempts: int  # this one among them

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event


class Outbox:
    """The deliveries of one target. Times are seconds since 1970."""

    def __init__(self, database: Database, target: str) -> None:
        self._database = database
        self._target = target

    def claim(self, now: float, lease: float, most: int) -> list[Delivery]:
        """Take what is due, the oldest first; for the length of the lease nobody else gets it."""
        due = (
            select(deliveries.c.id, deliveries.c.event_id, deliveries.c.body, deliveries.c.attempts)
            .where(deliveries.c.target == self._target, deliveries.c.due <= now)
            .order_by(deliveries.c.id)
            .limit(most)
        )
        with self._database.writing() as connection:
            claimed = [Delivery(row.id, row.event_id, row.body, row.attempts + 1) for row in connection.execute(due)]
            taken = deliveries.c.id.in_([delivery.id for delivery in claimed])
            if claimed:
                values = {"due": now + lease, "attempts": deliveries.c.attempts + 1}
                connection.execute(update(deliveries).where(taken).values(values))
        return claimed

    def has_due(self, now: float) -> bool:
        """Whether there is something to claim; a look that holds up no writer."""
        query = select(deliveries.c.id).where(deliveries.c.target == self._target, deliveries.c.due <= now).limit(1)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def done(self, delivery: int) -> None:
        """It has arrived, or never will."""
        with self._database.writing() as connection:
            connection.execute(delete(deliveries).where(deliveries.c.id == delivery))

    def postpone(self, ids: Sequence[int], due: float) -> None:
        """Give them back, for another try at that time."""
        with self._database.writing() as connection:
            connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(due=due))

    def reclaim(self, now: float) -> None:
        """Let all be due at once, for the leases of a process that is gone mean nothing. Other hosts' do."""
        if self._database.shared:
            return
        mine = (deliveries.c.target == self._target) & (deliveries.c.due > now)
        with self._database.writing() as connection:
            connection.execute(update(deliveries).where(mine).values(due=now))
