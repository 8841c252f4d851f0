"""Delete old events and clips: by age, by number of events, and by the size of all clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, select, update

from service.settings import Retention
from service.store.clips import ClipFolder
from service.store.database import Database
from service.store.tables import events

OF_CANDIDATES = 3000  # events that are kept: 120 MB of clips at most
_BATCH = 500  # events in one transaction
_GRACE = 60.0  # seconds; a clip is written shortly before its event is committed


def retain(database: Database, clips: ClipFolder, limits: Retention, now: float) -> int:
    """Delete events and clips beyond the limits, and clips without an event. Return the number of deleted events.

    now: seconds since 1970.
    """
    too_old = events.c.at < now - limits.seconds
    beyond = select(events.c.id).order_by(events.c.id.desc()).offset(limits.events).limit(1).scalar_subquery()
    removed = _remove(database, too_old) + _remove(database, events.c.id <= beyond) + _remove_of_candidates(database)
    _drop_clips(database, limits.clip_bytes)
    _remove_files(database, clips, now - _GRACE)
    return removed


def _remove_of_candidates(database: Database) -> int:
    """Keep so few events of candidates that a bad one drives out neither the events nor the clips of others."""
    own = (events.c.candidate.is_not(None), events.c.candidate == events.c.model)
    beyond = select(events.c.id).where(*own).order_by(events.c.id.desc()).offset(OF_CANDIDATES).limit(1)
    return _remove(database, and_(*own, events.c.id <= beyond.scalar_subquery()))


def _remove(database: Database, condition: ColumnElement[bool]) -> int:
    removed = 0
    for some in _found(database, select(events.c.id).where(condition)):
        with database.writing() as connection:
            removed += connection.execute(delete(events).where(events.c.id.in_(some))).rowcount
    return removed


def _drop_clips(database: Database, most: int) -> None:
    """Mark the oldest clips as dropped until the rest is small enough. Their events stay."""
    size = func.sum(events.c.clip_bytes).over(order_by=events.c.id.desc())
    running = select(events.c.id, size.label("total")).where(events.c.clip_bytes.is_not(None)).subquery()
    for some in _found(database, select(running.c.id).where(running.c.total > most)):
        with database.writing() as connection:
            connection.execute(update(events).where(events.c.id.in_(some)).values(clip_bytes=None))


def _found(database: Database, query: Select[Any]) -> Iterator[Sequence[int]]:
    """Yield the events of a query in batches: new events wait for each transaction."""
    with database.reading() as connection:
        found = connection.execute(query).scalars().all()
    for start in range(0, len(found), _BATCH):
        yield found[start : start + _BATCH]


def _remove_files(database: Database, clips: ClipFolder, before: float) -> None:
    """Remove files without an event that has a clip: dropped clips, and leftovers of a crash."""
    clips.remove_partial(before)
    files = clips.events(before)
    while some := list(islice(files, _BATCH)):
        known = select(events.c.id).where(events.c.id.in_(some), events.c.clip_bytes.is_not(None))
        with database.reading() as connection:
            gone = set(some).difference(connection.execute(known).scalars())
        for event in gone:
            clips.remove(event)
