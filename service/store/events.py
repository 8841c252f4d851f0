"""The event store: events written in groups, and queried by filter, page by page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import NoneType
from typing import Any

import structlog
from sqlalchemy import Row, bindparam, delete, func, insert, or_, select, update

from featurizer.logmel import Samples
from service.store.clips import ClipFolder
from service.store.database import Database
from service.store.tables import deliveries, events
from wakeword.audio.files import encode

_log = structlog.get_logger()


@dataclass(frozen=True)
class NewEvent:
    """An event that is not stored yet."""

    at: float  # seconds since 1970
    source: str
    word: str
    score: float  # 0 to 1
    time: float  # seconds since the stream began
    frame: int
    model: str
    # The candidate that it is compared with, or that raised it; None if there was none, or it has other words.
    candidate: str | None = field(default=None, kw_only=True)

    @property
    def of_candidate(self) -> bool:
        """Return whether a candidate raised it. Then it is stored, but delivered to nobody."""
        return self.candidate == self.model


@dataclass(frozen=True)
class Event(NewEvent):
    """A stored event. It is on the disk before anyone is told of it."""

    id: int
    clip_bytes: int | None = None  # None: it has no clip
    verdict: str | None = None  # "right" or "wrong", as a user has judged it


@dataclass(frozen=True)
class Filter:
    """A filter of events. None matches any."""

    word: str | None = None
    source: str | None = None
    since: float | None = None  # seconds since 1970, as `until`
    until: float | None = None
    model: str | None = None
    candidates: bool = False  # whether the events of candidates match too


def event_json(event: Event) -> dict[str, Any]:
    """Return the JSON object of an event, for REST, WebSocket, Server-Sent Events and all deliveries."""
    fields = asdict(event)
    clip = fields.pop("clip_bytes") is not None
    del fields["candidate"]
    return fields | {"clip": f"/api/events/{event.id}/clip" if clip else None}


class EventStore:
    """The table of events. Each event is stored in one transaction with its deliveries."""

    def __init__(self, database: Database, clips: ClipFolder, targets: Sequence[str] = ()) -> None:
        self._database = database
        self._clips = clips
        self._targets = tuple(targets)

    @property
    def folder(self) -> Path:
        """Return the folder that holds the clips, on the disk that may be full."""
        return self._clips.folder.parent

    def add(self, new_events: Sequence[NewEvent], clips: Sequence[Samples | None] = ()) -> list[Event]:
        """Store all of these events or none. When this returns, they and their clips are on the disk.

        clips: empty, or for each event int16 samples at 16 kHz, or None if it has no clip.

        Raises:
            OSError: a clip can't be written.
        """
        if not new_events:
            return []
        files = [None if clip is None else encode(clip, "flac") for clip in clips or [None] * len(new_events)]
        rows = [
            asdict(new_event) | {"clip_bytes": None if file is None else len(file)}
            for new_event, file in zip(new_events, files, strict=True)
        ]
        statement = insert(events).returning(events.c.id, sort_by_parameter_order=True)
        with self._database.writing() as connection:
            ids = connection.execute(statement, rows).scalars()
            stored = [Event(**row, id=id) for row, id in zip(rows, ids, strict=True)]
            if due := [row for event in stored if not event.of_candidate for row in self._deliveries(event)]:
                connection.execute(insert(deliveries), due)
            self._clips.write({event.id: file for event, file in zip(stored, files, strict=True) if file is not None})
        return stored

    def _deliveries(self, event: Event) -> list[dict[str, Any]]:
        body = json.dumps(event_json(event))
        return [
            {"event_id": event.id, "target": target, "body": body, "attempts": 0, "due": 0.0}  # at once
            for target in self._targets
        ]

    def get(self, number: int) -> Event | None:
        """Return an event by its id, or None if there is none."""
        with self._database.reading() as connection:
            row = connection.execute(select(events).where(events.c.id == number)).one_or_none()
        return None if row is None else _event(row)

    def some(self, numbers: Sequence[int]) -> list[Event]:
        """Return those of some events that exist, by their ids; 500 at most."""
        with self._database.reading() as connection:
            rows = connection.execute(select(events).where(events.c.id.in_(numbers)).order_by(events.c.id)).all()
        return [event for row in rows if (event := _event(row)) is not None]

    def page(self, wanted: Filter, limit: int, before: int | None = None) -> list[Event]:
        """Return events with an id below `before`, latest first."""
        query = _filtered(wanted).order_by(events.c.id.desc())
        if before is not None:
            query = query.where(events.c.id < before)
        return self._first(query, limit, lambda last: events.c.id < last)

    def after(self, number: int, wanted: Filter, limit: int) -> list[Event]:
        """Return events with an id above `number`, earliest first."""
        query = _filtered(wanted).where(events.c.id > number).order_by(events.c.id)
        return self._first(query, limit, lambda last: events.c.id > last)

    def compared(self, candidate: str, after: int, limit: int) -> list[Event]:
        """Return the latest events of a candidate and of its rivals with an id above `after`, latest first."""
        query = select(events).where(events.c.candidate == candidate, events.c.id > after)
        return self._first(query.order_by(events.c.id.desc()), limit, lambda last: events.c.id < last)

    def latest_id(self) -> int:
        """Return the highest id, or 0 if there is no event."""
        with self._database.reading() as connection:
            return connection.execute(select(func.max(events.c.id))).scalar() or 0

    def clip(self, number: int) -> bytes | None:
        """Return the FLAC file of an event's clip, or None if the event is gone or has no clip."""
        with self._database.reading() as connection:
            found = connection.execute(_with_clip([number])).one_or_none()
        return None if found is None else self._clips.read(number)

    def delete(self, number: int) -> bool:
        """Delete an event and its clip. Return whether it existed."""
        with self._database.writing() as connection:
            found = connection.execute(delete(events).where(events.c.id == number)).rowcount > 0
        self._clips.remove(number)
        return found

    def replace_clips(self, clips: Mapping[int, Samples]) -> None:
        """Replace the clips of these events. Skip events that are gone or have no clip.

        Raises:
            OSError: a clip can't be written.
        """
        with self._database.reading() as connection:
            found = connection.execute(_with_clip(clips)).scalars().all()
        files = {event: encode(clips[event], "flac") for event in found}
        if not files:
            return
        self._clips.write(files)  # outside the transaction, which other writers wait for
        size = update(events).where(events.c.id == bindparam("event"), events.c.clip_bytes.is_not(None))
        sizes = [{"event": event, "size": len(file)} for event, file in files.items()]
        with self._database.writing() as connection:
            connection.execute(size.values(clip_bytes=bindparam("size")), sizes)
            gone = files.keys() - connection.execute(_with_clip(files)).scalars()
        for event in gone:  # deleted while the files were written
            self._clips.remove(event)

    def set_verdict(self, number: int, verdict: str) -> None:
        """Store a verdict, if the event still exists."""
        with self._database.writing() as connection:
            connection.execute(update(events).where(events.c.id == number).values(verdict=verdict))

    def _first(self, query: Any, limit: int, beyond: Callable[[int], Any]) -> list[Event]:
        """Return the first events of a query. beyond: the condition of those after an id.

        Rows that are no events, in a damaged file, are skipped.
        """
        found: list[Event] = []
        with self._database.reading() as connection:
            rest = query
            while True:
                rows = connection.execute(rest.limit(limit - len(found))).all()
                found += [event for row in rows if (event := _event(row)) is not None]
                if len(found) == limit or not rows:
                    return found
                rest = query.where(beyond(rows[-1].id))


def _with_clip(numbers: Iterable[int]) -> Any:
    """Select those of these events that have a clip."""
    return select(events.c.id).where(events.c.id.in_(list(numbers)), events.c.clip_bytes.is_not(None))


def _filtered(wanted: Filter) -> Any:
    query = select(events)
    if wanted.word is not None:
        query = query.where(events.c.word == wanted.word)
    if wanted.source is not None:
        query = query.where(events.c.source == wanted.source)
    if wanted.model is not None:
        query = query.where(events.c.model == wanted.model)
    if wanted.since is not None:
        query = query.where(events.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(events.c.at < wanted.until)
    if not wanted.candidates:
        query = query.where(or_(events.c.candidate.is_(None), events.c.candidate != events.c.model))
    return query


def _event(row: Row[Any]) -> Event | None:
    """Return the event of a row, or None if another program has written what is none."""
    event = Event(**row._mapping)
    numbers, texts = (event.at, event.score, event.time), (event.source, event.word, event.model)
    valid = all(isinstance(it, (int, float)) for it in numbers) and all(isinstance(it, str) for it in texts)
    valid = valid and isinstance(event.frame, int) and isinstance(event.clip_bytes, (int, NoneType))
    valid = valid and isinstance(event.candidate, (str, NoneType))
    if valid and event.verdict in (None, "right", "wrong"):
        return event
    _log.error("a stored event is invalid and skipped", id=event.id)
    return None
