"""Words of any script in the service: events, settings, feedback, metrics, MQTT, Wyoming and the dashboard.

The model's file has their accents apart; clients write them composed, apart, or in another spelling.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect
from wyoming.client import AsyncTcpClient
from wyoming.info import Describe, Info

from bench.chromium import chromium
from tests.service.live import Live, running, settings
from tests.service.mosquitto import Broker, Listener
from tests.signals import demo
from tests.waits import PATIENCE, until
from tests.wakeword.scripts import WORDS, apart, write_apart
from wakeword.data.keywords import keyword_set
from wakeword.data.speech_commands import list_clips

EVENTS = 11  # in the demo
ARABIC, HEBREW, LATIN = "مرحبا يا نور", WORDS[4], WORDS[0]
expect.set_options(1000 * PATIENCE)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    broker = Broker(tmp_path_factory.mktemp("broker"))
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture(scope="module")
def listener(broker: Broker) -> Iterator[Listener]:
    with closing(Listener(broker)) as listener:
        yield listener


@pytest.fixture(scope="module")
def service(data: Path, broker: Broker, listener: Listener, port: int) -> Iterator[Live]:
    """A service that keeps clips and has heard the demo recording in the kitchen."""
    model = write_apart(data / f"{apart('schön')}.safetensors")
    chosen = settings(data, clips=True, models=(str(model),), mqtt=broker.url, wyoming=f"tcp://127.0.0.1:{port}")
    with running(chosen) as live:
        live.push(demo(), f"name={quote(apart('रसोई é'))}")
        yield live


def _get(service: Live, path: str, **query: str) -> object:
    return service.http.get(path, params=query).raise_for_status().json()


def test_every_event_has_the_composed_word_source_and_model(service: Live) -> None:
    events = _get(service, "/api/events")["events"]  # type: ignore[index]
    assert len(events) == EVENTS and {event["word"] for event in events} == set(WORDS)
    assert {(event["source"], event["model"]) for event in events} == {("रसोई é", "schön")}


@pytest.mark.parametrize("form", [str, apart])
def test_events_are_found_by_word_source_and_model_in_either_form(service: Live, form: type[str]) -> None:
    query = {"word": form(LATIN), "source": form("रसोई é"), "model": form("schön")}
    events = _get(service, "/api/events", **query)["events"]  # type: ignore[index]
    assert [event["word"] for event in events] == [LATIN, LATIN]


@pytest.mark.parametrize("spelling", [LATIN, apart(LATIN), LATIN.upper()])
def test_a_word_is_set_by_any_spelling(service: Live, spelling: str) -> None:
    words = service.http.patch("/api/words", json={spelling: {"threshold": 0.5}}).raise_for_status().json()
    assert [word["word"] for word in words if word["threshold"] == 0.5] == [LATIN]
    asked = _get(service, f"/api/words/{quote(spelling)}/what-if", threshold="0.5")
    assert asked["word"] == LATIN  # type: ignore[index]
    service.http.patch("/api/words", json={LATIN: {"threshold": None}}).raise_for_status()


def test_a_clip_that_was_right_is_filed_where_training_finds_it(service: Live, data: Path) -> None:
    for event in _get(service, "/api/events")["events"]:  # type: ignore[index]
        service.http.post(f"/api/events/{event['id']}/verdict", json={"verdict": "right"}).raise_for_status()
    keywords = keyword_set(",".join(WORDS))
    found = [keywords.label_of(clip.word) for clip in list_clips(data / "feedback", "all")]
    assert len(found) == EVENTS and set(found) == set(WORDS)


def test_metrics_count_each_word(service: Live) -> None:
    text = service.http.get("/metrics").text
    assert all(f'wakeword_events_total{{model="schön",word="{word}"}}' in text for word in WORDS)


def test_mqtt_has_ascii_topics_and_ids_and_every_word_in_its_own_letters(service: Live, listener: Listener) -> None:
    announced = listener.next("homeassistant/event/")
    assert announced["name"] == "रसोई é"
    assert set(announced["event_types"]) == set(WORDS)
    topic = announced["state_topic"]
    assert topic.isascii() and announced["unique_id"].isascii()
    assert {listener.next(topic)["word"] for _ in range(EVENTS)} == set(WORDS)


def test_a_wyoming_client_is_told_every_word_and_its_language(service: Live, port: int) -> None:
    async def described() -> Info:
        async with AsyncTcpClient("127.0.0.1", port) as client:
            await client.write_event(Describe().event())
            event = await client.read_event()
            assert event is not None
            return Info.from_event(event)

    (program,) = asyncio.run(described()).wake
    assert {model.phrase for model in program.models} == set(WORDS)
    assert [model.languages for model in program.models] == [["mul"]] * len(WORDS)


def test_the_dashboard_shows_each_word_in_its_own_direction(service: Live) -> None:
    assert shutil.which("chromium")
    with chromium() as browser:
        page = browser.new_page()
        page.goto(service.url)
        until(lambda: page.locator(".event strong").count() == EVENTS)
        assert set(page.locator(".event strong").all_inner_texts()) == set(WORDS)
        direction = "element => getComputedStyle(element).direction"
        for word, expected in ((ARABIC, "rtl"), (HEBREW, "rtl"), (LATIN, "ltr")):
            for place in (".event strong", ".word .spoken", ".model .words bdi"):
                assert page.locator(place, has_text=word).first.evaluate(direction) == expected
            assert page.locator(f"#missed-word option[value='{word}']").evaluate(direction) == expected
        page.locator("#feed-word").select_option(ARABIC)
        until(lambda: page.locator(".event strong").all_inner_texts() == [ARABIC])
        page.goto("about:blank")
