"""Deliveries: every event reaches every target at least once, whichever side is killed and restarted."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import queue
import re
import sqlite3
import stat
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest

from service.delivery.mqtt import Announced, mqtt, parse_broker, slug
from service.delivery.outbox import Delivery, Outbox
from service.delivery.worker import Backoff
from service.store.clips import ClipFolder
from service.store.database import Database, open_database
from service.store.events import Event, EventStore, event_json
from tests.service.live import running, settings, words_of_demo
from tests.service.mosquitto import Broker, Listener
from tests.service.new_events import NOON, new_event
from tests.service.receiver import Posted, Receiver
from tests.service.wake_models import wake_model
from tests.signals import ROOT, demo
from tests.test_readme import blocks
from tests.waits import until
from tests.wakeword.scripts import WORDS as WORDS_OF_SCRIPTS
from wakeword.errors import WakewordError
from wakeword.model.file import write_model
from wakeword.model.pretrained import load_model

WORDS = [word for word, _ in words_of_demo()]
# The events that docs/service.md shows.
OF_ALL, OF_MQTT = map(json.loads, blocks(ROOT / "docs/service.md", "json"))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.kill()


def test_a_claimed_delivery_is_not_given_again_until_its_lease_ends(database: Database, clips: ClipFolder) -> None:
    EventStore(database, clips, targets=["mqtt", "hook"]).add([new_event(frame=frame) for frame in range(3)])
    outbox = Outbox(database, "mqtt")
    first = outbox.claim(NOON, lease=60, limit=2)
    assert [(delivery.event["frame"], delivery.attempts) for delivery in first] == [(0, 1), (1, 1)]
    assert [delivery.event["frame"] for delivery in outbox.claim(NOON, lease=60, limit=5)] == [2]
    assert not outbox.has_due(NOON + 59)
    assert [delivery.attempts for delivery in outbox.claim(NOON + 60, lease=60, limit=5)] == [2, 2, 2]
    assert len(Outbox(database, "hook").claim(NOON, lease=60, limit=5)) == 3


def test_an_arrived_delivery_is_removed_and_a_postponed_one_waits(database: Database, clips: ClipFolder) -> None:
    EventStore(database, clips, targets=["mqtt"]).add([new_event(), new_event()])
    outbox = Outbox(database, "mqtt")
    arrived, failed = outbox.claim(NOON, lease=60, limit=2)
    outbox.done(arrived.id)
    outbox.postpone([failed.id], NOON + 5)
    assert not outbox.has_due(NOON + 4)
    assert [delivery.id for delivery in outbox.claim(NOON + 5, lease=60, limit=2)] == [failed.id]


def test_the_page_shows_the_fields_that_an_event_has(database: Database, clips: ClipFolder) -> None:
    (stored,) = EventStore(database, clips).add([new_event()])
    assert OF_ALL.keys() == event_json(stored).keys()


def test_the_leases_of_a_killed_process_end_when_the_next_one_starts(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'events.sqlite'}")
    EventStore(database, ClipFolder(tmp_path), targets=["mqtt"]).add([new_event()])
    assert Outbox(database, "mqtt").claim(NOON, lease=1e6, limit=1)
    Outbox(database, "mqtt").release_leases(NOON)
    assert Outbox(database, "mqtt").has_due(NOON)
    database.close()


def test_a_deleted_event_is_not_delivered(database: Database, clips: ClipFolder) -> None:
    store = EventStore(database, clips, targets=["mqtt"])
    (event,) = store.add([new_event()])
    store.delete(event.id)
    assert not Outbox(database, "mqtt").has_due(NOON)


def test_the_backoff_doubles_up_to_its_limit() -> None:
    backoff = Backoff(first=1, limit=10)
    assert [backoff.after(attempts) for attempts in (1, 2, 3, 4, 5, 1000)] == [1, 2, 4, 8, 10, 10]


def test_a_webhook_gets_each_event_with_a_valid_signature(tmp_path: Path, receiver: Receiver) -> None:
    with running(settings(tmp_path, webhooks=(receiver.url,))) as live:
        live.push(demo())
        posted = [receiver.next() for _ in WORDS]
    assert [json.loads(it.body)["word"] for it in posted] == WORDS
    file = tmp_path / "webhook.secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = base64.b64decode(file.read_text().removeprefix("whsec_"))
    for it in posted:
        message, timestamp = it.headers["webhook-id"], it.headers["webhook-timestamp"]
        digest = hmac.new(key, f"{message}.{timestamp}.{it.body}".encode(), hashlib.sha256).digest()
        assert it.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
        assert abs(int(timestamp) - time.time()) < 60
    assert len({it.headers["webhook-id"] for it in posted}) == len(posted)


def test_a_failed_webhook_is_retried_and_delays_no_other_event(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answers = [500]
    with running(settings(tmp_path, webhooks=(receiver.url,), first_retry=2.0)) as live:
        live.push(demo())
        frames = [json.loads(receiver.next().body)["frame"] for _ in range(len(WORDS) + 1)]
    assert frames[0] in frames[2:]
    assert sorted(set(frames)) == [frame for _, frame in words_of_demo()]


def test_a_receiver_that_answers_410_gets_no_retry(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answers = [410]
    with running(settings(tmp_path, webhooks=(receiver.url,), first_retry=0.01)) as live:
        live.push(demo())
        for _ in WORDS:
            receiver.next()
        with pytest.raises(queue.Empty):
            receiver.posted.get(timeout=0.3)
        assert 'outcome="given up"' in live.http.get("/metrics").text


def test_events_for_a_receiver_that_was_away_arrive_after_a_restart_of_the_service(tmp_path: Path) -> None:
    with closing(Receiver()) as away:
        port, url = away.port, away.url
    with running(settings(tmp_path, webhooks=(url,))) as live:
        live.push(demo())
    with closing(Receiver(port)) as back, running(settings(tmp_path, webhooks=(url,))):
        assert [json.loads(back.next().body)["word"] for _ in WORDS] == WORDS


@pytest.mark.parametrize("answer", ["hang", "drip", "endless", 500, 302, 307, 404])
def test_a_receiver_that_answers_badly_delays_its_deliveries_only(
    tmp_path: Path, receiver: Receiver, answer: int | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if answer in ("hang", "drip"):
        monkeypatch.setattr("service.delivery.webhook._TIMEOUT", 0.5)
    with closing(Receiver()) as other:
        receiver.answers, receiver.location = [answer] * 2, other.url
        chosen = settings(tmp_path, webhooks=(receiver.url, f"{other.url}/mine"), first_retry=0.01)
        with running(chosen) as live:
            live.push(demo())
            to_other = _until_each_word_came(other)  # the receiver still hangs
            to_receiver = _until_each_word_came(receiver)
            until(lambda: not _waiting(tmp_path))
        to_other += other.rest()
        to_receiver += receiver.rest()
        assert len(to_receiver) >= len(WORDS) + (0 if answer == "endless" else 2)
        assert {it.path for it in to_other} == {"/hook/mine"}  # redirects aren't followed


def test_a_service_ends_while_a_receiver_hangs(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answers = ["hang"] * 100
    with running(settings(tmp_path, webhooks=(receiver.url,))) as live:
        live.push(demo())
        receiver.next()
    assert len(_waiting(tmp_path)) == len(WORDS)


def test_deliveries_wait_no_longer_when_the_clock_is_set_back(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(settings(tmp_path, webhooks=(receiver.url,), first_retry=300)) as live:
        receiver.answers = [500] * len(WORDS)
        live.push(demo(), "name=before")
        for _ in WORDS:
            receiver.next()
        until(lambda: min(_due(tmp_path)) > time.time() + 100)  # all are postponed, none is on its way
        now = time.time
        monkeypatch.setattr(time, "time", lambda: now() - 3600)
        live.push(demo(), "name=after")
        sources = [json.loads(receiver.next().body)["source"] for _ in range(2 * len(WORDS))]
        assert sorted(sources) == ["after"] * len(WORDS) + ["before"] * len(WORDS)
        assert len(live.http.get("/api/events", params={"limit": 500}).json()["events"]) == 2 * len(WORDS)


def test_home_assistant_discovers_a_source_and_gets_its_events(tmp_path: Path, broker: Broker) -> None:
    with closing(Listener(broker)) as listener, running(settings(tmp_path, mqtt=broker.url)) as live:
        live.push(demo(), "name=Living%20Room")
        config = listener.next("homeassistant/event/")
        assert set(WORDS) <= set(config["event_types"])
        assert config["name"] == "Living Room" and config["state_topic"].endswith("/living_room")
        states = [listener.next(config["state_topic"]) for _ in WORDS]
        assert [state["event_type"] for state in states] == WORDS
        assert all(state.keys() == OF_MQTT.keys() for state in states)
        with closing(Listener(broker)) as later:  # gets the retained messages
            assert later.next(config["availability_topic"]) == "online"
            assert later.next("homeassistant/event/") == config


def test_home_assistant_gets_the_words_and_events_of_all_models(tmp_path: Path, broker: Broker) -> None:
    write_model(wake_model(), tmp_path / "models/wake.safetensors")
    chosen = settings(tmp_path, mqtt=broker.url, models=("wake",), commands=("google12",))
    with closing(Listener(broker)) as listener, running(chosen) as live:
        told = live.push(demo())
        config = listener.next("homeassistant/event/")
        assert {"computer", *load_model().keywords} <= set(config["event_types"])
        stored = [(it["event"]["word"], it["event"]["model"]) for it in told if it["type"] == "event"]
        states = [listener.next(config["state_topic"]) for _ in stored]
        assert [(it["event_type"], it["model"]) for it in states] == stored
        assert {model for _, model in stored} == {"wake", "google12"}


def test_the_words_that_two_models_share_are_event_types_once_and_events_tell_the_model(
    tmp_path: Path, broker: Broker
) -> None:
    write_model(load_model(), tmp_path / "models/twin.safetensors")
    chosen = settings(tmp_path, mqtt=broker.url, models=("twin", "google12"))
    with closing(Listener(broker)) as listener, running(chosen) as live:
        live.push(demo())
        config = listener.next("homeassistant/event/")
        assert config["event_types"] == list(load_model().keywords)
        states = [listener.next(config["state_topic"]) for _ in WORDS * 2]
        for model in ("twin", "google12"):
            assert [it["event_type"] for it in states if it["model"] == model] == WORDS


def test_a_broker_that_is_killed_and_restarted_misses_no_event(tmp_path: Path, broker: Broker) -> None:
    chosen = settings(tmp_path / "data", mqtt=broker.url, first_retry=0.1)
    with closing(Listener(broker)) as listener, running(chosen) as live:
        live.push(demo(), "name=one")
        node = listener.next("homeassistant/event/")["state_topic"].rpartition("/")[0]
        assert [listener.next(f"{node}/one")["event_type"] for _ in WORDS] == WORDS
        broker.kill()
        stored = [it["event"]["id"] for it in live.push(demo(), "name=two") if it["type"] == "event"]
        broker.start()
        published: list[int] = []
        while set(published) != set(stored):  # some perhaps more than once
            published.append(listener.next(f"{node}/two")["id"])
    assert list(dict.fromkeys(published)) == stored


def test_a_broker_that_is_away_again_and_again_gets_every_event(tmp_path: Path, broker: Broker) -> None:
    kills = 3
    chosen = settings(tmp_path / "data", mqtt=broker.url, first_retry=0.05)
    with closing(Listener(broker)) as listener, running(chosen) as live:
        live.push(demo(), "name=one")
        node = listener.next("homeassistant/event/")["state_topic"].rpartition("/")[0]
        stored, published = set(range(1, len(WORDS) + 1)), set[int]()
        for _ in range(kills):
            broker.kill()
            stored |= {it["event"]["id"] for it in live.push(demo(), "name=one") if it["type"] == "event"}
            broker.start()
            while not stored <= published:
                published.add(listener.next(f"{node}/one")["id"])
        until(lambda: not _waiting(tmp_path / "data"))
        lines = live.http.get("/metrics").text.splitlines()
    assert len(stored) == (1 + kills) * len(WORDS)
    (arrived,) = [line for line in lines if line.startswith('wakeword_deliveries_total{outcome="arrived"')]
    assert float(arrived.rpartition(" ")[2]) == len(stored)  # each once


def test_a_limited_number_of_sources_is_announced(tmp_path: Path, broker: Broker) -> None:
    announced: Announced = OrderedDict()

    async def publish(sources: list[str]) -> None:
        async with mqtt(parse_broker(broker.url), "node", lambda: ("yes",), announced, max_sources=2) as send:
            for number, source in enumerate(sources):
                event = event_json(Event(**asdict(new_event(source=source)), id=number))
                await send(Delivery(number, number, json.dumps(event), 1))

    with closing(Listener(broker)) as listener:
        asyncio.run(publish(["hall", "attic"]))
        asyncio.run(publish(["hall", "kitchen"]))  # announced again on the new connection, and attic withdrawn
        names = [listener.next("homeassistant/event/") for _ in range(5)]
        assert [it["name"] if it else "" for it in names] == ["hall", "attic", "hall", "kitchen", ""]
        with closing(Listener(broker)) as later:
            assert {later.next("homeassistant/event/")["name"] for _ in range(2)} == {"hall", "kitchen"}
    assert list(announced) == ["hall", "kitchen"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("mqtt", "http://broker"),
        ("mqtt", "mqtt://"),
        ("mqtt", "mqtt://a:b"),
        ("webhooks", ("ftp://x",)),
        ("webhooks", ("nowhere",)),
        ("wyoming", "tcp://127.0.0.1"),
        ("wyoming", "udp://127.0.0.1:1"),
    ],
)
def test_an_invalid_target_is_refused(tmp_path: Path, option: str, value: str | tuple[str, ...]) -> None:
    with pytest.raises(WakewordError), running(settings(tmp_path, **{option: value})):
        pass


def test_the_url_of_a_broker_may_hold_a_user_and_request_tls() -> None:
    broker = parse_broker("mqtts://me:p%40ss@broker.example")
    assert (broker.host, broker.port, broker.tls) == ("broker.example", 8883, True)
    assert (broker.username, broker.password) == ("me", "p@ss")
    with pytest.raises(WakewordError):
        parse_broker("mqtt://broker:99999999")


def test_a_name_is_converted_to_one_level_of_a_topic() -> None:
    names = ("Living Room", "kitchen-2", "a/b+#", "Küche", "キッチン", "//", "")
    levels = [slug(name) for name in names]
    assert levels[:2] == ["living_room", "kitchen_2"]
    assert [level[:-7] for level in levels[2:]] == ["a_b", "kuche", "source", "source", "source"]
    assert all(re.fullmatch("[a-z0-9_]+", level) for level in levels)


def test_different_names_have_different_topics_and_spellings_of_one_the_same() -> None:
    names = (*WORDS_OF_SCRIPTS, "кухня", "厨房", "台所", "kuche", "Küche", "a b", "a/b")
    assert len({slug(name) for name in names}) == len(names)
    assert len({slug(name) for name in ("Küche", unicodedata.normalize("NFD", "küche"), "KÜCHE")}) == 1


def _until_each_word_came(receiver: Receiver) -> list[Posted]:
    """Return the posts up to the first of the last word. On a busy machine one that came may be posted again."""
    posted: list[Posted] = []
    while len({it.headers["webhook-id"] for it in posted}) < len(WORDS):
        posted.append(receiver.next())
    assert {json.loads(it.body)["word"] for it in posted} == set(WORDS)
    return posted


def _waiting(folder: Path) -> list[int]:
    """The deliveries that have not arrived."""
    with closing(sqlite3.connect(folder / "events.sqlite")) as database:
        return [row[0] for row in database.execute("SELECT id FROM deliveries")]


def _due(folder: Path) -> list[float]:
    with closing(sqlite3.connect(folder / "events.sqlite")) as database:
        return [row[0] for row in database.execute("SELECT due FROM deliveries")]
