"""A full disk: nothing is lost, nothing fails by more than a line, and the service can start and make room."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service import feedback
from service.settings import Retention
from service.store.clips import ClipFolder
from service.store.database import open_database
from service.store.events import EventStore, Filter
from tests.service.live import Live, running, settings, words_of_demo
from tests.service.new_events import new_event
from tests.service.small_disk import empty, fill, make_read_only, small_disk
from tests.signals import demo
from tests.waits import until
from wakeword.errors import WakewordError

WORDS = [word for word, _ in words_of_demo()]
_RESERVE = 1 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path) as disk:
        yield disk


def _settings(disk: Path, **limits: Any) -> Any:
    return settings(disk / "data", clips=True, retention=Retention(**{"reserve_bytes": _RESERVE, **limits}))


def _full(answer: httpx.Response) -> bool:
    return answer.status_code == 507 and "disk is full" in answer.json()["detail"]


def test_a_change_is_refused_in_one_line_while_the_disk_is_full(disk: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with running(_settings(disk)) as live:
        number = next(it["event"]["id"] for it in live.push(demo()) if it["type"] == "event")
    with running(_settings(disk)) as live:  # SQLite has no room left from before
        until((disk / "data/reserve").exists)
        before = live.http.get("/api/words").json()
        fill(disk)
        capfd.readouterr()
        assert _full(live.http.delete(f"/api/events/{number}"))
        assert _full(live.http.patch("/api/words", json={WORDS[0]: {"threshold": 0.5}}))
        assert _full(live.http.post("/api/models/digits10/activate"))
        assert _full(live.http.post(f"/api/events/{number}/verdict", json={"verdict": "right"}))
        assert "Traceback" not in capfd.readouterr().err
        assert live.http.get("/api/words").json() == before
        assert live.http.get(f"/api/events/{number}/clip").status_code == 200
        empty(disk)
        assert live.http.delete(f"/api/events/{number}").status_code == 204


def test_streams_wait_while_the_disk_is_full_and_lose_nothing(disk: Path) -> None:
    with running(_settings(disk)) as live:
        until((disk / "data/reserve").exists)
        fill(disk)
        told: list[dict[str, Any]] = []
        stream = threading.Thread(target=lambda: told.extend(live.push(demo())))
        stream.start()
        until(lambda: live.http.get("/readyz").status_code == 503)
        assert "full" in live.http.get("/readyz").json()["detail"]
        assert live.http.get("/healthz").status_code == 200
        assert told == []
        empty(disk)
        stream.join()
        assert [it["event"]["word"] for it in told if it["type"] == "event"] == WORDS
        assert told[-1] == {"type": "end", "samples": len(demo())}
        assert live.http.get("/readyz").status_code == 200


def test_a_service_starts_on_a_full_disk_frees_what_it_may_and_goes_on(disk: Path) -> None:
    with running(_settings(disk)) as live:
        for _ in range(3):
            live.push(demo())
        until((disk / "data/reserve").exists)
        stored = _ids(live)
    fill(disk)
    with running(_settings(disk, events=2)) as live:
        until(lambda: _ids(live) == stored[:2])
        assert len(list((disk / "data/clips").iterdir())) >= 2
        assert [it["event"]["word"] for it in live.push(demo()) if it["type"] == "event"] == WORDS


def test_a_disk_without_any_room_is_reported_in_one_line(disk: Path) -> None:
    with running(_settings(disk, reserve_bytes=0)):
        pass
    fill(disk)
    refusal = r"^the disk of \S+ is full; make room there, then start again$"
    with pytest.raises(WakewordError, match=refusal), running(_settings(disk, reserve_bytes=0)):
        pass
    empty(disk)
    with running(_settings(disk, reserve_bytes=0)):
        pass


def test_a_disk_that_is_read_only_is_reported_in_one_line(disk: Path) -> None:
    with running(_settings(disk)):
        pass
    make_read_only(disk)
    with pytest.raises(WakewordError, match=r"(?i)read-only") as refused, running(_settings(disk)):
        pass
    assert "\n" not in str(refused.value)


def test_a_reserve_is_taken_if_there_is_plenty_of_room_only(disk: Path) -> None:
    for bytes_, taken in ((1 << 20, True), (8 << 20, False)):
        with running(settings(disk / str(bytes_), retention=Retention(reserve_bytes=bytes_))) as live:
            until(lambda: live.http.get("/readyz").status_code == 200)
        file = disk / str(bytes_) / "reserve"
        assert (file.stat().st_size if file.exists() else 0) == bytes_ * taken


def test_an_earlier_verdict_stays_filed_if_the_new_one_cannot_be(disk: Path) -> None:
    database = open_database(f"sqlite:///{disk / 'events.sqlite'}")
    clips = ClipFolder(disk / "clips")
    (event,) = EventStore(database, clips).add([new_event()], [demo()[:16_000]])
    flac = clips.read(event.id)
    assert flac is not None
    folder = disk / "feedback"
    filed = feedback.file_event(folder, event, flac, "right", limit=10)
    fill(disk)
    with pytest.raises(WakewordError, match="can't be written"):
        feedback.file_event(folder, event, flac, "wrong", limit=10)
    assert [str(path.relative_to(folder)) for path in folder.glob("*/*.wav")] == [filed]
    empty(disk)
    again = feedback.file_event(folder, event, flac, "wrong", limit=10)
    assert [str(path.relative_to(folder)) for path in folder.glob("*/*.wav")] == [again]
    assert EventStore(database, clips).after(0, Filter(), 10) == [event]
    database.close()


def _ids(live: Live) -> list[int]:
    return [event["id"] for event in live.http.get("/api/events", params={"limit": 500}).json()["events"]]
