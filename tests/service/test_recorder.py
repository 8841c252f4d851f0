"""The recorder: recorded events are on the disk, and a disk that fails for a while costs time but no event."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from featurizer.logmel import Samples
from service.detection.recorder import Recorder
from service.metrics import Metrics
from service.store.clips import ClipFolder
from service.store.database import Database, open_database
from service.store.events import Event, EventStore, Filter, NewEvent
from tests.service.new_events import new_event


class FullDisk(EventStore):
    """A store whose disk is full for the first few writes. A real full disk would need a mount."""

    def __init__(self, database: Database, clips: ClipFolder, failures: int) -> None:
        super().__init__(database, clips)
        self._failures = failures

    def add(self, new_events: Sequence[NewEvent], clips: Sequence[Samples | None] = ()) -> list[Event]:
        if self._failures:
            self._failures -= 1
            raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))
        return super().add(new_events, clips)


def _database(folder: Path) -> Database:
    return open_database(f"sqlite:///{folder / 'events.sqlite'}")


def test_each_of_many_streams_that_record_at_once_gets_its_own_events(tmp_path: Path) -> None:
    async def record() -> list[list[Event]]:
        recorder = Recorder(EventStore(_database(tmp_path), ClipFolder(tmp_path)), Metrics())
        groups = [[new_event(source=f"stream {i}", frame=j) for j in range(i % 3)] for i in range(200)]
        stored = await asyncio.gather(*(recorder.record(group) for group in groups))
        await recorder.close()
        return stored

    stored = asyncio.run(record())
    assert [[(it.source, it.frame) for it in group] for group in stored] == [
        [(f"stream {i}", j) for j in range(i % 3)] for i in range(200)
    ]


def test_a_full_disk_is_reported_and_the_event_stored_once_there_is_room(tmp_path: Path) -> None:
    async def record() -> list[bool]:
        store = FullDisk(_database(tmp_path), ClipFolder(tmp_path), failures=1)
        recorder = Recorder(store, Metrics())
        recording = recorder.record([new_event()])
        while recorder.trouble is None:
            await asyncio.sleep(0.01)
        early = recording.done()
        (event,) = await recording
        await recorder.close()
        return [early, recorder.trouble is None, store.after(0, Filter(), 10) == [event]]

    assert asyncio.run(record()) == [False, True, True]


def test_an_invalid_event_is_refused_and_the_next_is_stored(tmp_path: Path) -> None:
    async def record() -> list[Event]:
        recorder = Recorder(EventStore(_database(tmp_path), ClipFolder(tmp_path)), Metrics())
        with pytest.raises(TypeError):
            await recorder.record([new_event(), None])  # type: ignore[list-item]
        stored = await recorder.record([new_event()])
        await recorder.close()
        return stored

    assert len(asyncio.run(record())) == 1
