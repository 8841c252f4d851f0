"""The WebSocket for audio: PCM in, events and levels out, and a close code for each reason."""

from __future__ import annotations

import json
import random
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from socket import SHUT_RDWR

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from service.settings import Limits
from tests.service.live import Live, running, settings, words_of_demo
from tests.signals import demo
from tests.waits import PATIENCE, until


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with running(settings(tmp_path_factory.mktemp("data"))) as live:
        yield live


def _close_code(socket: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed):
        while True:
            socket.recv(timeout=PATIENCE)
    return socket.close_code


@pytest.mark.parametrize("block", [11, 160, 999, 100_000])
def test_the_events_of_a_stream_do_not_depend_on_its_cut_into_messages(service: Live, block: int) -> None:
    samples = demo() if block > 11 else demo()[:24_000]
    wanted = [(word, frame) for word, frame in words_of_demo() if frame * 160 + 400 <= len(samples)]
    first, *rest = service.push(samples, block=block)
    assert (first["type"], first["rate"], rest[-1]) == ("ready", 16_000, {"type": "end", "samples": len(samples)})
    assert [(it["event"]["word"], it["event"]["frame"]) for it in rest if it["type"] == "event"] == wanted


@pytest.mark.parametrize("rate", ["1", "4", "7999", "192001", "-16000", "1000000000000", "nan", "16000.5"])
def test_a_rate_that_no_microphone_has_is_refused_before_a_stream_begins(service: Live, rate: str) -> None:
    with pytest.raises(InvalidStatus), service.stream(f"rate={rate}"):
        pass
    assert service.http.get("/api/sources").json() == []


@pytest.mark.parametrize("rate", [8_000, 48_000, 192_000])
def test_any_rate_of_a_microphone_is_resampled(service: Live, rate: int) -> None:
    messages = service.push(np.zeros(rate, np.int16), f"rate={rate}", block=rate // 10)
    assert messages[0]["rate"] == rate
    assert abs(messages[-1]["samples"] - 16_000) <= 1


def test_an_event_is_stored_before_its_stream_reports_it(service: Live) -> None:
    for message in service.push(demo()):
        if message["type"] == "event":
            assert service.http.get(f"/api/events/{message['event']['id']}").json()["word"] == message["event"]["word"]


def test_levels_are_sent_on_request(service: Live) -> None:
    loud = np.tile(np.array([3277, -3277], np.int16), 8000)
    levels = [it for it in service.push(loud, "levels=true", block=1600) if it["type"] == "level"]
    positions = [it["samples"] for it in levels]
    assert positions == sorted(set(positions)) and positions[-1] == 16_000  # messages may be processed together
    assert {it["level"] for it in levels} == {-20.0}
    assert all(0 <= score <= 1 for score in levels[-1]["scores"].values())


def test_streams_of_the_same_name_get_different_ones(service: Live) -> None:
    with service.stream("name=twin") as one, service.stream("name=twin") as other:
        names = [json.loads(socket.recv())["source"] for socket in (one, other)]
        assert names == ["twin", "twin 2"]
        assert {it["name"] for it in service.http.get("/api/sources").json()} == set(names)
    until(lambda: service.http.get("/api/sources").json() == [])


def test_a_stream_that_breaks_off_keeps_its_events(service: Live) -> None:
    with service.stream("name=broken") as socket:
        socket.send(demo().astype("<i2").tobytes()[:200_000])
        assert json.loads(socket.recv())["type"] == "ready"
        assert json.loads(socket.recv())["type"] == "event"
        socket.socket.shutdown(SHUT_RDWR)
    until(lambda: service.http.get("/api/sources").json() == [])
    assert service.http.get("/api/events", params={"source": "broken"}).json()["events"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"odd", 4400),
        ("milk", 4400),
        ('{"type": "begin"}', 4400),
        ("[" * 100_000, 4400),
        (bytes(300_000), 1009),
        ('{"type": "end"}', 1000),
    ],
)
def test_a_stream_is_closed_with_the_code_of_its_reason(service: Live, message: bytes | str, code: int) -> None:
    with service.stream() as socket:
        socket.send(message)
        assert _close_code(socket) == code


def test_a_stream_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    with running(settings(tmp_path, limits=Limits(streams=1))) as live, live.stream(), live.stream() as second:
        assert _close_code(second) == 4429


def test_an_idle_stream_is_closed(tmp_path: Path) -> None:
    with running(settings(tmp_path, limits=Limits(idle_seconds=0.2))) as live, live.stream() as silent:
        assert _close_code(silent) == 4408


def test_streams_are_closed_when_the_service_ends(tmp_path: Path) -> None:
    with ExitStack() as later:
        with running(settings(tmp_path)) as live:
            socket = later.enter_context(live.stream())
            socket.recv()
        assert _close_code(socket) in (1001, 1012)  # going away, or restarting


def test_a_client_faster_than_real_time_is_slowed_down_beyond_the_lead(tmp_path: Path) -> None:
    with running(settings(tmp_path, limits=Limits(lead_seconds=1))) as live:
        start = time.monotonic()
        live.push(np.zeros(24_000, np.int16))
        assert time.monotonic() - start >= 0.5


def test_a_client_that_sends_too_many_messages_is_slowed_down(tmp_path: Path) -> None:
    with running(settings(tmp_path, limits=Limits(messages_per_second=100))) as live:
        start = time.monotonic()
        live.push(np.zeros(500, np.int16), block=1)
        assert time.monotonic() - start >= 0.9  # 400 of them may come at once


def test_random_messages_never_harm_the_service(service: Live) -> None:
    dice = random.Random(0)
    for _ in range(40):
        with service.stream("name=fuzz") as socket:
            try:
                for _ in range(dice.randrange(1, 6)):
                    data = dice.randbytes(dice.choice([0, 1, 2, 640, 5000]))
                    socket.send(data if dice.random() < 0.6 else data.decode("latin-1"))
                socket.recv(timeout=PATIENCE)
            except ConnectionClosed:
                pass
    assert service.http.get("/readyz").status_code == 200
    messages = service.push(demo())
    assert [it["event"]["word"] for it in messages if it["type"] == "event"] == [word for word, _ in words_of_demo()]


def _frame(dice: random.Random) -> bytes:
    """Return an invalid frame: any opcode and flags, masked or not, perhaps of a wrong length."""
    payload = dice.randbytes(dice.choice([0, 1, 2, 125, 640, 70_000]))
    first = dice.choice([0x82, 0x81, 0x02, 0x01, 0x80, 0x88, 0x89, 0x8A, dice.randrange(256)])
    length = dice.choice([len(payload), len(payload), dice.randrange(1 << 16), dice.randrange(1 << 64)])
    masked = dice.choice([0x80, 0x80, 0x80, 0])
    if length < 126:
        head = struct.pack(">BB", first, masked | length)
    elif length < 1 << 16:
        head = struct.pack(">BBH", first, masked | 126, length)
    else:
        head = struct.pack(">BBQ", first, masked | 127, length)
    return head + (dice.randbytes(4) if masked else b"") + payload


def test_frames_that_break_the_protocol_never_harm_the_service(service: Live, caplog: pytest.LogCaptureFixture) -> None:
    dice = random.Random(0)
    for _ in range(100):
        with suppress(OSError), service.stream("name=fuzz") as socket:  # the service may have closed it
            for _ in range(dice.randrange(1, 4)):
                socket.socket.sendall(_frame(dice))
            socket.socket.shutdown(SHUT_RDWR)
    until(lambda: service.http.get("/api/sources").json() == [])
    assert service.http.get("/readyz").status_code == 200
    messages = service.push(demo())
    assert [it["event"]["word"] for it in messages if it["type"] == "event"] == [word for word, _ in words_of_demo()]
    assert "Exception in ASGI application" not in caplog.text


def test_no_sample_is_lost_when_settings_change_under_a_stream(service: Live) -> None:
    stop = threading.Event()

    def change() -> None:
        while not stop.wait(0.005):
            service.http.patch("/api/words", json={"yes": {"refractory": random.choice([0.6, 0.7])}})

    changing = threading.Thread(target=change)
    changing.start()
    messages = service.push(demo(), block=800)
    stop.set()
    changing.join()
    service.http.patch("/api/words", json={"yes": {"refractory": None}}).raise_for_status()
    assert messages[-1]["samples"] == len(demo())
    found = [(it["event"]["word"], it["event"]["frame"]) for it in messages if it["type"] == "event"]
    assert [word for word, _ in found] == [word for word, _ in words_of_demo()]
    for (_, frame), (_, wanted) in zip(found, words_of_demo(), strict=True):
        assert abs(frame - wanted) <= 2  # a new engine knows only the last three seconds
