"""Deliveries: every event reaches every target at least once, whichever side is killed and started again."""

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
def receiver() -> Iterator[Receiver]:
    with closing(Receiver()) as receiver:
        yield receiver


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.kill()


def test_what_one_has_claimed_no_other_gets_until_the_lease_is_over(database: Database, clips: ClipFolder) -> None:
    EventStore(database, clips, targets=["mqtt", "hook"]).add([new_event(frame=frame) for frame in range(3)])
    outbox = Outbox(database, "mqtt")
    first = outbox.claim(NOON, lease=60, most=2)
    assert [(delivery.event["frame"], delivery.attempts) for delivery in first] == [(0, 1), (1, 1)]
    assert [delivery.event["frame"] for delivery in outbox.claim(NOON, lease=60, most=5)] == [2]
    assert not outbox.has_due(NOON + 59)
    assert [delivery.attempts for delivery in outbox.claim(NOON + 60, lease=60, most=5)] == [2, 2, 2]
    assert len(Outbox(database, "hook").claim(NOON, lease=60, most=5)) == 3


def test_what_has_arrived_is_gone_and_what_was_postponed_waits(database: Database, clips: ClipFolder) -> None:
    EventStore(database, clips, targets=["mqtt"]).add([new_event(), new_event()])
    outbox = Outbox(database, "mqtt")
    arrived, failed = outbox.claim(NOON, lease=60, most=2)
    outbox.done(arrived.id)
    outbox.postpone([failed.id], NOON + 5)
    assert not outbox.has_due(NOON + 4)
    assert [delivery.id for delivery in outbox.claim(NOON + 5, lease=60, most=2)] == [failed.id]


def test_the_leases_of_a_process_that_was_killed_mean_nothing_to_the_next(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'events.sqlite'}")
    EventStore(database, ClipFolder(tmp_path), targets=["mqtt"]).add([new_event()])
    assert Outbox(database, "mqtt").claim(NOON, lease=1e6, most=1)
    Outbox(database, "mqtt").reclaim(NOON)
    assert Outbox(database, "mqtt").has_due(NOON)
    database.close()


def test_an_event_that_was_deleted_is_not_delivered(database: Database, clips: ClipFolder) -> None:
    store = EventStore(database, clips, targets=["mqtt"])
    (event,) = store.add([new_event()])
    store.delete(event.id)
    assert not Outbox(database, "mqtt").has_due(NOON)


def test_patience_doubles_up_to_its_most() -> None:
    patience = Backoff(first=1, most=10)
    assert [patience.after(attempts) for attempts in (1, 2, 3, 4, 5, 1000)] == [1, 2, 4, 8, 10, 10]


def test_a_webhook_gets_each_event_with_a_signature_that_its_secret_proves(tmp_path: Path, receiver: Receiver) -> None:
    with running(settings(tmp_path, webhooks=(receiver.url,))) as live:
        live.hear(demo())
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


def test_a_webhook_that_fails_is_tried_again_and_holds_no_other_event_up(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answers = [500]
    with running(settings(tmp_path, webhooks=(receiver.url,), first_retry=2.0)) as live:
        live.hear(demo())
        frames = [json.loads(receiver.next().body)["frame"] for _ in range(len(WORDS) + 1)]
    assert frames[0] in frames[2:]
    assert sorted(set(frames)) == [frame for _, frame in words_of_demo()]


def test_a_receiver_that_wants_no_more_of_an_event_is_not_asked_again(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answers = [410]
    with running(settings(tmp_path, webhooks=(receiver.url,), first_retry=0.01)) as live:
        live.hear(demo())
        for _ in WORDS:
            receiver.next()
        with pytest.raises(queue.Empty):
            receiver.posted.get(timeout=0.3)
        assert 'outcome="given up"' in live.http.get("/metrics").text


def test_what_a_receiver_missed_while_it_was_away_comes_after_a_restart_of_the_service(tmp_path: Path) -> None:
    with closing(Receiver()) as away:
        port, url = away.port, away.url
    with running(settings(tmp_path, webhooks=(url,))) as live:
        live.hear(demo())
    with closing(Receiver(port)) as back, running(settings(tmp_path, webhooks=(url,))):
        assert [json.loads(back.next().body)["word"] for _ in WORDS] == WORDS


def test_home_assistant_finds_a_source_and_hears_its_events(tmp_path: Path, broker: Broker) -> None:
    with closing(Listener(broker)) as listener, running(settings(tmp_path, mqtt=broker.url)) as live:
        live.hear(demo(), "name=Living%20Room")
        config = listener.next("homeassistant/event/")
        assert set(WORDS) <= set(config["event_types"])
        assert config["name"] == "Living Room" and config["state_topic"].endswith("/living_room")
        states = [listener.next(config["state_topic"]) for _ in WORDS]
        assert [state["event_type"] for state in states] == WORDS
        with closing(Listener(broker)) as later:  # what is retained
            assert later.next(config["availability_topic"]) == "online"
            assert later.next("homeassistant/event/") == config


def test_a_broker_that_is_killed_and_started_again_misses_nothing(tmp_path: Path, broker: Broker) -> None:
    chosen = settings(tmp_path / "data", mqtt=broker.url, first_retry=0.1)
    with closing(Listener(broker)) as listener, running(chosen) as live:
        live.hear(demo(), "name=one")
        node = listener.next("homeassistant/event/")["state_topic"].rpartition("/")[0]
        assert [listener.next(f"{node}/one")["event_type"] for _ in WORDS] == WORDS
        broker.kill()
        kept = [said["event"]["id"] for said in live.hear(demo(), "name=two") if said["type"] == "event"]
        broker.start()
        heard: list[int] = []
        while set(heard) != set(kept):  # some perhaps more than once
            heard.append(listener.next(f"{node}/two")["id"])
    assert list(dict.fromkeys(heard)) == kept


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
def test_a_target_that_is_none_is_refused(tmp_path: Path, option: str, value: str | tuple[str, ...]) -> None:
    with pytest.raises(WakewordError), running(settings(tmp_path, **{option: value})):
        pass


def test_a_brokers_url_may_carry_a_user_and_ask_for_tls() -> None:
    broker = parse_broker("mqtts://me:p%40ss@broker.example")
    assert (broker.host, broker.port, broker.tls) == ("broker.example", 8883, True)
    assert (broker.username, broker.password) == ("me", "p@ss")
    with pytest.raises(WakewordError):
        parse_broker("mqtt://broker:99999999")


def test_a_name_becomes_one_level_of_a_topic() -> None:
    assert [slug(name) for name in ("Living Room", "a/b+#", "Küche", "//")] == ["living_room", "a_b", "k_che", "source"]
