"""The service by https with a certificate of its own, and a telephone that is invited to its studio."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import ssl
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from websockets.asyncio.client import connect

from service import tls
from service.sessions import INVITATION, Sessions
from service.settings import Limits, Settings
from service.tls import server_context
from service.tokens import new_token, token_hash
from tests.service.live import UNHURRIED, Live, running, settings, words_of_demo
from tests.signals import demo
from tests.waits import PATIENCE, until
from wakeword.errors import DataError


def trusting(folder: Path) -> ssl.SSLContext:
    """A client that trusts the certificate in the service's folder, and no other."""
    pem = (folder / "tls.pem").read_text()
    return ssl.create_default_context(cadata=pem[pem.index("-----BEGIN CERTIFICATE") :])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Live]:
    with running(settings(folder, tls=True)) as live:
        yield live


def test_pages_and_requests_come_by_https(folder: Path, service: Live) -> None:
    assert service.url.startswith("https://127.0.0.1:")
    with httpx.Client(base_url=service.url, verify=trusting(folder), timeout=PATIENCE) as client:
        assert "<title>" in client.get("/").text
        assert client.patch("/api/words", json={}, headers={"Origin": service.url}).status_code == 200
        plain = service.url.replace("https", "http")
        assert client.patch("/api/words", json={}, headers={"Origin": plain}).status_code == 403


def test_a_stream_comes_by_https(folder: Path, service: Live) -> None:
    """By a client without threads: if one writes while another reads, Python may lose what goes over TLS."""
    url = f"{service.url.replace('https', 'wss')}/api/stream?name=far"

    async def streamed() -> list[dict[str, Any]]:
        async with connect(url, ssl=trusting(folder), open_timeout=PATIENCE) as stream:
            samples = demo().astype("<i2").tobytes()
            for begin in range(0, len(samples), 32_000):
                await stream.send(samples[begin : begin + 32_000])
            await stream.send('{"type": "end"}')
            return [json.loads(message) async for message in stream]

    words = [message["event"]["word"] for message in asyncio.run(streamed()) if message["type"] == "event"]
    assert words == [word for word, _ in words_of_demo()]


def test_who_shakes_no_hands_is_disconnected_like_one_who_sends_no_request(tmp_path: Path) -> None:
    limits = Limits(**{**vars(UNHURRIED), "head_seconds": 0.5})
    with running(settings(tmp_path, tls=True, limits=limits)) as live:
        url = httpx.URL(live.url)
        for first in (b"", b"\x16\x03\x01", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"):
            with socket.create_connection((url.host, url.port or 0), PATIENCE) as connection:
                connection.sendall(first)
                assert b"HTTP" not in _all_of(connection)
        assert httpx.get(live.url, verify=trusting(tmp_path), timeout=PATIENCE).status_code == 200


def _all_of(connection: socket.socket) -> bytes:
    """Return all that is received until the service ends the connection."""
    received = b""
    try:
        while data := connection.recv(1024):
            received += data
    except ConnectionResetError:
        pass
    return received


def test_connections_that_shake_no_hands_make_room_for_others(tmp_path: Path) -> None:
    limits = Limits(**{**vars(UNHURRIED), "connections": 60})
    with running(settings(tmp_path, tls=True, limits=limits)) as live:
        url = httpx.URL(live.url)
        silent = [socket.create_connection((url.host, url.port or 0), PATIENCE) for _ in range(80)]
        assert httpx.get(live.url, verify=trusting(tmp_path), timeout=PATIENCE).status_code == 200
        for connection in silent:
            connection.close()


def test_the_certificate_is_kept_and_its_key_is_the_owner_s_alone(tmp_path: Path) -> None:
    _, first = server_context(tmp_path)
    assert stat.S_IMODE((tmp_path / "tls.pem").stat().st_mode) == 0o600
    assert server_context(tmp_path)[1] == first
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", first)


def test_a_certificate_that_is_about_to_end_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "_LIFETIME", timedelta(days=29))
    _, first = server_context(tmp_path)
    monkeypatch.undo()
    _, second = server_context(tmp_path)
    assert first != second
    pem = (tmp_path / "tls.pem").read_bytes()
    left = x509.load_pem_x509_certificate(pem).not_valid_after_utc - datetime.now(timezone.utc)
    assert timedelta(days=300) < left < timedelta(days=398)  # browsers refuse longer ones


def test_a_damaged_certificate_ends_the_start_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "tls.pem").write_text("nothing")
    with pytest.raises(DataError, match=r"tls.pem can't be read: .*; remove it, and another is made$"):
        server_context(tmp_path)


def test_a_telephone_is_invited_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.api.session.network_address", lambda: "192.0.2.7")
    token = new_token(tmp_path)
    with (
        running(settings(tmp_path, host="0.0.0.0", tls=True), token_hash(tmp_path)) as live,
        httpx.Client(
            base_url=live.url.replace("0.0.0.0", "127.0.0.1"), verify=trusting(tmp_path), timeout=PATIENCE
        ) as telephone,
    ):
        assert telephone.post("/api/session/invitation").status_code == 401  # only who is logged in invites
        bearer = {"Authorization": f"Bearer {token}"}
        invitation = telephone.post("/api/session/invitation", headers=bearer).json()
        found = re.fullmatch(r"https://192\.0\.2\.7:\d+/studio/#invitation=(.+)", invitation["url"])
        assert found is not None and invitation["qr"].startswith("data:image/svg+xml")
        assert telephone.post("/api/session", json={"invitation": found[1]}).status_code == 204
        assert telephone.get("/api/events").status_code == 200
        (cookie,) = telephone.cookies.jar
        assert cookie.secure
        telephone.cookies.clear()
        again = telephone.post("/api/session", json={"invitation": found[1]})
        assert again.status_code == 401
        assert (
            again.json()["detail"] == "this invitation is used up or too old; ask for another, or log in by the token"
        )
        assert telephone.get("/api/events").status_code == 401


def test_an_invitation_ends_after_ten_minutes(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path, "hash")
    first, second = sessions.invite(0.0), sessions.invite(0.0)
    assert sessions.accept(first, INVITATION - 1.0)
    assert not sessions.accept(second, INVITATION)
    assert not sessions.accept("", 1.0)


def test_only_the_latest_invitations_are_kept(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path, "hash")
    invitations = [sessions.invite(0.0) for _ in range(25)]
    assert [sessions.accept(each, 1.0) for each in invitations] == [False] * 5 + [True] * 20


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({}, "a telephone can't reach this computer's own address"),
        ({"token": True}, "browsers give a page of http:// no microphone"),
        ({"token": True, "tls": True}, "a telephone can't reach this computer's own address"),
    ],
)
def test_a_telephone_that_could_not_record_is_not_invited(options: dict[str, bool], line: str, tmp_path: Path) -> None:
    token = new_token(tmp_path)
    chosen = settings(tmp_path, **options)
    with running(chosen, token_hash(tmp_path) if chosen.needs_token else None) as live:
        bearer = {"Authorization": f"Bearer {token}"}
        answer = httpx.post(f"{live.url}/api/session/invitation", headers=bearer, verify=False)
    assert answer.status_code == 409
    assert answer.json()["detail"] == f"{line}; start wakeword studio --host 0.0.0.0 --tls"


def test_behind_a_proxy_a_telephone_is_invited_to_the_proxy(tmp_path: Path) -> None:
    token = new_token(tmp_path)
    chosen = settings(tmp_path, token=True, behind_tls=True, root_path="/wakeword")
    with running(chosen, token_hash(tmp_path)) as live:
        headers = {"Authorization": f"Bearer {token}", "Host": "home.example"}
        url = live.http.post("/api/session/invitation", headers=headers).json()["url"]
    assert url.startswith("https://home.example/wakeword/studio/#invitation=")


def test_without_tls_there_is_no_certificate(tmp_path: Path) -> None:
    assert not Settings(tmp_path).https
    with running(settings(tmp_path)) as live:
        until(lambda: live.http.get("/healthz").status_code == 200)
    assert not (tmp_path / "tls.pem").exists()
