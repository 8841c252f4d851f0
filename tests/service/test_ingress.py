"""The page within Home Assistant: behind a proxy that sends what the Supervisor's ingress sends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from playwright.sync_api import Page, expect

from service.settings import Settings
from service.tokens import new_token, token_hash
from tests.service import proxies
from tests.service.live import Live, running, settings
from tests.service.raw import get
from tests.waits import PATIENCE
from wakeword.errors import UsageError

expect.set_options(1000 * PATIENCE)
PATH = "/api/hassio_ingress/x-4_2"  # another in each installation, so nobody can give it as --root-path
BY_INGRESS = f"X-Ingress-Path: {PATH}"


class Shown(NamedTuple):
    """A service, and Home Assistant's URL of it."""

    url: str
    direct: Live


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    data = tmp_path_factory.mktemp("data")
    new_token(data)
    chosen = settings(data, token=True, ingress="127.0.0.1")
    with (
        running(chosen, token_hash(data)) as live,
        proxies.ingress(live.url, PATH, tmp_path_factory.mktemp("nginx")) as url,
    ):
        yield Shown(url, live)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with proxies.page(tmp_path_factory.mktemp("tape")) as page:
        yield page


def test_the_dashboard_works_in_a_frame_of_home_assistant_without_a_login_of_its_own(page: Page, shown: Shown) -> None:
    page.goto(shown.url)  # a page with a frame that shows the ingress's path
    frame = page.frame_locator("iframe")
    expect(frame.locator("#connection")).to_have_text("connected")
    frame.get_by_role("slider").first.press("ArrowLeft")
    expect(frame.locator(".word .reset").first).to_be_visible()
    frame.get_by_role("button", name="Use this microphone").click()
    expect(frame.locator(".event", has_text="browser").first).to_be_visible()
    frame.get_by_role("button", name="Stop this microphone").click()


def test_home_assistant_needs_no_token_and_anybody_else_does(shown: Shown) -> None:
    assert httpx.get(f"{shown.url}{PATH}/api/events", verify=False).status_code == 200
    assert shown.direct.http.get("/api/events").status_code == 401


@pytest.mark.parametrize(
    "header", ["X-Ingress-Path:", "X-Ingress-Path: //evil.example", "X-Ingress-Path: /../", "A: b"]
)
def test_what_names_no_path_is_not_of_the_ingress(header: str, shown: Shown) -> None:
    assert get(shown.direct.url, "/api/events", "Host: home.example", header).status == 401


def test_another_address_can_not_pretend_to_be_the_supervisor(tmp_path: Path) -> None:
    with running(settings(tmp_path, ingress="172.30.32.2")) as live:
        assert get(live.url, "/api/events", "Host: home.example", BY_INGRESS).status == 403


def test_a_page_of_another_site_is_refused_by_the_ingress_too(shown: Shown) -> None:
    for host, origin, status in (
        ("home.example:8123", "http://home.example:8123", 200),
        ("home.example", "https://home.example", 200),  # whether Home Assistant has TLS, the Supervisor doesn't say
        ("home.example", "https://evil.example", 403),
        ("home.example", "null", 403),
    ):
        answer = get(shown.direct.url, "/api/events", f"Host: {host}", BY_INGRESS, f"Origin: {origin}")
        assert answer.status == status, origin


def test_only_a_page_of_the_same_origin_may_frame_the_dashboard_and_only_by_the_ingress(shown: Shown) -> None:
    def policy(url: str) -> str:
        return str(httpx.get(url, verify=False).headers["content-security-policy"])

    assert policy(f"{shown.url}{PATH}/").endswith("frame-ancestors 'self'")
    assert policy(f"{shown.direct.url}/").endswith("frame-ancestors 'none'")


def test_the_supervisor_is_told_by_an_address(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="--ingress takes the address of Home Assistant's Supervisor, not 'supervisor'"
    ):
        Settings(tmp_path, ingress="supervisor")
