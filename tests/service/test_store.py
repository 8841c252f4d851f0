"""The event store, on SQLite and on PostgreSQL: added events are stored, in order, until they are deleted."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import soundfile
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, insert, select, text

from service.active_models import ActiveModels
from service.settings import Retention
from service.store.candidates import Candidate, CandidateStore
from service.store.clips import ClipFolder
from service.store.database import Database, open_database
from service.store.events import Event, EventStore, Filter, event_json
from service.store.retention import retain
from service.store.tables import choices, deliveries, metadata
from service.store.words import Tuning, WordStore
from tests.service.new_events import NOON, new_event
from wakeword.errors import WakewordError

ANY = Filter()
SECOND = np.zeros(16_000, np.int16)


def test_a_stored_event_equals_the_added_one(database: Database, clips: ClipFolder) -> None:
    (event,) = EventStore(database, clips).add([new_event()])
    assert EventStore(database, clips).get(event.id) == event
    assert (event.word, event.source, event.score, event.frame) == ("yes", "kitchen", 0.97, 148)


def test_events_survive_reopening_the_database(database: Database, clips: ClipFolder, url: str) -> None:
    EventStore(database, clips).add([new_event(word="yes"), new_event(word="no")])
    database.close()
    again = open_database(url)
    assert [event.word for event in EventStore(again, clips).after(0, ANY, 10)] == ["yes", "no"]
    again.close()


def test_pages_follow_each_other_from_the_latest_without_a_gap(database: Database, clips: ClipFolder) -> None:
    store = EventStore(database, clips)
    ids = [event.id for event in store.add([new_event(frame=frame) for frame in range(7)])]
    first = store.page(ANY, limit=3)
    store.add([new_event(frame=99)])  # comes between two pages, and shifts none
    second = store.page(ANY, limit=3, before=first[-1].id)
    third = store.page(ANY, limit=3, before=second[-1].id)
    assert [event.id for event in [*first, *second, *third]] == ids[::-1]


@pytest.mark.parametrize(
    ("wanted", "frames"),
    [
        (Filter(word="no"), [1, 3]),
        (Filter(source="hall"), [2, 3]),
        (Filter(since=NOON + 1), [1, 2, 3]),
        (Filter(until=NOON + 1), [0]),
        (Filter(word="no", source="hall", since=NOON + 3, until=NOON + 4), [3]),
        (Filter(word="maybe"), []),
    ],
)
def test_events_are_found_by_word_source_and_time(
    database: Database, clips: ClipFolder, wanted: Filter, frames: list[int]
) -> None:
    store = EventStore(database, clips)
    spoken = [("yes", "kitchen"), ("no", "kitchen"), ("yes", "hall"), ("no", "hall")]
    store.add([new_event(word=word, source=source, frame=i, at=NOON + i) for i, (word, source) in enumerate(spoken)])
    assert [event.frame for event in store.after(0, wanted, 10)] == frames
    assert [event.frame for event in store.page(wanted, 10)] == frames[::-1]


def test_simultaneous_writers_lose_no_event_and_ids_rise_in_the_order_of_commits(
    database: Database, clips: ClipFolder
) -> None:
    store = EventStore(database, clips)
    seen: list[int] = []

    def write() -> None:
        for _ in range(20):
            store.add([new_event(), new_event()])
            seen.append(store.latest_id())

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(store.after(0, ANY, 1000)) == 160
    assert max(seen) == store.latest_id()


def test_the_id_of_a_deleted_event_is_never_reused(database: Database, clips: ClipFolder) -> None:
    store = EventStore(database, clips)
    (event,) = store.add([new_event()])
    assert store.delete(event.id) and not store.delete(event.id)
    assert store.add([new_event()])[0].id > event.id


def test_an_event_and_its_deliveries_are_stored_together_or_not_at_all(database: Database, clips: ClipFolder) -> None:
    store = EventStore(database, clips, targets=["mqtt", "https://example.org/hook"])
    with pytest.raises(Exception, match="frame"):
        store.add([new_event(), new_event(frame=None)])
    (event,) = store.add([new_event()])
    with database.reading() as connection:
        kept = connection.execute(select(deliveries.c.event_id, deliveries.c.target)).all()
    assert store.latest_id() == event.id
    assert [tuple(row) for row in kept] == [(event.id, "mqtt"), (event.id, "https://example.org/hook")]


def test_the_longest_names_of_words_and_models_are_stored(database: Database, clips: ClipFolder) -> None:
    word, model = "w" * 200, "न" * 82
    EventStore(database, clips).add([new_event(word=word, model=model)])
    (event,) = EventStore(database, clips).page(Filter(word=word, model=model), 2, None)
    assert (event.word, event.model) == (word, model)
    WordStore(database).save({model: {word: Tuning(0.5)}})
    assert WordStore(database).tunings(model) == {word: Tuning(0.5)}


def test_retention_deletes_by_age_and_by_number(database: Database, clips: ClipFolder) -> None:
    store = EventStore(database, clips)
    store.add([new_event(at=NOON + age, frame=age) for age in range(6)])
    assert retain(database, clips, Retention(seconds=4), now=NOON + 6) == 2
    assert retain(database, clips, Retention(seconds=100, events=3), now=NOON + 6) == 1
    assert [event.frame for event in store.after(0, ANY, 10)] == [3, 4, 5]


def test_a_candidate_that_raises_much_drives_out_no_event_of_others(
    database: Database, clips: ClipFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.store.retention.OF_CANDIDATES", 2)
    store = EventStore(database, clips)
    for frame in range(4):
        store.add([new_event(candidate="new", frame=frame), new_event(candidate="new", model="new", frame=frame)])
    assert retain(database, clips, Retention(), now=NOON) == 2
    assert [event.frame for event in store.after(0, ANY, 10)] == [0, 1, 2, 3]
    own = store.after(0, Filter(model="new", candidates=True), 10)
    assert [event.frame for event in own] == [2, 3]


@pytest.mark.parametrize(
    "value", ["", "[", "7", "{}", '{"model": 1, "since": 0, "after": 0}', '{"model": "a", "since": NaN, "after": 0}']
)
def test_an_invalid_candidate_is_none(database: Database, value: str) -> None:
    store = CandidateStore(database)
    store.begin("new", NOON)
    assert store.current() == Candidate("new", NOON, after=0)
    _choose(database, "candidate", value)
    assert store.current() is None


def test_retention_drops_the_oldest_clips_and_keeps_their_events(database: Database, clips: ClipFolder) -> None:
    store = EventStore(database, clips)
    kept = store.add([new_event()] * 3, [SECOND] * 3)
    ids = [event.id for event in kept]
    for number in ids:
        os.utime(clips.path(number), (NOON, NOON))
    retain(database, clips, Retention(clip_bytes=2 * (kept[0].clip_bytes or 0)), now=NOON + 100)
    assert [event.clip_bytes is not None for event in store.after(0, ANY, 10)] == [False, True, True]
    assert [clips.path(number).exists() for number in ids] == [False, True, True]


def test_a_clip_is_stored_with_its_event_and_can_be_replaced(database: Database, clips: ClipFolder) -> None:
    store = EventStore(database, clips)
    silent, plain = store.add([new_event(), new_event()], [SECOND, None])
    assert event_json(silent)["clip"] and not event_json(plain)["clip"]
    assert clips.read(plain.id) is None
    longer = np.arange(16_000, dtype=np.int16)
    store.replace_clips({silent.id: longer, plain.id: longer, 99: longer})
    samples, _ = soundfile.read(io.BytesIO(clips.read(silent.id) or b""), dtype="int16")
    assert (samples == longer).all()
    assert clips.read(plain.id) is clips.read(99) is None
    replaced = store.get(silent.id)
    assert replaced is not None and replaced.clip_bytes == len(clips.read(silent.id) or b"")


class _Slow(ClipFolder):
    """A folder so slow that an event is deleted while its clip is written."""

    def __init__(self, folder: Path, database: Database) -> None:
        super().__init__(folder)
        self._events = EventStore(database, ClipFolder(folder))

    def write(self, clips: Mapping[int, bytes]) -> None:
        super().write(clips)
        assert self._events.delete(next(iter(clips)))
        super().write(clips)


def test_a_clip_replaced_while_its_event_is_deleted_is_deleted_too(
    database: Database, clips: ClipFolder, tmp_path: Path
) -> None:
    first, second = EventStore(database, clips).add([new_event(), new_event()], [SECOND, SECOND])
    store = EventStore(database, _Slow(tmp_path / "clips", database))
    store.replace_clips({first.id: SECOND, second.id: SECOND})
    assert store.get(first.id) is None and not clips.path(first.id).exists()
    assert clips.path(second.id).exists()


def test_a_clip_without_an_event_is_not_returned(database: Database, clips: ClipFolder) -> None:
    store = EventStore(database, clips)
    deleted, dropped, kept = store.add([new_event()] * 3, [SECOND] * 3)
    assert store.delete(deleted.id)
    retain(database, clips, Retention(seconds=1e12, clip_bytes=kept.clip_bytes or 0), now=NOON)
    clips.write({deleted.id: b"leftover", dropped.id: b"leftover"})
    assert store.clip(deleted.id) is store.clip(dropped.id) is None
    assert store.clip(kept.id) == clips.read(kept.id) is not None


def test_an_event_is_not_stored_if_its_clip_cannot_be_written(
    database: Database, clips: ClipFolder, tmp_path: Path
) -> None:
    store = EventStore(database, clips)
    (tmp_path / "clips").write_text("no folder")
    with pytest.raises(OSError):
        store.add([new_event()], [SECOND])
    assert store.latest_id() == 0


def test_leftover_clips_of_a_crash_are_removed_but_not_one_just_written(database: Database, clips: ClipFolder) -> None:
    clips.write({7: b"a clip"})
    torn = clips.path(8).with_suffix(".part")
    torn.touch()
    written = torn.stat().st_mtime
    retain(database, clips, Retention(seconds=1e12), now=written + 1)
    assert clips.path(7).exists() and torn.exists()
    retain(database, clips, Retention(seconds=1e12), now=written + 100)
    assert not clips.path(7).exists() and not torn.exists()


def test_the_settings_of_words_and_the_active_model_are_stored(database: Database) -> None:
    store = WordStore(database)
    assert (store.tunings("google12"), store.active()) == ({}, None)
    store.save({"google12": {"yes": Tuning(0.9), "no": Tuning(refractory=2)}})
    store.save({"google12": {"yes": Tuning(0.8, 1.5)}, "other": {"yes": Tuning(0.1)}})
    store.activate(ActiveModels(("google12",)))
    store.activate(ActiveModels(("other", "more"), ("google12",)))
    assert store.tunings("google12") == {"yes": Tuning(0.8, 1.5), "no": Tuning(None, 2)}
    assert store.active() == ActiveModels(("other", "more"), ("google12",))


def _choose(database: Database, name: str, value: str) -> None:
    """Write a choice as another program does."""
    with database.writing() as connection:
        connection.execute(delete(choices).where(choices.c.name == name))
        connection.execute(insert(choices).values(name=name, value=value))


def test_the_one_model_that_an_older_version_has_activated_is_active_alone(database: Database) -> None:
    store = WordStore(database)
    _choose(database, "model", "mine")
    assert store.active() == ActiveModels(("mine",))
    store.activate(ActiveModels(("one", "two"), ("three",)))
    _choose(database, "model", "mine")
    assert store.active() == ActiveModels(("mine",))


@pytest.mark.parametrize(
    "value", ["", "[", "7", '["one"]', '["one", ["two"], []]', "[[1], []]", '[["one"], ["one"]]', "[" * 100_000]
)
def test_an_invalid_choice_of_models_leaves_the_first(database: Database, value: str) -> None:
    store = WordStore(database)
    store.activate(ActiveModels(("one", "two")))
    _choose(database, "models", value)
    assert store.active() == ActiveModels(("one",))


def test_the_migrations_create_the_tables_of_the_code(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


def test_a_database_of_an_earlier_version_is_migrated_with_its_events(
    url: str, clips: ClipFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        upgrade = command.upgrade
        earlier.setattr(command, "upgrade", lambda config, _: upgrade(config, "002"))
        with closing(open_database(url)) as database, database.writing() as connection:
            row = asdict(new_event())
            del row["candidate"]
            columns = f"INSERT INTO events ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"
            connection.execute(text(columns), row)
    with closing(open_database(url)) as database:
        (event,) = EventStore(database, clips).after(0, ANY, 10)
    assert event == Event(**asdict(new_event()), id=event.id)


def test_sqlite_syncs_to_the_disk_at_each_commit(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'events.sqlite'}")
    with database.writing() as connection:
        pragmas = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")]
    database.close()
    assert pragmas == ["wal", 2]


@pytest.mark.parametrize(
    "url",
    ["nonsense", "oracle://here", "sqlite://", "sqlite:////proc/none/events.sqlite", "postgresql://127.0.0.1:1/none"],
)
def test_a_database_that_cannot_be_opened_is_reported(url: str) -> None:
    with pytest.raises(WakewordError, match="database"):
        open_database(url)
