"""Wyoming: a real client gets the words, streams audio, and gets its detections."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.info import Describe, Info
from wyoming.wake import Detect, Detection, NotDetected

from service.settings import Limits
from tests.service.live import Live, running, settings, words_of_demo
from tests.signals import demo
from tests.waits import PATIENCE, until


@pytest.fixture(scope="module")
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
    return number


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Live]:
    with running(settings(tmp_path_factory.mktemp("data"), wyoming=f"tcp://127.0.0.1:{port}")) as live:
        yield live


async def _detected(
    port: int, samples: np.ndarray, names: list[str] | None = None, rate: int = 16_000
) -> list[Detection | NotDetected]:
    """Stream samples as a client, and return the detections that it gets."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    answers: list[Detection | NotDetected] = []
    async with AsyncTcpClient("127.0.0.1", port) as client:
        await client.write_event(Detect(names=names).event())
        await client.write_event(AudioStart(rate, 2, channels).event())
        for start in range(0, len(samples), 1024):
            data = samples[start : start + 1024].astype("<i2").tobytes()
            await client.write_event(AudioChunk(rate, 2, channels, data).event())
        await client.write_event(AudioStop().event())
        await client.write_event(Describe().event())  # its answer is the last
        while event := await asyncio.wait_for(client.read_event(), PATIENCE):
            if Info.is_type(event.type):
                return answers
            found = Detection if Detection.is_type(event.type) else NotDetected
            answers.append(found.from_event(event))
    raise AssertionError("the service closed the connection")


def test_a_client_gets_the_words(service: Live, port: int) -> None:
    async def describe() -> Info:
        async with AsyncTcpClient("127.0.0.1", port) as client:
            await client.write_event(Describe().event())
            event = await client.read_event()
            assert event is not None
            return Info.from_event(event)

    (program,) = asyncio.run(describe()).wake
    assert [model.name for model in program.models] == [it["word"] for it in service.http.get("/api/words").json()]


def test_a_stream_is_answered_with_its_words_and_their_times(service: Live, port: int) -> None:
    answers = asyncio.run(_detected(port, demo()))
    wanted = [(word, round((160 * frame + 400) / 16)) for word, frame in words_of_demo()]
    assert [(it.name, it.timestamp) for it in answers if isinstance(it, Detection)] == wanted
    stored = service.http.get("/api/events?source=wyoming").json()["events"]
    assert [event["word"] for event in stored[::-1]] == [word for word, _ in wanted]


def test_only_requested_words_are_reported(service: Live, port: int) -> None:
    word = words_of_demo()[1][0]
    answers = asyncio.run(_detected(port, demo(), names=[word]))
    assert {it.name for it in answers if isinstance(it, Detection)} == {word}
    (nothing,) = asyncio.run(_detected(port, demo()[:8000], names=[word]))
    assert isinstance(nothing, NotDetected)


def test_stereo_at_another_rate_is_converted(service: Live, port: int) -> None:
    stereo = np.repeat(np.stack([demo(), demo()], axis=1), 3, axis=0)[: 48_000 * 4]
    answers = asyncio.run(_detected(port, stereo, rate=48_000))
    assert [it.name for it in answers if isinstance(it, Detection)][:1] == [words_of_demo()[0][0]]


@pytest.mark.parametrize("noise", [b"milk\n", b'{"type": "audio-chunk"}\n', b"\xff" * 1000 + b"\n", b"[]\n"])
def test_an_invalid_client_is_disconnected_and_disturbs_no_other(service: Live, port: int, noise: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b'{"type": "audio-start", "data": {"rate": 16000, "width": 2, "channels": 1}}\n' + noise)
        client.shutdown(socket.SHUT_WR)
        client.settimeout(PATIENCE)
        while client.recv(4096):
            pass
    until(lambda: service.http.get("/api/sources").json() == [])
    assert asyncio.run(_detected(port, demo()[:32_000]))


def test_a_stream_beyond_the_limit_is_refused(tmp_path: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        other: int = free.getsockname()[1]
    chosen = settings(tmp_path, wyoming=f"tcp://127.0.0.1:{other}", limits=Limits(streams=0))

    async def refused() -> str:
        async with AsyncTcpClient("127.0.0.1", other) as client:
            await client.write_event(AudioStart(16_000, 2, 1).event())
            event = await client.read_event()
            return event.type if event else ""

    with running(chosen):
        assert asyncio.run(refused()) == "error"
