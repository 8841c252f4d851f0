"""The outbox: a table row for each pending delivery, from the moment its event is stored until it has arrived."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from service.store.database import Database
from service.store.tables import deliveries

LONGEST_WAIT = 660.0  # seconds that a delivery is ever postponed: the longest backoff, or a lease


@dataclass(frozen=True)
class Delivery:
    """An event to deliver to a target."""

    id: int
    event_id: int
    body: str  # the event as JSON
    attempts: int  # including this one

    @property
    def event(self) -> dict[str, Any]:
        """Return the event's JSON object.

        Raises:
            ValueError: the body is none, in a damaged file.
        """
        event = json.loads(self.body)
        if not isinstance(event, dict):
            raise ValueError("the body of the delivery is no event")
        return event


class Outbox:
    """The pending deliveries of one target. Times are seconds since 1970."""

    def __init__(self, database: Database, target: str) -> None:
        self._database = database
        self._target = target

    def claim(self, now: float, lease: float, limit: int) -> list[Delivery]:
        """Claim deliveries that are due, oldest first. Nobody else gets them until the lease ends, in `lease` s."""
        due = (
            select(deliveries.c.id, deliveries.c.event_id, deliveries.c.body, deliveries.c.attempts)
            .where(self._is_due(now))
            .order_by(deliveries.c.id)
            .limit(limit)
        )
        with self._database.writing() as connection:
            claimed = [_delivery(row) for row in connection.execute(due)]
            taken = deliveries.c.id.in_([delivery.id for delivery in claimed])
            if claimed:
                values = {"due": now + lease, "attempts": deliveries.c.attempts + 1}
                connection.execute(update(deliveries).where(taken).values(values))
        return claimed

    def has_due(self, now: float) -> bool:
        """Return whether a delivery is due, without delaying any writer."""
        query = select(deliveries.c.id).where(self._is_due(now)).limit(1)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def _is_due(self, now: float) -> ColumnElement[bool]:
        """Select the deliveries that are due. One that seems to wait for too long is due: the clock was set back."""
        waited_for = (deliveries.c.due > now) & (deliveries.c.due <= now + LONGEST_WAIT)
        return (deliveries.c.target == self._target) & ~waited_for

    def done(self, delivery: int) -> None:
        """Remove a delivery that has arrived or was given up."""
        with self._database.writing() as connection:
            connection.execute(delete(deliveries).where(deliveries.c.id == delivery))

    def postpone(self, ids: Sequence[int], due: float) -> None:
        """Make these deliveries due at a time."""
        with self._database.writing() as connection:
            connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(due=due))

    def release_leases(self, now: float) -> None:
        """End the leases of an earlier process. If other hosts share the database, leave theirs to expire."""
        if self._database.shared:
            return
        leased = (deliveries.c.target == self._target) & (deliveries.c.due > now)
        with self._database.writing() as connection:
            connection.execute(update(deliveries).where(leased).values(due=now))


def _delivery(row: Any) -> Delivery:
    """Return the delivery of a row. One that another program has written may hold anything."""
    attempts = row.attempts if isinstance(row.attempts, int) else 0
    return Delivery(row.id, row.event_id, str(row.body), attempts + 1)
