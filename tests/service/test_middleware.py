"""Access: no page of another site, a token off loopback, and limits on requests and bodies."""

from __future__ import annotations

import asyncio
import re
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest
from starlette.requests import HTTPConnection
from websockets.exceptions import InvalidStatus

from service.middleware import client_of
from service.rate_limiter import RateLimiter
from service.settings import Limits, Settings
from service.tokens import new_token, token_hash
from tests.service.live import Live, running, settings
from tests.waits import PATIENCE, until
from tests.wakeword.terminal import refusal, started, wakeword

EVERY_INTERFACE = "0.0.0.0"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A service on loopback, with default options."""
    with running(settings(tmp_path_factory.mktemp("data"))) as live:
        yield live


@pytest.fixture
def token(tmp_path: Path) -> str:
    return new_token(tmp_path)


@pytest.fixture
def guarded(tmp_path: Path, token: str) -> Iterator[Live]:
    """A service that is open to the network."""
    limits = Limits(failed_logins=3)
    with running(settings(tmp_path, host=EVERY_INTERFACE, limits=limits), token_hash(tmp_path)) as live:
        yield live


def _refused(live: Live, **headers: str) -> int:
    with pytest.raises(InvalidStatus) as refused, live.stream(additional_headers=headers):
        pass
    return refused.value.response.status_code


def test_by_default_the_service_listens_on_loopback_and_keeps_no_clips(tmp_path: Path) -> None:
    assert Settings(tmp_path).host == "127.0.0.1" and Settings(tmp_path).loopback
    assert not Settings(tmp_path, host=EVERY_INTERFACE).loopback
    assert not Settings(tmp_path).clips


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_another_origin_can_neither_stream_nor_change_anything(service: Live, origin: str) -> None:
    assert _refused(service, Origin=origin) == 403
    answer = service.http.patch("/api/words", json={"yes": {"threshold": 0.5}}, headers={"Origin": origin})
    assert (answer.status_code, answer.json()["title"]) == (403, "Forbidden")


def test_refusals_beyond_the_rate_wait_but_only_so_many_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[None] = []
    released = threading.Event()

    async def pause() -> None:
        waiting.append(None)
        while not released.is_set():
            await asyncio.sleep(0.01)

    monkeypatch.setattr("service.slow_refusals._pause", pause)
    monkeypatch.setattr("service.slow_refusals._MOST", 2)
    with running(settings(tmp_path, limits=Limits(requests_per_second=0.001, burst=3))) as live:

        def foreign(_: int = 0) -> tuple[int, str]:
            answer = live.http.get("/api/events", headers={"Origin": "https://evil.example"})
            return answer.status_code, answer.headers.get("Connection", "")

        assert [foreign() for _ in range(3)] == [(403, "")] * 3
        with ThreadPoolExecutor(2) as clients:
            slow = clients.map(foreign, range(2))
            until(lambda: len(waiting) == 2)
            assert foreign() == (403, "close")  # holds no connection
            assert live.http.get("/api/events").status_code == 200  # this computer's user doesn't wait
            released.set()
            assert list(slow) == [(403, "")] * 2
        assert foreign() == (403, "") and len(waiting) == 3


def test_the_services_own_page_and_programs_can(service: Live) -> None:
    for headers in ({}, {"Origin": service.url}):
        assert service.http.patch("/api/words", json={}, headers=headers).status_code == 200
        with service.stream(additional_headers=headers) as socket:
            assert "ready" in socket.recv()


def test_a_page_of_an_allowed_origin_can_stream(tmp_path: Path) -> None:
    with running(settings(tmp_path, origins=("https://home.example",))) as live:
        with live.stream(additional_headers={"Origin": "https://home.example"}) as socket:
            assert "ready" in socket.recv()
        assert _refused(live, Origin="https://evil.example") == 403


def test_another_host_name_that_resolves_to_this_computer_is_refused(service: Live) -> None:
    assert service.http.get("/api/events", headers={"Host": "rebound.example"}).status_code == 403


def test_without_the_token_only_health_and_the_page_are_open(guarded: Live, token: str) -> None:
    for path in ("/api/events", "/api/words", "/api/events/live", "/metrics", "/openapi.json", "/api/models"):
        answer = guarded.http.get(path)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), path
    for path in ("/healthz", "/readyz", "/"):
        assert guarded.http.get(path).status_code == 200
    assert _refused(guarded) == 401
    assert guarded.http.get("/api/events", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    with guarded.stream(additional_headers={"Authorization": f"Bearer {token}"}) as socket:
        assert "ready" in socket.recv()


def test_a_page_exchanges_the_token_for_a_cookie_that_no_script_can_read(guarded: Live, token: str) -> None:
    answer = guarded.http.post("/api/session", json={"token": token})
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 204 and "HttpOnly" in cookie and "SameSite=strict" in cookie
    guarded.http.cookies.set("wakeword_session", cookie.partition("=")[2].partition(";")[0])
    assert guarded.http.get("/api/events").status_code == 200
    assert 'wakeword_session=""' in guarded.http.delete("/api/session").headers["set-cookie"]


def test_an_address_that_guesses_tokens_must_wait(guarded: Live) -> None:
    statuses = [guarded.http.post("/api/session", json={"token": f"guess {i}"}).status_code for i in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert guarded.http.get("/api/events", headers={"Authorization": "Bearer guess"}).status_code == 429


def test_a_token_is_stored_as_a_hash_that_only_its_owner_can_read(tmp_path: Path) -> None:
    token = new_token(tmp_path)
    (file,) = tmp_path.iterdir()
    assert token not in file.read_text() and len(token) >= 40
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert new_token(tmp_path) != token


def test_too_many_requests_are_refused_for_a_while(tmp_path: Path) -> None:
    with running(settings(tmp_path, limits=Limits(requests_per_second=0.01, burst=30))) as live:
        answers = [live.http.get("/healthz") for _ in range(40)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429] * 10
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 100


def test_a_rate_limit_recovers_and_is_separate_for_each_address() -> None:
    limiter = RateLimiter(per_second=2, burst=3)
    assert [limiter.allows("a", now=10) for _ in range(4)] == [True, True, True, False]
    assert limiter.allows("b", now=10)
    assert limiter.wait("a", now=10) == 0.5
    assert not limiter.allows("a", now=10.4) and limiter.allows("a", now=10.5)
    assert [limiter.allows("a", now=99) for _ in range(4)] == [True, True, True, False]


def test_all_addresses_of_an_ipv6_network_are_one_client() -> None:
    def client(address: str) -> str:
        return client_of(HTTPConnection({"type": "http", "client": (address, 1)}))

    assert client("2001:db8::1") == client("2001:db8::ffff:1") != client("2001:db8:0:1::1")
    assert client("192.0.2.1") == client("::ffff:192.0.2.1") != client("192.0.2.2")


def test_a_body_that_is_too_large_is_refused(service: Live) -> None:
    assert service.http.patch("/api/words", content=bytes(100_000)).status_code == 413


def test_responses_carry_security_headers(service: Live) -> None:
    headers = service.http.get("/").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers


def test_the_token_is_printed_once_and_a_failed_start_gives_its_reason_in_one_line(tmp_path: Path) -> None:
    arguments = ["serve", "--host", EVERY_INTERFACE, "--port", "0", "--no-microphone", "--data", str(tmp_path)]
    printed = []
    for _ in range(2):
        with started(*arguments) as process:
            assert process.stderr is not None
            lines = [process.stderr.readline().decode()]
            while "http://" not in lines[-1]:
                lines.append(process.stderr.readline().decode())
            url = re.search(r"http://\S+", lines[-1])
            assert url is not None
            address = url[0].replace(EVERY_INTERFACE, "127.0.0.1")
            until(partial(_answers, f"{address}/readyz"))
            process.terminate()
            process.wait(PATIENCE)
        printed.append("token" in "".join(lines))
    assert printed == [True, False]
    database = f"sqlite:///{tmp_path / 'token.sha256'}/none"
    failed = wakeword("serve", "--port", "0", "--no-microphone", "--data", tmp_path, "--database", database)
    assert refusal(failed).startswith("wakeword: the database can't be opened")
    port = address.rpartition(":")[2]
    assert refusal(wakeword("serve", "--host", "192.0.2.1", "--port", port, "--data", tmp_path)).startswith(
        "wakeword: can't listen at 192.0.2.1"
    )


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False
