"""The service behind a real proxy with TLS, at a sub-path; and what a proxy gets without a token."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from playwright.sync_api import Page, expect
from websockets.sync.client import connect

from service.sessions import LIFETIME, Sessions
from service.settings import Limits, Settings
from service.tokens import new_token, token_hash
from tests.service import proxies
from tests.service.live import Live, running, settings, words_of_demo
from tests.service.raw import ask, get
from tests.signals import demo
from tests.waits import PATIENCE
from tests.wakeword.terminal import refusal, wakeword
from wakeword.audio.files import write_wav

expect.set_options(1000 * PATIENCE)
_Proxy = Callable[[str, Path], AbstractContextManager[str]]


class Proxied(NamedTuple):
    """A service behind a proxy."""

    url: str  # at the proxy
    token: str
    http: httpx.Client  # with the token
    direct: Live

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxied(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder, token_folder = tmp_path_factory.mktemp(request.param), tmp_path_factory.mktemp("data")
    token = new_token(token_folder)
    chosen = settings(token_folder, token=True, behind_tls=True, root_path="/wakeword", clips=True)
    proxy: _Proxy = getattr(proxies, request.param)
    with running(chosen, token_hash(token_folder)) as live, proxy(live.url, folder) as url:
        bearer = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{url}/wakeword", headers=bearer, verify=False, timeout=PATIENCE) as client:
            yield Proxied(f"{url}/wakeword", token, client, live)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with proxies.page(tmp_path_factory.mktemp("tape")) as page:
        yield page


def test_the_dashboard_works_behind_a_proxy_with_tls_at_a_sub_path(page: Page, proxied: Proxied) -> None:
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    page.goto(proxied.url)
    assert page.evaluate("location.pathname") == "/wakeword/"
    page.get_by_role("textbox", name="Token").fill(proxied.token)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#connection")).to_have_text("connected")
    refused.clear()
    page.reload()
    expect(page.locator("#connection")).to_have_text("connected")
    page.get_by_role("slider").first.press("ArrowLeft")
    expect(page.locator(".word .reset").first).to_be_visible()
    page.get_by_role("button", name="Model's own").first.click()
    page.get_by_role("button", name="Use this microphone").click()
    expect(page.locator(".event", has_text="browser").first).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith("clip?format=wav")) as played:
        page.locator(".event", has_text="browser").first.get_by_role("button", name="Play").click()
    assert played.value.status in (200, 206)
    page.get_by_role("button", name="Stop this microphone").click()
    (cookie,) = page.context.cookies()
    page.goto("about:blank")
    page.context.clear_cookies()
    assert refused == []
    assert (cookie["path"], cookie["secure"], cookie["httpOnly"]) == ("/wakeword/", True, True)
    assert cookie["sameSite"] == "Strict" and proxied.token not in cookie["value"]


def test_a_stream_an_upload_and_live_events_pass_the_proxy(proxied: Proxied, tmp_path: Path) -> None:
    words = [word for word, _ in words_of_demo()]
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    url = f"{proxied.url.replace('https', 'wss')}/api/stream?name=far"
    with (
        proxied.http.stream("GET", "/api/events/live?source=far") as feed,
        connect(url, ssl=trusting, additional_headers=proxied.bearer, open_timeout=PATIENCE) as socket,
    ):
        lines = feed.iter_lines()
        assert next(lines) == ": connected"
        samples = demo().astype("<i2").tobytes()
        for begin in range(0, len(samples), 3200):
            socket.send(samples[begin : begin + 3200])
        first = next(json.loads(line[6:]) for line in lines if line.startswith("data: "))
        socket.send('{"type": "end"}')
        messages = [json.loads(message) for message in socket]
        assert [it["event"]["word"] for it in messages if it["type"] == "event"] == words
        assert messages[-1] == {"type": "end", "samples": len(demo())}
        assert first["word"] == words[0]
    tape = tmp_path / "demo.wav"
    write_wav(tape, demo())
    answer = proxied.http.post("/api/detect", files={"file": tape.read_bytes()})
    assert [it["word"] for it in answer.json()["events"]] == words


def test_the_proxy_lets_nobody_in_without_the_token(proxied: Proxied) -> None:
    for client in (httpx.Client(base_url=proxied.url, verify=False), httpx.Client(base_url=proxied.direct.url)):
        with client:
            assert client.get("/api/events").status_code == 401
            assert client.get("/healthz").status_code == 200
            assert client.post("/api/session", json={"token": "a guess"}).status_code == 401


def test_a_page_of_the_same_name_without_tls_is_another_origin(proxied: Proxied) -> None:
    host = httpx.URL(proxied.url).netloc.decode()
    for origin, status in ((f"https://{host}", 200), (f"http://{host}", 403), ("https://localhost", 403)):
        answer = proxied.http.patch("/api/words", json={}, headers={"Origin": origin})
        assert answer.status_code == status


def test_a_proxy_gets_nothing_of_a_service_without_a_token(tmp_path: Path) -> None:
    with running(settings(tmp_path / "data", root_path="/wakeword")) as live, proxies.nginx(live.url, tmp_path) as url:
        for path in ("/", "/healthz", "/api/events"):
            answer = httpx.get(f"{url}/wakeword{path}", verify=False)
            assert answer.status_code == 403
            assert answer.json()["detail"] == (
                "this request came through a proxy, so it needs a token: start wakeword serve --token"
            )


@pytest.mark.parametrize(
    "header",
    [
        "Forwarded: for=192.0.2.1", "Via: 1.1 vegur", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: https",
        "X-Forwarded-Host: localhost", "X-Forwarded-Server: a", "X-Forwarded-Prefix: /", "X-Real-IP: ::1",
        "x-FORWARDED-anything:", "FORWARDED:", "Via:",
    ],
)  # fmt: skip
def test_a_header_of_a_proxy_needs_a_token(local: Live, header: str) -> None:
    for path in ("/", "/api/events", "/healthz"):
        for host in ("localhost", "home.example"):
            answer = get(local.url, path, f"Host: {host}", header)
            assert answer.status == 403 and "--token" in answer.detail
    assert ask(local.url, "GET /api/events HTTP/1.0", "Host: localhost").status == 403


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with running(settings(tmp_path_factory.mktemp("data"))) as live:
        yield live


def test_a_page_with_tls_is_told_how_to_get_in(local: Live) -> None:
    answer = local.http.patch("/api/words", json={}, headers={"Origin": local.url.replace("http", "https")})
    assert answer.status_code == 403 and "--behind-tls" in answer.json()["detail"]


def test_a_new_token_on_loopback_needs_the_option_that_requires_it(tmp_path: Path) -> None:
    assert not Settings(tmp_path).needs_token and Settings(tmp_path, token=True).needs_token
    failed = wakeword("serve", "--new-token", "--port", "0", "--data", tmp_path)
    assert refusal(failed).startswith("wakeword: --new-token needs --token")


def test_a_session_outlives_a_restart_but_neither_its_logout_nor_its_token(tmp_path: Path) -> None:
    def status_after_restart(cookie: dict[str, str]) -> int:
        with running(settings(tmp_path, token=True), token_hash(tmp_path)) as live:
            return live.http.get("/api/events", headers=cookie).status_code

    token = new_token(tmp_path)
    with running(settings(tmp_path, token=True), token_hash(tmp_path)) as live:
        cookies = []
        for _ in range(3):
            answer = live.http.post("/api/session", json={"token": token})
            cookies.append({"Cookie": answer.headers["set-cookie"].partition(";")[0]})
            live.http.cookies.clear()
        assert len({cookie["Cookie"] for cookie in cookies}) == 3
        assert "secure" not in answer.headers["set-cookie"].lower()
        assert live.http.delete("/api/session", headers=cookies[0]).status_code == 204
        live.http.cookies.clear()
        assert [live.http.get("/api/events", headers=it).status_code for it in cookies] == [401, 200, 200]
        for wrong in ("", token, token_hash(tmp_path) or "", "é", "a" * 5000):
            assert (
                live.http.get("/api/events", headers={b"Cookie": f"wakeword_session={wrong}".encode()}).status_code
                == 401
            )
    stored = (tmp_path / "sessions.json").read_text()
    assert not any(cookie["Cookie"].partition("=")[2] in stored for cookie in cookies)
    assert status_after_restart(cookies[1]) == 200
    new_token(tmp_path)
    assert status_after_restart(cookies[1]) == 401


def test_a_session_ends_after_its_time_and_only_so_many_are_kept(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path, "hash")
    first = sessions.open(1000)
    assert sessions.is_open(first, 1000 + LIFETIME - 1) and not sessions.is_open(first, 1000 + LIFETIME)
    opened = [sessions.open(2000 + i) for i in range(150)]
    assert [sessions.is_open(it, 3000) for it in (first, *opened)] == [False] * 51 + [True] * 100
    assert Sessions(tmp_path, "hash").is_open(opened[-1], 3000)
    assert not Sessions(tmp_path, "another").is_open(opened[-1], 3000)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"token": "hash"}',
        b'{"token": "hash", "sessions": [1]}',
        b'{"token": "hash", "sessions": {"a": "b"}}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_damaged_sessions_end_and_hinder_no_login(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sessions.json").write_bytes(content)
    sessions = Sessions(tmp_path, "hash")
    assert sessions.is_open(sessions.open(0), 1)


def test_sessions_that_cannot_be_written_last_until_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "sessions.json").mkdir()
    sessions = Sessions(tmp_path, "hash")
    assert sessions.is_open(sessions.open(0), 1)


def test_strangers_behind_a_proxy_use_up_none_of_the_members_requests(tmp_path: Path) -> None:
    token = new_token(tmp_path)
    limits = Limits(requests_per_second=0.01, burst=20, failed_logins=2)
    with running(settings(tmp_path, token=True, limits=limits), token_hash(tmp_path)) as live:
        answer = live.http.post("/api/session", json={"token": token})
        cookie = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
        live.http.cookies.clear()
        assert [live.http.get("/api/events").status_code for _ in range(20)][-1] == 429
        bearer = {"Authorization": f"Bearer {token}"}
        assert [live.http.get("/api/events", headers=bearer).status_code for _ in range(21)] == [200] * 20 + [429]
        assert [live.http.get("/api/events", headers=cookie).status_code for _ in range(21)] == [200] * 20 + [429]


def test_an_ended_session_is_no_guess_at_the_token(tmp_path: Path) -> None:
    new_token(tmp_path)
    limits = Limits(failed_logins=2)
    with running(settings(tmp_path, token=True, limits=limits), token_hash(tmp_path)) as live:
        ended = {"Cookie": "wakeword_session=ended"}
        assert {live.http.get("/api/events", headers=ended).status_code for _ in range(10)} == {401}
