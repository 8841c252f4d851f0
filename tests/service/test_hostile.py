"""Hostile clients: all that they send or leave out is bounded, and the service works for others meanwhile."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import HTTPException, Request
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from bench.service import attacks
from service.receiving import Receiving
from service.settings import Limits
from tests.service.live import Live, running, settings, words_of_demo
from tests.signals import demo
from tests.waits import PATIENCE, until
from tests.wakeword.terminal import started
from wakeword.audio.files import encode

MOST = 16 << 20  # bytes that a test sends before it says that nothing bounds them
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = b"POST /api/detect HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
UPLOAD = b"POST /api/detect HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with running(settings(tmp_path_factory.mktemp("data"))) as live:
        yield live


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    assert parts.hostname is not None and parts.port is not None
    return socket.create_connection((parts.hostname, parts.port), PATIENCE)


def _sent(connection: socket.socket, *data: bytes) -> socket.socket:
    for piece in data:
        connection.sendall(piece)
    return connection


def _is_closed(connection: socket.socket) -> bool:
    """Whether the service has closed a connection at which it answers nothing."""
    connection.settimeout(0.001)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def _status(connection: socket.socket) -> int:
    with connection.makefile("rb") as answer:
        return int(answer.readline().split()[1])


@pytest.mark.parametrize("attack", attacks.ATTACKS.values(), ids=attacks.ATTACKS)
def test_a_stream_loses_nothing_under_an_attack(service: Live, attack: attacks.Attack) -> None:
    attacking = threading.Thread(target=lambda: asyncio.run(attack(service.url, 0.5)))
    attacking.start()
    messages = service.push(demo())
    assert service.http.get("/healthz").status_code == 200
    attacking.join(PATIENCE)
    assert not attacking.is_alive()
    assert [it["event"]["word"] for it in messages if it["type"] == "event"] == [word for word, _ in words_of_demo()]
    assert messages[-1] == {"type": "end", "samples": len(demo())}


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (GET + b"x: ", b"a" * 65_536),
        (b"GET /", b"a" * 65_536),
        (GET, b"a:b\r\n" * 13_000),
        (CHUNKED + b"1\r\na\r\n0\r\n", b"a:b\r\n" * 13_000),
        (CHUNKED + b"1;", b"a" * 65_536),
        (CHUNKED, b"1\r\na\r\n" * 10_000),
        (b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000000\r\n\r\n", bytes(65_536)),
    ],
    ids=["head", "url", "headers", "trailers", "chunk extension", "tiny chunks", "body that nobody reads"],
)
def test_what_never_ends_is_cut_off(service: Live, first: bytes, then: bytes) -> None:
    with _sent(_connected(service.url), first) as connection, pytest.raises(OSError):
        for _ in range(MOST // len(then)):
            connection.sendall(then)


def test_requests_sent_without_waiting_for_answers_end_with_the_limit_of_requests(tmp_path: Path) -> None:
    with running(settings(tmp_path, limits=Limits(requests_per_second=0.01, burst=20))) as live:
        connection = _connected(live.url)
        with connection, suppress(OSError):
            connection.sendall((GET + b"\r\n") * 5000)
            answers = b""
            while data := connection.recv(1 << 16):
                answers += data
    # The service closes the connection, which may take back answers that are on their way.
    assert answers.count(b"HTTP/1.1 200") <= 20 and answers.count(b"HTTP/1.1 429") <= 1


def test_a_client_of_another_computer_gets_half_of_the_places_for_uploads() -> None:
    def upload(address: str) -> Request:
        return Request({"type": "http", "client": (address, 1)})

    receiving = Receiving(most=4)
    with ExitStack() as open_uploads:
        for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
            open_uploads.enter_context(receiving.place(upload(address)))
        with pytest.raises(HTTPException), receiving.place(upload("192.0.2.1")):
            pass
        open_uploads.enter_context(receiving.place(upload("127.0.0.1")))
        with pytest.raises(HTTPException), receiving.place(upload("127.0.0.1")):
            pass
    with ExitStack() as open_uploads:
        for _ in range(4):
            open_uploads.enter_context(receiving.place(upload("127.0.0.1")))


def _half_a_head(url: str) -> socket.socket:
    return _sent(_connected(url), GET + b"x: ")


def _half_a_second_head(url: str) -> socket.socket:
    connection = _sent(_connected(url), GET, b"\r\n")
    assert _status(connection) == 200
    return _sent(connection, GET)


def _upgrade_too_large_for_websockets(url: str) -> socket.socket:
    fields = b"Connection: upgrade\r\nUpgrade: websocket\r\nx: " + b"a" * 10_000
    return _sent(_connected(url), b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n" + fields + b"\r\n\r\n")


@pytest.mark.parametrize("connect", [_connected, _half_a_head, _half_a_second_head, _upgrade_too_large_for_websockets])
def test_a_connection_without_a_request_is_closed_after_a_while(
    tmp_path: Path, connect: Callable[[str], socket.socket]
) -> None:
    limits = Limits(head_seconds=0.3)
    with running(settings(tmp_path, limits=limits)) as live, connect(live.url) as connection:
        while not _is_closed(connection):
            if connect is _half_a_head:
                with suppress(OSError):
                    connection.sendall(b"a")  # as slow as it likes


def test_connections_that_say_nothing_make_room_for_others(tmp_path: Path) -> None:
    limits = Limits(connections=40, head_seconds=3600)
    with running(settings(tmp_path, limits=limits)) as live, ExitStack() as later, live.stream() as stream:
        stream.recv()
        silent = [later.enter_context(_half_a_head(live.url)) for _ in range(200)]
        until(lambda: sum(map(_is_closed, silent)) > 160)
        assert httpx.get(f"{live.url}/healthz").status_code == 200
        stream.send('{"type": "end"}')
        assert "end" in stream.recv()


def test_slow_uploads_hold_no_place_of_those_that_are_processed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.receiving._PATIENCE", 3600)
    wav = encode(demo()[:32_000], "wav")
    with running(settings(tmp_path)) as live:

        def status() -> int:
            return live.http.post("/api/detect", content=wav).status_code

        with ExitStack() as slow:
            for _ in range(7):
                slow.enter_context(_sent(_connected(live.url), UPLOAD, b"R"))
            until(lambda: status() == 200)
            until(lambda: slow.enter_context(_sent(_connected(live.url), UPLOAD, b"R")) and status() == 503)
        until(lambda: status() == 200)


@pytest.mark.parametrize("path", ["/api/detect", "/api/words"])
def test_a_body_that_comes_too_slowly_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr("service.receiving._PATIENCE", 0.3)
    method = b"PATCH" if path == "/api/words" else b"POST"
    head = b"%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{" % (method, path.encode())
    with running(settings(tmp_path)) as live, _sent(_connected(live.url), head).makefile("rb") as answer:
        assert answer.read().startswith(b"HTTP/1.1 408")  # to the end of the connection


def test_streams_are_not_compressed(service: Live) -> None:
    with service.stream(compression="deflate") as stream:
        assert stream.protocol.extensions == []


@pytest.mark.parametrize(
    ("first", "then", "code"),
    [
        (Frame(Opcode.BINARY, b"", fin=False), Frame(Opcode.CONT, b"", fin=False), 1009),
        (Frame(Opcode.BINARY, bytes(1000), fin=False), Frame(Opcode.CONT, bytes(1000), fin=False), 1009),
        (Frame(Opcode.PING, b""), Frame(Opcode.PING, b"ping"), 1008),
        (Frame(Opcode.PONG, b""), Frame(Opcode.PONG, b""), 1008),
    ],
    ids=["empty fragments", "fragments of more than a message", "pings", "pongs"],
)
def test_frames_without_end_close_their_stream(service: Live, first: Frame, then: Frame, code: int) -> None:
    with service.stream() as stream:
        with suppress(OSError):
            stream.socket.sendall(first.serialize(mask=True))
            for _ in range(50):
                stream.socket.sendall(then.serialize(mask=True) * 1000)
        with pytest.raises(ConnectionClosed):
            while True:
                stream.recv(timeout=PATIENCE)
        assert stream.close_code == code


def test_a_stream_whose_client_reads_nothing_is_closed(tmp_path: Path) -> None:
    message = Frame(Opcode.BINARY, bytes(320)).serialize(mask=True)
    limits = Limits(lead_seconds=3600, messages_per_second=100_000, unread_seconds=1)
    with running(settings(tmp_path, limits=limits)) as live:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE)
        connection.connect(_connected(live.url).getpeername())
        with live.stream("levels=true", sock=connection) as stream, pytest.raises(OSError):
            while True:
                stream.socket.sendall(message)
        until(lambda: live.http.get("/api/sources").json() == [])


def test_no_more_feeds_open_at_once_than_their_limit(tmp_path: Path) -> None:
    feed = b"GET /api/events/live?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with running(settings(tmp_path, limits=Limits(watchers=3))) as live, ExitStack() as later:
        feeds = [later.enter_context(_connected(live.url)) for _ in range(30)]
        for connection in feeds:
            connection.sendall(feed)
        assert sorted(map(_status, feeds)) == [200] * 3 + [503] * 27


def test_feeds_that_come_and_go_leave_nothing_behind(tmp_path: Path) -> None:
    def held() -> tuple[int, int]:
        gc.collect()
        tasks = sum(isinstance(it, asyncio.Task) and not it.done() for it in gc.get_objects())
        return len(os.listdir("/proc/self/fd")), tasks

    with running(settings(tmp_path)) as live:
        asyncio.run(attacks.feed_reconnects(live.url, PATIENCE, count=70))  # more than may be open at a time
        live.http.get("/healthz")
        before = held()
        asyncio.run(attacks.feed_reconnects(live.url, PATIENCE, count=300))
        live.http.get("/healthz")
        until(lambda: all(now < then + 20 for now, then in zip(held(), before, strict=True)))


def test_an_upload_leaves_no_file_behind_when_the_service_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    with started(*_SERVE, tmp_path, environment={"TMPDIR": str(folder)}) as process, ExitStack() as later:
        connection = later.enter_context(_sent(_connected(_url(process)), UPLOAD, bytes(300_000)))
        until(lambda: any(path.startswith(str(folder)) for path in _open_files(process.pid)))
        process.kill()
        process.wait(PATIENCE)
        connection.close()
    assert list(folder.iterdir()) == []


def _open_files(process: int) -> Iterator[str]:
    """Yield the paths that a process has open. It opens and closes others meanwhile."""
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):
            yield os.readlink(descriptor)


def test_the_service_ends_under_clients_that_hang_without_a_traceback(tmp_path: Path) -> None:
    with started(*_SERVE, tmp_path) as process:
        url = _url(process)
        ended = threading.Event()
        attacking = threading.Thread(target=lambda: asyncio.run(_until(ended, url)))
        attacking.start()
        try:
            until(lambda: len(httpx.get(f"{url}/api/sources").json()) >= 10)
            process.send_signal(signal.SIGTERM)
            assert process.stderr is not None
            log = process.stderr.read().decode()
            process.wait(PATIENCE)
        finally:
            ended.set()
            attacking.join(PATIENCE)
    assert "Shutting down" in log
    assert "Traceback" not in log and '"level": "error"' not in log


_SERVE = ("serve", "--port", "0", "--no-microphone", "--data")


def _url(process: object) -> str:
    """Wait until the service listens."""
    line = process.stderr.readline().decode()  # type: ignore[attr-defined]
    url = str(line.split()[1])

    def answers() -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{url}/healthz").status_code == 200
        return False

    until(answers)
    return url


async def _until(ended: threading.Event, url: str) -> None:
    attack = asyncio.create_task(attacks.everything_that_hangs(url, PATIENCE))
    await asyncio.to_thread(ended.wait)
    attack.cancel()
    await asyncio.gather(attack, return_exceptions=True)
