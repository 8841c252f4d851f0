"""The events: written in groups, found by filter, page by page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from service.store.database import Database
from service.store.tables import deliveries, events


@dataclass(frozen=True)
class Draft:
    """A detection that isn't kept yet."""

    at: float  # seconds since 1970
    source: str
    word: str
    score: float  # 0 to 1
    time: float  # seconds since the stream began
    frame: int
    model: str


@dataclass(frozen=True)
class Event(Draft):
    """A detection that is kept: on the disk when anyone hears of it."""

    id: int
    clip_bytes: int | None = None
    verdict: str | None = None


@dataclass(frozen=True)
class Filter:
    """Which events; None is any."""

    word: str | None = None
    source: str | None = None
    since: float | None = None
    until: float | None = None


def as_json(event: Event) -> dict[str, Any]:
    """An event as the outside sees it, in REST, streams, MQTT and webhooks."""
    fields = asdict(event)
    clip = fields.pop("clip_bytes") is not None
    return fields | {"clip": f"/api/events/{event.id}/clip" if clip else None}


class EventStore:
    """The table of events; each event is put down together with what is to be delivered of it."""

    def __init__(self, database: Database, targets: Sequence[str] = ()) -> None:
        self._database = database
        self._targets = tuple(targets)

    def add(self, drafts: Sequence[Draft]) -> list[Event]:
        """Keep them, all or none; they are on the disk when this returns."""
        rows = [asdict(draft) for draft in drafts]
        statement = insert(events).returning(events.c.id, sort_by_parameter_order=True)
        with self._database.writing() as connection:
            numbers = connection.execute(statement, rows).scalars() if rows else ()
            kept = [Event(**row, id=number) for row, number in zip(rows, numbers, strict=True)]
            if self._targets and kept:
                connection.execute(insert(deliveries), [row for event in kept for row in self._deliveries(event)])
        return kept

    def _deliveries(self, event: Event) -> list[dict[str, Any]]:
        body = json.dumps(as_json(event))
        return [
            {"event_id": event.id, "target": target, "body": body, "attempts": 0, "due": event.at}
            for target in self._targets
        ]

    def get(self, number: int) -> Event | None:
        with self._database.reading() as connection:
            row = connection.execute(select(events).where(events.c.id == number)).one_or_none()
        return None if row is None else _event(row)

    def page(self, wanted: Filter, limit: int, before: int | None = None) -> list[Event]:
        """The latest first, of those with an id below `before`."""
        query = _filtered(wanted).order_by(events.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(events.c.id < before)
        return self._all(query)

    def after(self, number: int, wanted: Filter, limit: int) -> list[Event]:
        """The earliest first, of those with an id above `number`."""
        return self._all(_filtered(wanted).where(events.c.id > number).order_by(events.c.id).limit(limit))

    def latest_id(self) -> int:
        """The highest id that is kept, 0 where none is."""
        with self._database.reading() as connection:
            return connection.execute(select(func.max(events.c.id))).scalar() or 0

    def delete(self, number: int) -> bool:
        """Whether it was there."""
        with self._database.writing() as connection:
            return connection.execute(delete(events).where(events.c.id == number)).rowcount > 0

    def set_clips(self, sizes: Mapping[int, int]) -> None:
        """Say that clips of these events are kept, of so many bytes; events that are gone are left out."""
        statement = update(events).where(events.c.id == bindparam("event")).values(clip_bytes=bindparam("size"))
        with self._database.writing() as connection:
            connection.execute(statement, [{"event": event, "size": size} for event, size in sizes.items()])

    def set_verdict(self, number: int, verdict: str) -> None:
        """Put down what a listener said; nothing, where the event is gone."""
        with self._database.writing() as connection:
            connection.execute(update(events).where(events.c.id == number).values(verdict=verdict))

    def _all(self, query: Any) -> list[Event]:
        with self._database.reading() as connection:
            return [_event(row) for row in connection.execute(query)]


def _filtered(wanted: Filter) -> Any:
    query = select(events)
    if wanted.word is not None:
        query = query.where(events.c.word == wanted.word)
    if wanted.source is not None:
        query = query.where(events.c.source == wanted.source)
    if wanted.since is not None:
        query = query.where(events.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(events.c.at < wanted.until)
    return query


def _event(row: Row[Any]) -> Event:
    return Event(**row._mapping)
