"""Wyoming: a real client gets the words, streams audio of any format, and gets the detections of the words it names."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.wake import Detect, Detection, NotDetected

from service.detection.setup import Word
from service.settings import Limits
from service.wyoming.audio import AudioFormat, Converter
from service.wyoming.words import requested
from tests.service.live import Live, free_port, running, settings, words_of_demo
from tests.signals import demo
from tests.waits import PATIENCE, until
from wakeword.model.file import write_model
from wakeword.model.pretrained import load_model

PHRASES = {"yes": "hey lumen", "no": "Café Lumière", "up": "up_stairs"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Live]:
    data = tmp_path_factory.mktemp("data")
    (data / "models").mkdir()
    model = load_model()
    renamed = replace(model, labels=tuple(PHRASES.get(label, label) for label in model.labels))
    write_model(renamed, data / "models/phrases.safetensors")
    with running(settings(data, wyoming=f"tcp://127.0.0.1:{port}")) as live:
        yield live


@pytest.fixture
def phrases(service: Live) -> Iterator[None]:
    """Activate the model with PHRASES for its words."""
    service.http.post("/api/models/phrases/activate").raise_for_status()
    yield
    service.http.post("/api/models/google12/activate").raise_for_status()


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
    assert {tuple(model.languages) for model in program.models} == {("en",)}


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


def test_channels_that_cancel_out_are_heard_by_one_and_logged(
    service: Live, port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    stereo = np.stack([demo(), -demo()], axis=1)[: 16_000 * 4]
    answers = asyncio.run(_detected(port, stereo))
    assert [it.name for it in answers if isinstance(it, Detection)][:1] == [words_of_demo()[0][0]]
    assert "a Wyoming client sends channels that cancel out" in capfd.readouterr().out


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
    other = free_port()
    chosen = settings(tmp_path, wyoming=f"tcp://127.0.0.1:{other}", limits=Limits(streams=0))

    async def refused() -> str:
        async with AsyncTcpClient("127.0.0.1", other) as client:
            await client.write_event(AudioStart(16_000, 2, 1).event())
            event = await client.read_event()
            return event.type if event else ""

    with running(chosen):
        assert asyncio.run(refused()) == "error"


WANTED = [(word, round((160 * frame + 400) / 16)) for word, frame in words_of_demo()]


async def _exchange(port: int, messages: Sequence[Event]) -> list[Event]:
    """Send messages as a client, and return the answers up to that of `describe`, or to the end of the connection."""
    answers: list[Event] = []
    async with AsyncTcpClient("127.0.0.1", port) as client:
        with suppress(ConnectionError):
            for message in [*messages, Describe().event()]:
                await client.write_event(message)
        while event := await asyncio.wait_for(client.read_event(), PATIENCE):
            if Info.is_type(event.type):
                break
            answers.append(event)
    return answers


def _detections(answers: Sequence[Event]) -> list[tuple[str | None, int | None]]:
    found = [Detection.from_event(it) for it in answers if Detection.is_type(it.type)]
    return [(it.name, it.timestamp) for it in found]


def _chunks(audio: bytes, rate: int = 16_000, width: int = 2, channels: int = 1, size: int = 2048) -> list[Event]:
    return [
        AudioChunk(rate, width, channels, audio[start : start + size]).event() for start in range(0, len(audio), size)
    ]


def _pcm() -> bytes:
    return demo().astype("<i2").tobytes()


def test_chunks_without_audio_start_begin_a_stream(service: Live, port: int) -> None:
    answers = asyncio.run(_exchange(port, [*_chunks(_pcm()), AudioStop().event()]))
    assert _detections(answers) == WANTED


def test_chunks_that_name_no_format_have_that_of_audio_start(service: Live, port: int) -> None:
    bare = [Event("audio-chunk", {}, chunk.payload) for chunk in _chunks(_pcm())]
    answers = asyncio.run(_exchange(port, [AudioStart(16_000, 2, 1).event(), *bare, AudioStop().event()]))
    assert _detections(answers) == WANTED


@pytest.mark.parametrize("size", [2047, 32_001])
def test_a_sample_may_be_cut_by_two_chunks(service: Live, port: int, size: int) -> None:
    answers = asyncio.run(_exchange(port, [*_chunks(_pcm(), size=size), AudioStop().event()]))
    assert _detections(answers) == WANTED


@pytest.mark.parametrize("channels", [1, 8])
def test_samples_of_four_bytes_and_many_channels_give_the_same_detections(
    service: Live, port: int, channels: int
) -> None:
    wide = np.repeat((demo().astype("<i4") << 16)[:, None], channels, axis=1).tobytes()
    answers = asyncio.run(
        _exchange(port, [*_chunks(wide, width=4, channels=channels, size=20_001), AudioStop().event()])
    )
    assert _detections(answers) == WANTED


def test_samples_of_one_byte_are_unsigned() -> None:
    converter = Converter(AudioFormat(16_000, 1, 2), lambda channel: None)
    (samples,) = converter.push(bytes([128, 128, 255, 255, 0, 0, 130, 126, 99]))
    assert samples.tolist() == [0, 127 << 8, -32_768, 0]
    (rest,) = converter.push(bytes([99]))
    assert rest.tolist() == [(99 - 128) << 8]


def test_a_chunk_at_a_low_rate_is_converted_piece_by_piece() -> None:
    pieces = list(Converter(AudioFormat(2000, 1, 1), lambda channel: None).push(bytes(100_000)))
    assert max(map(len, pieces)) <= 5 * 1600
    assert 790_000 < sum(map(len, pieces)) <= 800_000


def test_a_stream_may_go_on_in_another_format(service: Live, port: int) -> None:
    wide = (demo().astype("<i4") << 16).tobytes()
    half = len(_pcm()) // 2
    chunks = [*_chunks(_pcm()[:half]), *_chunks(wide[2 * half :], width=4)]
    assert _detections(asyncio.run(_exchange(port, [*chunks, AudioStop().event()]))) == WANTED


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("Hey_Lumen", "hey lumen"),
        ("  HEY   lumen ", "hey lumen"),
        ("cafe\u0301 lumie\u0300re", "Café Lumière"),
        ("CAFÉ_LUMIÈRE", "Café Lumière"),
        ("up stairs", "up_stairs"),
    ],
)
@pytest.mark.usefixtures("phrases")
def test_a_word_is_found_by_any_spelling_and_reported_by_that(service: Live, port: int, name: str, word: str) -> None:
    spoken = next(label for label, phrase in PHRASES.items() if phrase == word)
    answers = asyncio.run(_exchange(port, [Detect(names=[name]).event(), *_chunks(_pcm()), AudioStop().event()]))
    found = _detections(answers)
    assert found == [(name, time) for label, time in WANTED if label == spoken] and found


def _words(*names: str, model: str = "mine") -> list[Word]:
    return [Word(model, name) for name in names]


def test_of_words_that_differ_in_case_only_the_exact_one_is_meant() -> None:
    lower, upper = both = _words("yes", "Yes")
    assert requested(["Yes"], both).names == {upper: "Yes"}
    assert requested(["YES"], both).names == {lower: "YES", upper: "YES"}
    assert requested(["yes", "YES"], [lower]).names == {lower: "yes"}
    assert requested([], [lower]).names is requested(None, [lower]).names is None
    assert requested(["\ud800", "a" * 100_000], [lower]).nothing


def test_a_name_means_the_word_of_each_model_unless_it_names_one() -> None:
    mine, yours = both = _words("stop") + _words("stop", model="yours")
    assert requested(["stop"], both).names == {mine: "stop", yours: "stop"}
    assert requested(["Stop_(yours)"], both).names == {yours: "Stop_(yours)"}


def test_the_last_detect_counts(service: Live, port: int) -> None:
    first, second = WANTED[0][0], next(word for word, _ in WANTED if word != WANTED[0][0])
    messages = [
        *_chunks(_pcm()),
        AudioStop().event(),
        Detect(names=[second]).event(),
        *_chunks(_pcm()),
        AudioStop().event(),
        Detect().event(),
        *_chunks(_pcm()),
        AudioStop().event(),
    ]
    found = _detections(asyncio.run(_exchange(port, [Detect(names=[first]).event(), *messages])))
    assert found == [
        *((word, time) for word, time in WANTED if word == first),
        *((word, time) for word, time in WANTED if word == second),
        *WANTED,
    ]


def test_a_second_audio_start_ends_the_first_stream_with_all_its_detections(service: Live, port: int) -> None:
    start = AudioStart(16_000, 2, 1).event()
    answers = asyncio.run(_exchange(port, [start, *_chunks(_pcm()), start, *_chunks(_pcm()), AudioStop().event()]))
    assert _detections(answers) == WANTED * 2


def test_audio_stop_without_a_stream_is_answered(service: Live, port: int) -> None:
    answers = asyncio.run(_exchange(port, [AudioStop().event(), AudioStop().event()]))
    assert [it.type for it in answers] == ["not-detected"] * 2


def test_unknown_messages_are_skipped(service: Live, port: int) -> None:
    strange = [Event("transcribe", {"name": "x"}), Event("synthesize", {"text": "milk"}, bytes(1000)), Event("ping")]
    assert asyncio.run(_exchange(port, [*strange, AudioStop().event()]))[0].type == "not-detected"


def test_an_unknown_word_is_answered_at_once_and_logged(
    service: Live, port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    messages = [Detect(names=["hey nobody"]).event(), AudioStart(16_000, 2, 1).event(), *_chunks(_pcm()[:64_000])]
    error, end = asyncio.run(_exchange(port, [*messages, AudioStop().event()]))
    line = "the active model has no word 'hey nobody'; its words are yes, no, "
    assert Error.from_event(error).code == "unknown-wake-word"
    assert Error.from_event(error).text.startswith(line)
    assert end.type == "not-detected"
    assert capfd.readouterr().out.count(line) == 1


def test_a_client_that_streams_on_for_an_unknown_word_is_disconnected(
    service: Live, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.wyoming.client._UNKNOWN_PATIENCE", 0.0)
    messages = [Detect(names=["hey nobody"]).event(), *_chunks(_pcm()[:64_000])]
    (error,) = asyncio.run(_exchange(port, messages))
    assert error.type == "error"
    assert service.http.get("/api/sources").json() == []


def test_known_words_beside_unknown_ones_are_detected(
    service: Live, port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    word = WANTED[0][0]
    messages = [Detect(names=["hey nobody", word]).event(), *_chunks(_pcm()), AudioStop().event()]
    assert {name for name, _ in _detections(asyncio.run(_exchange(port, messages)))} == {word}
    assert "no word 'hey nobody'" in capfd.readouterr().out


def test_a_client_whose_words_are_gone_with_a_change_of_the_model_is_told(service: Live, port: int) -> None:
    async def answer() -> Event | None:
        async with AsyncTcpClient("127.0.0.1", port) as client:
            await client.write_event(Detect(names=["yes"]).event())
            await client.write_event(Describe().event())
            assert await client.read_event() is not None
            activated = await asyncio.to_thread(service.http.post, "/api/models/phrases/activate")
            activated.raise_for_status()
            await client.write_event(_chunks(bytes(3200))[0])
            return await client.read_event()

    try:
        told = asyncio.run(answer())
    finally:
        service.http.post("/api/models/google12/activate").raise_for_status()
    assert told is not None
    assert Error.from_event(told).code == "unknown-wake-word"
