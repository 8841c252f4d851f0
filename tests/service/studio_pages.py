"""The studio's page in a real browser, and answers of the service that a test makes up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, Route, expect

from tests.waits import PATIENCE

expect.set_options(1000 * PATIENCE)
FLAG = "--autoplay-policy=no-user-gesture-required"  # a click of a test is none to Chromium's audio


@contextmanager
def opened(browser: Browser, width: int = 1100, **options: Any) -> Iterator[Page]:
    """A page that fails its test on any error in its console, but for a response that was refused."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    assert [line for line in wrong if "Failed to load resource" not in line] == []


def made_up(
    page: Page, path: str, body: Any, status: int = 200, method: str = "GET", seen: list[Any] | None = None
) -> None:
    """Answer requests below /api/studio whose path and query match `path`. seen: gets the bodies of the requests."""

    def answer(route: Route) -> None:
        if route.request.method != method:
            route.fallback()
            return
        if seen is not None:
            seen.append((route.request.url, route.request.post_data_buffer))
        route.fulfill(status=status, body=json.dumps(body), headers={"content-type": "application/json"})

    page.route(re.compile(f"/api/studio/{path}$"), answer)


def step(page: Page, url: str, name: str, project: str = "hey_lumen") -> None:
    """Load the page with a step of a project."""
    page.goto(f"{url}/studio/?{name}#{project}/{name}")  # another # alone would load nothing
    expect(page.locator("body")).to_have_attribute("data-ready", "true")
    expect(page.locator(f"section#{name}")).to_be_visible()


def until(page: Page, condition: Callable[[], object]) -> None:
    """Wait for a condition; the page goes on meanwhile, and so do the answers that are made up."""
    for _ in range(int(PATIENCE * 100)):
        if condition():
            return
        page.wait_for_timeout(10)
    raise AssertionError(f"it is not so after {PATIENCE:.0f} seconds")
