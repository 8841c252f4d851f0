"""Letting the past go: by age, by number of events, and by what their clips take on the disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, update

from service.settings import Retention
from service.store.clips import ClipFolder
from service.store.database import Database
from service.store.tables import events

_AT_ONCE = 500  # events a transaction
_GRACE = 60.0  # seconds: a clip is written shortly before the event that says so is kept


def retain(database: Database, clips: ClipFolder, kept: Retention, now: float) -> int:
    """Remove what is beyond the limits, and clips that belong to no event; returns the number of events removed.

    now: seconds since 1970.
    """
    too_old = events.c.at < now - kept.seconds
    beyond = select(events.c.id).order_by(events.c.id.desc()).offset(kept.events).limit(1).scalar_subquery()
    removed = _remove(database, too_old) + _remove(database, events.c.id <= beyond)
    _drop_clips(database, kept.clip_bytes)
    _sweep(database, clips, now - _GRACE)
    return removed


def _remove(database: Database, condition: ColumnElement[bool]) -> int:
    removed = 0
    for some in _found(database, select(events.c.id).where(condition)):
        with database.writing() as connection:
            removed += connection.execute(delete(events).where(events.c.id.in_(some))).rowcount
    return removed


def _drop_clips(database: Database, most: int) -> None:
    """Let the oldest clips go until the rest is small enough; the events stay."""
    size = func.sum(events.c.clip_bytes).over(order_by=events.c.id.desc())
    running = select(events.c.id, size.label("total")).where(events.c.clip_bytes.is_not(None)).subquery()
    for some in _found(database, select(running.c.id).where(running.c.total > most)):
        with database.writing() as connection:
            connection.execute(update(events).where(events.c.id.in_(some)).values(clip_bytes=None))


def _found(database: Database, query: Select[Any]) -> Iterator[Sequence[int]]:
    """The events of a query, some at a time: new events wait for the transaction that is under way."""
    with database.reading() as connection:
        found = connection.execute(query).scalars().all()
    for start in range(0, len(found), _AT_ONCE):
        yield found[start : start + _AT_ONCE]


def _sweep(database: Database, clips: ClipFolder, before: float) -> None:
    """Remove the files whose events say of no clip: dropped ones, and those that a crash has left behind."""
    clips.remove_torn(before)
    files = clips.events(before)
    while some := list(islice(files, _AT_ONCE)):
        known = select(events.c.id).where(events.c.id.in_(some), events.c.clip_bytes.is_not(None))
        with database.reading() as connection:
            gone = set(some).difference(connection.execute(known).scalars())
        for event in gone:
            clips.remove(event)
