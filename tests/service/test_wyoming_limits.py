"""Wyoming's limits: what a client may send, hold and leave unread; and that others are served meanwhile."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.info import Describe

from service.settings import Limits
from service.sockets import client_group
from service.wyoming.messages import encode
from service.wyoming.places import SETTLED, Place, Places
from service.wyoming.turns import Turns
from tests.service.live import UNHURRIED, Live, free_port, running, settings
from tests.waits import PATIENCE, until

START = AudioStart(16_000, 2, 1).event()
SILENCE = bytes(3200)  # a tenth of a second


@contextmanager
def serving(folder: Path, limits: Limits = UNHURRIED) -> Iterator[tuple[Live, int]]:
    """Run a service with Wyoming; give its port too."""
    port = free_port()
    with running(settings(folder, wyoming=f"tcp://127.0.0.1:{port}", limits=limits)) as live:
        yield live, port


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Live, int]]:
    with serving(tmp_path_factory.mktemp("data")) as both:
        yield both


def connected(port: int, address: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE, (address, 0))


def send(client: socket.socket, message: Event, payload: bytes = b"") -> None:
    """Send a message by hand."""
    head, _, data = encode(message).partition(b"\n")
    fields = json.loads(head) | ({"payload_length": len(payload)} if payload else {})
    client.sendall(json.dumps(fields).encode() + b"\n" + data + payload)


def chunk(data: bytes = SILENCE, rate: Any = 16_000, width: Any = 2, channels: Any = 1) -> tuple[Event, bytes]:
    return Event("audio-chunk", {"rate": rate, "width": width, "channels": channels}), data


def answers(client: socket.socket) -> list[tuple[str, dict[str, Any]]]:
    """Read the answers up to the end of the connection: type and data."""
    received = b""
    with suppress(ConnectionResetError):
        while more := client.recv(65_536):
            received += more
    found = []
    while received:
        line, _, received = received.partition(b"\n")
        head = json.loads(line)
        length = head.get("data_length", 0)
        found.append((head["type"], json.loads(received[:length] or b"{}")))
        received = received[length:]
    return found


def errors(client: socket.socket) -> list[str]:
    """Read the answers up to the end of the connection, and return the codes of the errors."""
    return [data["code"] for kind, data in answers(client) if kind == "error"]


def is_served(port: int, address: str = "127.0.0.1") -> bool:
    """Return whether a new client is told the words."""
    with connected(port, address) as client:
        send(client, Describe().event())
        return client.recv(100).startswith(b'{"type": "info"')


LYING = [
    b'{"type": "audio-chunk", "payload_length": 1000000000000}\n',
    b'{"type": "audio-chunk", "payload_length": 262145}\n',
    b'{"type": "audio-chunk", "payload_length": -1}\n',
    b'{"type": "audio-chunk", "payload_length": true}\n',
    b'{"type": "audio-chunk", "payload_length": 1e3}\n',
    b'{"type": "audio-chunk", "payload_length": "9"}\n',
    b'{"type": "audio-chunk", "payload_length": ' + b"9" * 4000 + b"}\n",
    b'{"type": "detect", "data_length": 1000000000}\n',
    b'{"type": "detect", "data_length": 5}\nmilk!',
    b'{"type": "detect", "data_length": 2}\n[]',
    b'{"type": "detect", "data": ' + b"[" * 5000 + b"]" * 5000 + b"}\n",
    b'{"type": "detect", "data_length": 400}\n{"names": ' + b"[" * 195 + b"]" * 194 + b"}",
    b'{"type": "detect", "data": 5}\n',
    b'{"type": "detect", "data": {"names": "hey lumen"}}\n',
    b'{"type": "detect", "data": {"names": [1]}}\n',
    b'{"type": "detect", "data": {"names": [' + b'"a",' * 100 + b'"a"]}}\n',
    b'{"type": ["detect"]}\n',
    b"{}\n",
    b"\n",
    b"null\n",
    b"\xff\xfe\n",
    b"x" * 20_000,
]


@pytest.mark.parametrize("message", LYING, ids=range(len(LYING)))
def test_a_message_that_is_none_ends_its_connection_with_an_error(service: tuple[Live, int], message: bytes) -> None:
    _, port = service
    with connected(port) as client:
        client.sendall(message)
        assert errors(client) == ["bad-message"]
    assert is_served(port)


def test_a_payload_without_end_is_cut_off(service: tuple[Live, int]) -> None:
    with connected(service[1]) as client:
        client.sendall(LYING[0])
        with pytest.raises(ConnectionError):
            for _ in range(64):
                client.sendall(bytes(1 << 20))


def test_a_message_that_breaks_off_is_answered_too(service: tuple[Live, int]) -> None:
    with connected(service[1]) as client:
        client.sendall(b'{"type": "audio-chunk", "payload_length": 100}\nabc')
        client.shutdown(socket.SHUT_WR)
        assert errors(client) == ["bad-message"]


@pytest.mark.parametrize(
    "audio",
    [
        {"rate": 1},
        {"rate": 1999},
        {"rate": 768_001},
        {"rate": 1 << 70},
        {"rate": float("nan")},
        {"rate": "16000"},
        {"rate": True},
        {"rate": None},
        {"width": 0},
        {"width": 3},
        {"width": -2},
        {"width": 1 << 40},
        {"channels": 0},
        {"channels": 9},
        {"channels": 1 << 40},
    ],
    ids=str,
)
@pytest.mark.parametrize("started", [False, True])
def test_audio_in_a_format_that_no_audio_has_ends_its_connection(
    service: tuple[Live, int], audio: dict[str, Any], started: bool
) -> None:
    with connected(service[1]) as client:
        if started:
            send(client, Event("audio-start", {"rate": 16_000, "width": 2, "channels": 1} | audio))
        else:
            send(client, *chunk(**audio))
        assert errors(client) == ["bad-audio"]
    until(lambda: service[0].http.get("/api/sources").json() == [])


def _has_sources(live: Live, count: int) -> bool:
    return len(live.http.get("/api/sources").json()) == count


def test_clients_beyond_the_limit_of_their_address_are_refused_and_others_are_not(tmp_path: Path) -> None:
    limits = Limits(wyoming_connections=4, wyoming_connections_per_address=2)
    with serving(tmp_path, limits) as (live, port), ExitStack() as clients:
        for count in (1, 2):
            send(clients.enter_context(connected(port, "127.0.0.5")), START)
            until(partial(_has_sources, live, count))
        assert errors(clients.enter_context(connected(port, "127.0.0.5"))) == ["too-many-connections"]
        for _ in range(2):
            send(clients.enter_context(connected(port, "127.0.0.6")), START)
        until(lambda: len(live.http.get("/api/sources").json()) == 4)
        assert errors(clients.enter_context(connected(port, "127.0.0.7"))) == ["too-many-connections"]
    with serving(tmp_path, limits) as (_, port):
        assert is_served(port)


def test_silent_clients_lose_their_streams_but_not_their_connections(tmp_path: Path) -> None:
    limits = Limits(streams=2, idle_seconds=0.3)
    with serving(tmp_path, limits) as (live, port), connected(port) as silent, connected(port) as dripping:
        for client in (silent, dripping):
            send(client, START)
        send(dripping, *chunk(bytes(2)))
        until(lambda: live.http.get("/api/sources").json() == [])
        for client in (silent, dripping):
            assert b"not-detected" in client.recv(4096)
            send(client, *chunk())  # goes on without a new audio-start
        until(lambda: len(live.http.get("/api/sources").json()) == 2)


def test_a_message_that_is_never_completed_ends_its_connection(tmp_path: Path) -> None:
    limits = Limits(idle_seconds=0.3)
    with serving(tmp_path, limits) as (_, port), connected(port) as idle, connected(port) as client:
        client.sendall(b'{"type": "descr')
        assert errors(client) == ["idle"]
        send(idle, Describe().event())  # idle for as long, but between messages
        assert idle.recv(10)


def test_a_connection_without_a_stream_has_its_place_until_another_needs_it() -> None:
    ended: list[str] = []

    def place(name: str, address: str, idle_since: float | None) -> Place:
        return Place(address, lambda: idle_since, lambda: ended.append(name))

    places = Places(total=4, per_address=3)
    assert places.take(place("streaming", "a", None), 0)
    assert places.take(place("longest", "a", 1), 1)
    assert places.take(place("idle", "a", 2), 2)
    assert not places.take(place("early", "a", 3), 1 + SETTLED - 0.1)
    assert places.take(place("next", "a", 6), 1 + SETTLED)
    assert ended == ["longest"]
    other = place("other", "b", 0)
    assert places.take(other, 6)
    assert places.take(place("third", "c", 20), 20)  # of the address with the most, not the longest of all
    assert ended == ["longest", "idle"]
    places.leave(other)
    places.leave(other)
    assert places.take(place("fourth", "d", 20), 20)
    assert not places.take(place("fifth", "e", 20), 6 + SETTLED - 0.1)


def test_no_place_is_kept_after_a_connection_has_ended(tmp_path: Path) -> None:
    limits = Limits(wyoming_connections=2, wyoming_connections_per_address=2)
    with serving(tmp_path, limits) as (_, port):
        for _ in range(5):
            until(lambda: is_served(port))


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.168.1.7", "192.168.1.7"),
        ("::ffff:192.168.1.7", "192.168.1.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
    ],
)
def test_a_computer_is_one_address(host: str, counted: str) -> None:
    assert client_group(host) == counted


def test_a_client_that_reads_nothing_is_dropped(
    service: tuple[Live, int], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("service.wyoming.client._SEND_PATIENCE", 0.2)
    monkeypatch.setattr("service.wyoming.client._MESSAGES", 1_000_000)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(PATIENCE)
        client.bind(("127.0.0.78", 0))  # of its own: the lines of the log are limited for each address
        client.connect(("127.0.0.1", service[1]))
        describe = encode(Describe().event())
        with pytest.raises(ConnectionError):
            while True:
                client.sendall(describe * 100)
    assert "it did not read its messages" in capfd.readouterr().out
    assert is_served(service[1])


def test_the_words_are_described_once_for_each_model(
    service: tuple[Live, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_served(service[1])
    monkeypatch.setattr("service.wyoming.words._info", None)
    assert is_served(service[1])


def test_a_flood_of_messages_takes_turns() -> None:
    async def order() -> list[int]:
        turns, taken = Turns(), []

        async def flood(client: int) -> None:
            for _ in range(3):
                await turns.take()
                taken.append(client)

        await asyncio.gather(*(flood(client) for client in range(5)))
        return taken

    assert asyncio.run(order()) == [0, 1, 2, 3, 4] * 3


def test_a_client_that_floods_is_disconnected(service: tuple[Live, int]) -> None:
    with connected(service[1]) as client, suppress(ConnectionError):
        client.sendall(encode(Describe().event()) * 2000)
        kinds = [kind for kind, _ in answers(client)]
        assert kinds[-1] == "error" and 200 <= len(kinds) < 2000


def test_a_client_that_floods_with_short_chunks_is_disconnected_and_with_others_is_not(
    service: tuple[Live, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.wyoming.client._SHORT_CHUNKS", 50)
    for milliseconds, answered in ((4, ("error", "flood")), (5, ("not-detected", None))):
        with connected(service[1]) as client:
            for _ in range(500):
                with suppress(ConnectionError):
                    send(client, *chunk(bytes(32 * milliseconds)))
            with suppress(OSError):
                send(client, AudioStop().event())
                client.shutdown(socket.SHUT_WR)
            assert [(kind, data.get("code")) for kind, data in answers(client)] == [answered]


def test_a_client_far_ahead_of_real_time_is_slowed_down(tmp_path: Path) -> None:
    with serving(tmp_path, Limits(lead_seconds=1)) as (_, port):

        async def seconds() -> float:
            loop = asyncio.get_running_loop()
            async with AsyncTcpClient("127.0.0.1", port) as client:
                begin = loop.time()
                await client.write_event(START)
                for _ in range(15):
                    await client.write_event(AudioChunk(16_000, 2, 1, SILENCE).event())
                await client.write_event(AudioStop().event())
                await client.read_event()
                return loop.time() - begin

        assert asyncio.run(seconds()) >= 0.5


def test_a_flood_of_bad_clients_is_logged_in_few_lines(
    service: tuple[Live, int], capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(60):
        with connected(service[1], "127.0.0.77") as client:
            client.sendall(b"milk\n")
            assert errors(client) == ["bad-message"]
    lines = capfd.readouterr()
    assert 1 <= (lines.out + lines.err).count("a Wyoming client was disconnected") < 40
