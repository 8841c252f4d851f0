"""Wyoming with several models: a real client gets the words of all, and chooses among them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.info import Describe, Info
from wyoming.wake import Detect, Detection

from tests.service.live import Live, running, settings, words_of_demo
from tests.service.wake_models import SPOKEN, commands, wake_model, wakes
from tests.signals import demo
from tests.waits import PATIENCE
from wakeword.model.file import write_model
from wakeword.model.pretrained import load_model

WORDS = [word for word, _ in words_of_demo()]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Live]:
    data: Path = tmp_path_factory.mktemp("data")
    write_model(wake_model(), data / "models/wake.safetensors")
    write_model(load_model(), data / "models/twin.safetensors")
    with running(settings(data, wyoming=f"tcp://127.0.0.1:{port}")) as live:
        yield live


@pytest.fixture
def after_a_word(service: Live) -> None:
    """Let *wake* listen, and google12 after its word."""
    service.http.put("/api/models/active", json={"models": ["wake"], "then": ["google12"]}).raise_for_status()


@pytest.fixture
def twins(service: Live) -> None:
    """Let google12 listen, and *twin*, which has the same words."""
    service.http.put("/api/models/active", json={"models": ["google12", "twin"]}).raise_for_status()


async def _info(port: int) -> list[tuple[str, str | None, str | None]]:
    async with AsyncTcpClient("127.0.0.1", port) as client:
        await client.write_event(Describe().event())
        event = await client.read_event()
        assert event is not None
        (program,) = Info.from_event(event).wake  # Home Assistant reads one only
        return [(model.name, model.phrase, model.description) for model in program.models]


async def _detected(port: int, names: list[str] | None) -> list[str | None]:
    """Stream the demo recording as a client that wants these words; return what it is told."""
    told: list[str | None] = []
    async with AsyncTcpClient("127.0.0.1", port) as client:
        await client.write_event(Detect(names=names).event())
        await client.write_event(AudioStart(16_000, 2, 1).event())
        for start in range(0, len(demo()), 1024):
            data = demo()[start : start + 1024].astype("<i2").tobytes()
            await client.write_event(AudioChunk(16_000, 2, 1, data).event())
        await client.write_event(AudioStop().event())
        await client.write_event(Describe().event())  # its answer is the last
        while event := await asyncio.wait_for(client.read_event(), PATIENCE):
            if Info.is_type(event.type):
                return told
            if Detection.is_type(event.type):
                told.append(Detection.from_event(event).name)
            elif Error.is_type(event.type):
                told.append(Error.from_event(event).text)
    raise AssertionError("the service closed the connection")


@pytest.mark.usefixtures("after_a_word")
def test_a_client_gets_the_words_of_each_model(port: int) -> None:
    told = asyncio.run(_info(port))
    assert ("computer", "computer", "computer (wake)") in told
    assert [it for it in told if "google12" in (it[2] or "")] == [
        (word, word, f"{word} (google12, after another word)") for word in load_model().keywords
    ]


@pytest.mark.usefixtures("twins")
def test_a_client_gets_the_words_that_two_models_share_with_their_model(port: int) -> None:
    models = ("google12", "twin")
    wanted = [(f"{word} ({model})", word, f"{word} ({model})") for model in models for word in load_model().keywords]
    assert asyncio.run(_info(port)) == wanted


@pytest.mark.usefixtures("after_a_word")
def test_a_client_chooses_among_the_words_of_all_models(port: int) -> None:
    command = commands()[0]
    assert asyncio.run(_detected(port, ["computer"])) == ["computer"] * len(wakes())
    assert asyncio.run(_detected(port, [command])) == [it for it in commands() if it == command]
    told = asyncio.run(_detected(port, None))
    assert [it for it in told if it != "computer"] == commands() and told[0] == "computer"


@pytest.mark.usefixtures("twins")
def test_a_word_that_two_models_share_is_reported_with_its_model_or_as_it_was_requested(port: int) -> None:
    spoken = len(wakes())
    both = sorted(f"{word} ({model})" for model in ("google12", "twin") for word in WORDS)
    assert sorted(map(str, asyncio.run(_detected(port, None)))) == both
    assert asyncio.run(_detected(port, [SPOKEN])) == [SPOKEN] * 2 * spoken
    assert asyncio.run(_detected(port, [f"{SPOKEN} (twin)"])) == [f"{SPOKEN} (twin)"] * spoken


@pytest.mark.usefixtures("after_a_word")
def test_a_full_name_is_understood_though_one_model_has_the_word_and_an_unknown_one_is_refused(port: int) -> None:
    """Home Assistant remembers names from when there were other models."""
    assert asyncio.run(_detected(port, ["computer (wake)"])) == ["computer (wake)"] * len(wakes())
    (line,) = asyncio.run(_detected(port, ["computer (twin)"]))
    assert str(line).startswith("the active models have no word 'computer (twin)'; their words are computer, ")
