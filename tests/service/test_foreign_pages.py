"""Pages of an attacker in a real browser: under a name that is rebound to this computer, and on another origin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.chromium import chromium
from service.settings import Limits
from service.tokens import new_token, token_hash
from tests.service.live import Live, running, settings
from tests.signals import demo
from tests.waits import PATIENCE

expect.set_options(1000 * PATIENCE)
_ATTACKER = (Path(__file__).parent / "attacker.js").read_text()

# A name's server is the attacker's first and this computer then. Each was a name that a lenient parser gave up on.
REBOUND = [
    "evil.test", "a{b.evil.test", "a}b.evil.test", "a`b.evil.test", 'a"b.evil.test', "a'b.evil.test", "a!b.evil.test",
    "a$b.evil.test", "a&b.evil.test", "a(b.evil.test", "a*b.evil.test", "a+b.evil.test", "a,b.evil.test",
    "a;b.evil.test", "a=b.evil.test", "a~b.evil.test", "a_b.evil.test", "-.evil.test", "evil.test.",
    "localhost.evil.test", "127.0.0.1.evil.test", "evil.localhost",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for which every name of the attacker's is this computer, without its own guard of local networks."""
    names = "--host-resolver-rules=MAP *.test 127.0.0.1, MAP *.test. 127.0.0.1, MAP home.example 127.0.0.1"
    unguarded = "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"
    with chromium(names, unguarded) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with _page(browser) as page:
        yield page


@pytest.fixture(scope="module")
def page_of_all_names(browser: Browser) -> Iterator[Page]:
    """One page for all names at which nothing works: to begin another one takes longer than the attacks."""
    with _page(browser) as page:
        yield page


@contextmanager
def _page(browser: Browser) -> Iterator[Page]:
    """A page of a context in which every origin has an attacker's page."""
    context = browser.new_context()
    context.route("**/attackers-page", lambda route: route.fulfill(body="<body>", content_type="text/html"))
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    yield page
    context.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with running(settings(tmp_path_factory.mktemp("data"), clips=True)) as live:
        live.push(demo()[:48_000])
        live.http.post("/api/studio/projects", json={"phrases": ["hey lumen"]})
        yield live


def _state(live: Live) -> list[Any]:
    paths = ("/api/events", "/api/words", "/api/models", "/api/sources", "/api/studio/projects")
    return [live.http.get(path).json() for path in paths]


def _at(name: str, live: Live) -> str:
    return f"http://{name}:{live.url.rpartition(':')[2]}"


def _attacks(page: Page, attacker: str, target: str | None = None) -> dict[str, bool]:
    """Attack a target, or the attacker's own origin under which the service answers. Return what has worked."""
    page.goto(f"{attacker}/attackers-page")
    origin = target or page.evaluate("location.origin")
    worked: dict[str, bool] = page.evaluate(_ATTACKER, origin)
    page.goto("about:blank")
    return worked


@pytest.mark.parametrize("name", REBOUND)
def test_a_page_under_a_rebound_name_reaches_nothing(page_of_all_names: Page, service: Live, name: str) -> None:
    before = _state(service)
    worked = _attacks(page_of_all_names, _at(name, service))
    assert len(worked) == 9 and not any(worked.values())
    assert _state(service) == before


def test_a_page_of_this_computer_reaches_all_that_the_attacker_tries(page: Page, tmp_path: Path) -> None:
    with running(settings(tmp_path, clips=True)) as live:
        live.push(demo()[:48_000])
        worked = _attacks(page, _at("localhost", live))
        assert len(worked) == 9 and all(worked.values())


@pytest.mark.parametrize("attacker", ["http://evil.test", "http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1"])
def test_a_page_of_another_origin_reaches_nothing(page: Page, service: Live, attacker: str) -> None:
    before = _state(service)
    worked = _attacks(page, attacker, _at("localhost", service))
    assert len(worked) > 18 and [name for name, it in worked.items() if it] == []
    assert _state(service) == before


def test_a_page_of_another_site_uses_up_none_of_the_users_requests(page: Page, tmp_path: Path) -> None:
    with running(settings(tmp_path, limits=Limits(requests_per_second=0.01, burst=60))) as live:
        page.goto("http://evil.test/attackers-page")
        one = f"(i) => fetch('{_at('localhost', live)}/api/words?' + i, {{ mode: 'no-cors' }})"
        page.evaluate(f"Promise.allSettled([...Array(200).keys()].map({one}))")
        assert [live.http.get("/healthz").status_code for _ in range(61)] == [200] * 60 + [429]


def test_a_link_of_another_site_opens_the_dashboard(page: Page, service: Live) -> None:
    page.goto("http://evil.test/attackers-page")
    page.evaluate(f"location = '{_at('localhost', service)}/'")
    expect(page.locator("#connection")).to_have_text("connected")
    page.goto("about:blank")


def test_a_link_of_another_origin_lets_the_studio_do_nothing(page: Page, service: Live) -> None:
    page.goto("http://evil.test/attackers-page")
    with page.expect_navigation() as navigation:
        page.evaluate(f"location = '{_at('localhost', service)}/api/studio/speech?phrase=attack&engine=espeak-ng'")
    assert navigation.value is not None and navigation.value.status == 403
    page.goto("about:blank")


@pytest.mark.parametrize(("name", "host"), [("localhost", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("[::1]", "::1")])
def test_the_dashboard_works_under_each_name_of_this_computer(page: Page, tmp_path: Path, name: str, host: str) -> None:
    with running(settings(tmp_path, host=host, clips=True)) as live:
        page.goto(_at(name, live))
        expect(page.locator("#connection")).to_have_text("connected")
        page.get_by_role("slider").first.press("ArrowLeft")
        expect(page.locator(".word .reset").first).to_be_visible()
        live.push(demo()[:48_000], "name=hall")
        expect(page.locator(".event", has_text="hall").first).to_be_visible()
        page.goto("about:blank")


@pytest.mark.parametrize("name", ["home.example", "localhost", "127.0.0.1"])
def test_the_dashboard_works_under_any_name_with_a_token(page: Page, tmp_path: Path, name: str) -> None:
    token = new_token(tmp_path)
    with running(settings(tmp_path, host="0.0.0.0"), token_hash(tmp_path)) as live:
        page.goto(_at(name, live))
        page.get_by_role("textbox", name="Token").fill(token)
        page.get_by_role("button", name="Log in").click()
        expect(page.locator("#connection")).to_have_text("connected")
        page.reload()
        expect(page.locator("#connection")).to_have_text("connected")
        assert [it for it, worked in _attacks(page, _at("evil.test", live)).items() if worked] == ["page"]
