"""Deliveries: every event reaches every target at least once, whichever side is killed and restarted."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import queue
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from service.delivery.mqtt import parse_broker, slug
from service.delivery.outbox import Outbox
from service.delivery.worker import Backoff
from service.store.clips import ClipFolder
from service.store.database import Database, open_database
from service.store.events import EventStore
from tests.service.live import running, settings, words_of_demo
from tests.service.mosquitto import Broker, Listener
from tests.service.new_events import NOON, new_event
from tests.service.receiver import Receiver
from tests.signals import demo
from wakeword.errors import WakewordError

WORDS = [word for word, _ in words_of_demo()]


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


def test_home_assistant_discovers_a_source_and_gets_its_events(tmp_path: Path, broker: Broker) -> None:
    with closing(Listener(broker)) as listener, running(settings(tmp_path, mqtt=broker.url)) as live:
        live.push(demo(), "name=Living%20Room")
        config = listener.next("homeassistant/event/")
        assert set(WORDS) <= set(config["event_types"])
        assert config["name"] == "Living Room" and config["state_topic"].endswith("/living_room")
        states = [listener.next(config["state_topic"]) for _ in WORDS]
        assert [state["event_type"] for state in states] == WORDS
        with closing(Listener(broker)) as later:  # gets the retained messages
            assert later.next(config["availability_topic"]) == "online"
            assert later.next("homeassistant/event/") == config


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
    assert [slug(name) for name in ("Living Room", "a/b+#", "Küche", "//")] == ["living_room", "a_b", "k_che", "source"]
