"""Server-Sent Events: each event once and in order, missed ones first; and blocks of a source to draw."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.store.events import Event, EventStore
from tests.service.live import PATIENCE, Live, running, settings, words_of_demo
from tests.signals import demo


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with running(settings(tmp_path_factory.mktemp("data"))) as live:
        yield live


@contextmanager
def _listening(live: Live, url: str, **headers: str) -> Iterator[Iterator[dict[str, str]]]:
    """Connect, and return the messages that follow."""
    with live.http.stream("GET", url, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == ": connected"
        yield _messages(lines)


def _messages(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    message: dict[str, str] = {}
    for line in lines:
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            message[name] = value
        elif message:
            yield message
            message = {}


def _details(messages: Iterator[dict[str, str]], count: int) -> list[dict[str, Any]]:
    return [json.loads(message["data"]) for message in itertools.islice(messages, count)]


def test_new_events_are_sent_once_they_are_stored(service: Live) -> None:
    with _listening(service, "/api/events/live") as messages:
        service.push(demo())
        assert [(it["word"], it["frame"]) for it in _details(messages, len(words_of_demo()))] == words_of_demo()


def test_a_client_that_reconnects_gets_all_events_after_its_last_one(service: Live) -> None:
    service.push(demo())
    known = service.http.get("/api/events?limit=8").json()["events"][::-1]
    with _listening(service, "/api/events/live", **{"Last-Event-ID": str(known[2]["id"])}) as messages:
        missed = _details(messages, 5)
        service.push(demo()[: 16_000 * 2], "name=hall")
        (new,) = _details(messages, 1)
    assert [it["id"] for it in missed] == [it["id"] for it in known[3:]]
    assert (new["source"], new["id"] > known[-1]["id"]) == ("hall", True)


def test_a_feed_of_one_source_holds_no_other(service: Live) -> None:
    with _listening(service, "/api/events/live?source=hall") as messages:
        service.push(demo(), "name=kitchen")
        service.push(demo(), "name=hall")
        assert {it["source"] for it in _details(messages, len(words_of_demo()))} == {"hall"}


def test_the_blocks_of_a_source_can_be_drawn(service: Live) -> None:
    with service.stream("name=drawn") as socket:
        socket.recv()
        with _listening(service, "/api/sources/drawn/live") as messages:
            socket.send(demo()[8000:16_000].astype("<i2").tobytes())
            (first,) = _details(messages, 1)
            socket.send(demo()[16_000:24_000].astype("<i2").tobytes())
            (second,) = _details(messages, 1)
    assert (first["seconds"], second["seconds"]) == (0.5, 1.0)
    assert len(first["bands"]) + len(second["bands"]) == 98
    assert {len(frame) for frame in first["bands"]} == {32}
    assert all(0 <= band <= 255 for frame in second["bands"] for band in frame)
    assert len({band for frame in second["bands"] for band in frame}) > 50  # the bands use their range
    words = {it["word"] for it in service.http.get("/api/words").json()}
    assert set(first["scores"]) == set(second["scores"]) == words


def test_open_feeds_do_not_keep_the_service_from_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.run._GRACE", 3600)  # the server itself doesn't cut them off
    with httpx.Client(timeout=PATIENCE) as client, ExitStack() as feed, running(settings(tmp_path)) as live:
        answer = feed.enter_context(client.stream("GET", f"{live.url}/api/events/live"))
        assert answer.status_code == 200


def test_many_feeds_that_missed_much_read_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = threading.Lock()
    after = EventStore.after

    def alone(store: EventStore, *wanted: Any) -> list[Event]:
        assert reading.acquire(blocking=False), "two feeds read at a time"
        try:
            return after(store, *wanted)
        finally:
            reading.release()

    with running(settings(tmp_path)) as live:
        for _ in range(3):
            live.push(demo())
        monkeypatch.setattr(EventStore, "after", alone)
        with ExitStack() as feeds:
            opened = [feeds.enter_context(_listening(live, "/api/events/live?after=0")) for _ in range(20)]
            for messages in opened:
                assert [it["word"] for it in _details(messages, 3 * len(words_of_demo()))] == 3 * [
                    word for word, _ in words_of_demo()
                ]
