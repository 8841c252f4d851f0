"""A model that was trained is tried for a day beside the active one, in the studio's page with a real service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.chromium import chromium
from tests.service.live import Live, running, settings, words_of_demo
from tests.service.studio_pages import FLAG, opened, step, until
from tests.service.wake_models import SPOKEN, hard_of_hearing
from tests.signals import demo
from wakeword.model.file import write_model
from wakeword.projects.library import create_project
from wakeword.projects.runs import new_run

MISSED = [word for word, _ in words_of_demo()].count(SPOKEN)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(FLAG) as browser:
        yield browser


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """A service with google12, and a project whose training made a model that misses one of its words."""
    run = new_run(create_project(tmp_path / "projects", {"phrases": ["hey lumen"]}).folder)
    write_model(hard_of_hearing(), run.model)
    run.mark("done")
    with running(settings(tmp_path, clips=True)) as live:
        yield live


@pytest.fixture
def page(browser: Browser, live: Live) -> Iterator[Page]:
    with opened(browser) as page:
        step(page, live.url, "along")
        page.get_by_role("button", name="Try it beside").click()
        expect(page.locator("#done")).to_have_text("hey_lumen-1 listens as the candidate.")
        yield page


def test_where_the_two_differ_is_heard_and_judged_and_the_model_is_taken(page: Page, live: Live) -> None:
    live.push(demo())
    page.get_by_role("button", name="Look again").click()
    rows = page.get_by_role("list", name="Where they differ").get_by_role("listitem")
    expect(rows).to_have_count(MISSED)
    expect(rows.first).to_contain_text("google12 alone")
    with page.expect_response("**/clip?format=wav") as played:
        rows.first.get_by_role("button", name=f"Play {SPOKEN}").click()
    assert played.value.ok
    rows.first.get_by_role("button", name="was right").click()
    expect(page.locator("#done")).to_have_text("The clip is filed for the next training.")
    page.reload()
    expect(rows.first.get_by_role("button", name="was right")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Take it in place of google12").click()
    expect(page.locator("#done")).to_have_text("hey_lumen-1 listens for good.")
    expect(page.get_by_role("button", name="Try it beside")).to_be_visible()
    assert [it["id"] for it in live.http.get("/api/models").json() if it["active"]] == ["hey_lumen-1"]
    page.get_by_role("button", name="Try it beside").click()
    expect(page.locator("#notice")).to_contain_text("the model hey_lumen-1 listens already")


def test_a_trial_is_ended_without_taking_the_model(page: Page, live: Live) -> None:
    page.get_by_role("button", name="Don't take it").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Don't take it").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Try it beside")).to_be_visible()
    until(page, lambda: live.http.get("/api/studio/candidate").json() is None)
    assert [it["id"] for it in live.http.get("/api/models").json() if it["active"]] == ["google12"]


def test_a_model_that_is_activated_is_no_candidate_any_more(page: Page, live: Live) -> None:
    page.get_by_role("button", name="Let this service listen with it").click()
    expect(page.get_by_role("button", name="Try it beside")).to_be_visible()
    assert live.http.get("/api/studio/candidate").json() is None
