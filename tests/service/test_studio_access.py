"""The studio's page is for everybody: accessible, on a telephone's screen, by the keyboard alone, behind a token."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from service.tokens import new_token, token_hash
from tests.service.live import Live, running, settings
from tests.service.studio_pages import all_made_up, opened, step
from wakeword.projects.library import create_project

STEPS = ("phrase", "takes", "negatives", "train", "report", "try", "along")


@pytest.mark.parametrize(("width", "scheme"), [(1100, "dark"), (390, "light")])
def test_each_step_is_accessible_and_fits_the_screen(browser: Browser, live: Live, width: int, scheme: str) -> None:
    """By the rules of axe-core: contrast, names, roles, landmarks, order."""
    with opened(browser, width, color_scheme=scheme) as page:
        all_made_up(page)
        axe = Axe()
        wrong = {}
        for name in ("", *STEPS):
            if name:
                step(page, live.url, name)
            else:
                page.goto(f"{live.url}/studio/")
                expect(page.get_by_role("link", name="hey lumen")).to_be_visible()
            if name == "takes":
                with page.expect_response("**/audio?whole=true"):
                    page.get_by_role("button", name="Trim").click()
            found = axe.run(page).response["violations"]
            wrong[name] = [(it["id"], it["nodes"][0]["html"]) for it in found]
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not any(wrong.values()), wrong


def test_the_page_asks_for_the_token(browser: Browser, tmp_path: Path) -> None:
    token = new_token(tmp_path)
    with running(settings(tmp_path, token=True), token_hash(tmp_path)) as live, opened(browser) as page:
        page.goto(f"{live.url}/studio/#hey_lumen/takes")
        page.get_by_role("textbox", name="Token").fill(token)
        page.get_by_role("button", name="Log in").click()
        expect(page.locator("#notice")).to_contain_text("there is no project 'hey_lumen'")


def test_a_telephone_is_invited_and_records_for_the_project(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.api.session.network_address", lambda: "127.0.0.1")
    token = new_token(tmp_path)
    create_project(tmp_path / "projects", {"phrases": ["café au lait"]})
    with running(settings(tmp_path, host="0.0.0.0", tls=True), token_hash(tmp_path)) as live:
        with opened(browser, ignore_https_errors=True) as page:
            step_url = f"{live.url.replace('0.0.0.0', '127.0.0.1')}/studio/#café_au_lait/takes"
            page.goto(step_url)
            page.get_by_role("textbox", name="Token").fill(token)
            page.get_by_role("button", name="Log in").click()
            page.get_by_role("button", name="Record with a telephone").click()
            address = page.locator("#telephone code").inner_text()
            expect(page.get_by_role("img", name=address)).to_be_visible()
        with opened(browser, 390, ignore_https_errors=True) as telephone:
            telephone.goto(address)
            expect(telephone.locator("#takes")).to_be_visible()
            assert telephone.evaluate("decodeURIComponent(location.hash)") == "#café_au_lait/takes"
        with opened(browser, 390, ignore_https_errors=True) as second:
            second.goto(address)
            expect(second.get_by_role("dialog")).to_contain_text("this invitation is used up or too old")


def test_a_service_that_no_telephone_reaches_says_how_to_open_it(browser: Browser, live: Live) -> None:
    with opened(browser) as page:
        all_made_up(page)
        step(page, live.url, "takes")
        page.get_by_role("button", name="Record with a telephone").click()
        expect(page.locator("#notice")).to_contain_text("start wakeword studio --host 0.0.0.0 --tls")
