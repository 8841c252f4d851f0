"""The path that is checked is the path that is routed, at any root path: without the token nothing is readable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.tokens import new_token, token_hash
from tests.service.live import Live, running, settings
from tests.service.raw import ask, get
from tests.signals import demo
from wakeword.errors import UsageError

SECRET = "secret-den"  # name of a source, which no stranger may read
GUARDED = [
    "/api/events", "/api/events?limit=1", "/api/events/1", "/api/events/1/clip", "/api/events/live", "/api/words",
    "/api/words/yes/what-if?threshold=0.5", "/api/models", "/api/sources", "/api/sources/secret-den/live", "/api/about",
    "/metrics", "/metrics?", "/openapi.json", "/openapi.json#x", "/api/stream", "/api/detect", "/api/", "/api",
    "//api/events", "///api/events", "/api//events", "/api/events/", "/api/events//", "/./api/events",
    "/x/../api/events", "/../api/events", "/healthz/../api/events", "/healthz/../metrics", "/api/session/../events",
    "/api/session%2F..%2Fevents", "/%61pi/events", "/api%2Fevents", "/%2Fapi/events", "/%2fapi%2fevents",
    "/api/%65vents", "/%2e/api/events", "/healthz%2f..%2fmetrics", "/%6detrics", "/metrics%20", "/metrics%00",
    "/metrics;x", "/metrics;/healthz", "/API/events", "/Api/Events", "/METRICS", "/OpenAPI.json", "/metrics/",
    "/openapi.json/", "/docs", "/redoc", "/api/events%3f", "/api/events?/healthz", "/api/events#/healthz",
    "/api/session/", "/healthz/", "/healthz%2f", "/index.html/../metrics", "/app.js/../../middleware.py",
    "/..%2fmiddleware.py", "/%2e%2e/middleware.py", "/dashboard/app.js", "/wakeword/api/events", "/?/api/events/..",
    "api/events", "?/healthz", "http://localhost/metrics", "*",
]  # fmt: skip
_OPEN = {"/?/api/events/.."}  # the page, with a query


@pytest.fixture(scope="module", params=["", "/wakeword"])
def guarded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Live, str]]:
    """A service with a token and an event, at no root path and at one; and the token."""
    folder = tmp_path_factory.mktemp("data")
    token = new_token(folder)
    with running(settings(folder, token=True, root_path=request.param, clips=True), token_hash(folder)) as live:
        bearer = {"Authorization": f"Bearer {token}"}
        with live.stream(f"name={SECRET}", additional_headers=bearer) as socket:
            socket.send(demo()[:48_000].astype("<i2").tobytes())
            socket.send('{"type": "end"}')
            assert any('"event"' in str(message) for message in socket)
        yield live, token


@pytest.mark.parametrize("path", GUARDED)
def test_no_path_gives_anything_away_without_the_token(guarded: tuple[Live, str], path: str) -> None:
    live, _ = guarded
    answer = get(live.url, path, "Host: localhost")
    assert (answer.status == 200) == (path in _OPEN)
    assert answer.status in (200, 400, 401, 404) and SECRET not in answer.detail and "wakeword_" not in answer.detail
    for method in ("HEAD", "POST", "DELETE", "PATCH", "OPTIONS"):
        head = (f"{method} {path} HTTP/1.1", "Host: localhost", "Content-Length: 0")
        assert ask(live.url, *head).status in (400, 401, 404, 405, *((200,) if path in _OPEN else ()))


def test_the_page_and_health_are_open_under_the_root_path_and_below_it(guarded: tuple[Live, str]) -> None:
    live, token = guarded
    for root in ("", "/wakeword"):
        for path in ("/", "/index.html", "/app.js", "/icon.svg", "/healthz", "/readyz"):
            is_here = not root or get(live.url, "/wakeword/", "Host: localhost").status == 200
            assert (get(live.url, root + path, "Host: localhost").status == 200) == is_here
        with_token = get(live.url, f"{root}/api/events", "Host: localhost", f"Authorization: Bearer {token}")
        assert (with_token.status == 200) == is_here


def test_the_root_path_without_its_slash_leads_to_the_page(guarded: tuple[Live, str]) -> None:
    live, _ = guarded
    if get(live.url, "/wakeword/", "Host: localhost").status == 200:
        answer = live.http.get("/wakeword")
        assert (answer.status_code, answer.headers["location"]) == (308, "/wakeword/")
        assert get(live.url, "/wakewordapi/events", "Host: localhost").status == 401


@pytest.mark.parametrize(
    "path", ["wakeword", "/a b", "/a/", "//a", "/..", "/a/../b", "/.", "/a?b", "/a#b", "http://a", "/é"]
)
def test_a_root_path_is_a_plain_path(tmp_path: Path, path: str) -> None:
    with pytest.raises(UsageError, match="--root-path takes a path such as /wakeword"):
        settings(tmp_path, root_path=path)


@pytest.mark.parametrize("origin", ["home.example", "https://home.example/", "null", "*", "https://*.example", ""])
def test_an_allowed_origin_is_a_plain_origin(tmp_path: Path, origin: str) -> None:
    with pytest.raises(UsageError, match="--origin takes https://NAME"):
        settings(tmp_path, origins=(origin,))
