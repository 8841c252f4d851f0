"""The events: written in groups, found by filter, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from featurizer.logmel import Samples
from service.store.clips import ClipFolder
from service.store.database import Database
from service.store.tables import deliveries, events
from wakeword.audio.files import encode


@dataclass(frozen=True)
class NewEvent:
    """A detection that isn't kept yet."""

    at: float  # seconds since 1970
    source: str
    word: str
    score: float  # 0 to 1
    time: float  # seconds since the stream began
    frame: int
    model: str


@dataclass(frozen=True)
class Event(NewEvent):
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


def event_json(event: Event) -> dict[str, Any]:
    """An event as the outside sees it, in REST, streams, MQTT and webhooks."""
    fields = asdict(event)
    clip = fields.pop("clip_bytes") is not None
    return fields | {"clip": f"/api/events/{event.id}/clip" if clip else None}


class EventStore:
    """The table of events; each event is put down together with what is to be delivered of it."""

    def __init__(self, database: Database, clips: ClipFolder, targets: Sequence[str] = ()) -> None:
        self._database = database
        self._clips = clips
        self._targets = tuple(targets)

    def add(self, new_events: Sequence[NewEvent], clips: Sequence[Samples | None] = ()) -> list[Event]:
        """Keep them, all or none; they are on the disk when this returns, and their clips as well.

        clips: int16 samples at 16 kHz for each new_event, None where it has no clip; or no clips at all.

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
            numbers = connection.execute(statement, rows).scalars()
            kept = [Event(**row, id=number) for row, number in zip(rows, numbers, strict=True)]
            if self._targets:
                connection.execute(insert(deliveries), [row for event in kept for row in self._deliveries(event)])
            self._clips.write({event.id: file for event, file in zip(kept, files, strict=True) if file is not None})
        return kept

    def _deliveries(self, event: Event) -> list[dict[str, Any]]:
        body = json.dumps(event_json(event))
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

    def clip(self, number: int) -> bytes | None:
        """The FLAC file of an event's clip; None where the event is gone, or has none."""
        with self._database.reading() as connection:
            kept = connection.execute(_with_clip([number])).one_or_none()
        return None if kept is None else self._clips.read(number)

    def delete(self, number: int) -> bool:
        """Forget an event and its clip. Whether it was there."""
        with self._database.writing() as connection:
            found = connection.execute(delete(events).where(events.c.id == number)).rowcount > 0
        self._clips.remove(number)
        return found

    def replace_clips(self, clips: Mapping[int, Samples]) -> None:
        """Keep other clips of these events, where they have one; events that are gone are left out.

        Raises:
            OSError: a clip can't be written.
        """
        with self._database.reading() as connection:
            kept = connection.execute(_with_clip(clips)).scalars().all()
        files = {event: encode(clips[event], "flac") for event in kept}
        if not files:
            return
        self._clips.write(files)  # while no other writer waits, so that an event can go meanwhile
        size = update(events).where(events.c.id == bindparam("event"), events.c.clip_bytes.is_not(None))
        sizes = [{"event": event, "size": len(file)} for event, file in files.items()]
        with self._database.writing() as connection:
            connection.execute(size.values(clip_bytes=bindparam("size")), sizes)
            gone = files.keys() - connection.execute(_with_clip(files)).scalars()
        for event in gone:
            self._clips.remove(event)

    def set_verdict(self, number: int, verdict: str) -> None:
        """Put down what a listener said; nothing, where the event is gone."""
        with self._database.writing() as connection:
            connection.execute(update(events).where(events.c.id == number).values(verdict=verdict))

    def _all(self, query: Any) -> list[Event]:
        with self._database.reading() as connection:
            return [_event(row) for row in connection.execute(query)]


def _with_clip(numbers: Iterable[int]) -> Any:
    """The ids of these events, where they have a clip."""
    return select(events.c.id).where(events.c.id.in_(list(numbers)), events.c.clip_bytes.is_not(None))


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
