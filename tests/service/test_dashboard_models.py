"""The dashboard with several models, in a real browser: they are chosen, and their words told apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.service.live import Live, running, settings, words_of_demo
from tests.service.wake_models import SPOKEN, commands, wake_model, wakes
from tests.signals import demo
from tests.waits import PATIENCE, until
from wakeword.model.file import write_model
from wakeword.model.pretrained import load_model

expect.set_options(1000 * PATIENCE)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """A service with the models *wake* and *twin*, which has google12's words. google12 listens."""
    write_model(wake_model(), tmp_path / "models/wake.safetensors")
    write_model(load_model(), tmp_path / "models/twin.safetensors")
    with running(settings(tmp_path)) as live:
        yield live


@pytest.fixture
def page(browser: Browser, live: Live) -> Iterator[Page]:
    """The page of the service, once it is connected. An error of a script fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(live.url)
    expect(page.locator("#connection")).to_have_text("connected")
    yield page
    context.close()
    assert wrong == []


def _choose(page: Page, model: str, when: str) -> None:
    with page.expect_response("**/api/models/active"), page.expect_response("**/api/words"):
        page.get_by_label(f"When {model} listens").select_option(when)


def _listening(live: Live) -> dict[str, str]:
    """Return when each model listens."""
    models = live.http.get("/api/models").json()
    return {it["id"]: "always" if it["active"] else "after a word" for it in models if it["active"] or it["then"]}


def test_a_choice_leaves_that_of_another_page(page: Page, live: Live) -> None:
    live.http.put("/api/models/active", json={"models": ["wake"], "then": ["google12"]}).raise_for_status()
    _choose(page, "twin", "always")
    assert _listening(live) == {"wake": "always", "twin": "always", "google12": "after a word"}


def test_a_wake_word_and_commands_after_it_are_chosen(page: Page, live: Live) -> None:
    _choose(page, "wake", "always")
    _choose(page, "google12", "after a word")
    assert _listening(live) == {"wake": "always", "google12": "after a word"}
    row = page.locator(".word").filter(has_text="go").filter(has_text="google12, after a word").first
    expect(row).to_be_visible()
    live.push(demo())
    expect(page.locator(".event strong", has_text="computer")).to_have_count(len(wakes()))
    heard = page.locator(".event", has=page.locator(".of", has_text="google12")).locator("strong").all_inner_texts()
    assert heard[::-1] == commands()
    page.reload()
    expect(page.get_by_label("When google12 listens")).to_have_value("then")


def test_a_choice_that_is_refused_is_explained_and_taken_back(page: Page, live: Live) -> None:
    page.get_by_label("When google12 listens").select_option("off")
    expect(page.locator("#notice")).to_have_text("no model would listen; name one at least that does so always")
    select = page.get_by_label("When google12 listens")
    expect(select).to_have_value("always")
    expect(select).to_be_focused()
    assert _listening(live) == {"google12": "always"}


def test_the_scores_of_each_model_are_drawn(page: Page, live: Live) -> None:
    _choose(page, "twin", "after a word")
    with live.stream("name=den") as socket:
        with page.expect_response("**/api/sources/den/live"):
            socket.recv()
        rows = page.locator(".word").filter(has_text=SPOKEN)
        end = (words_of_demo()[0][1] * 160 + 800) * 2
        socket.send(demo().astype("<i2").tobytes()[:end])
        own, twin = (rows.filter(has_text=model).locator(".score") for model in ("google12", "twin"))
        expect(own).not_to_have_text("0.00")
        assert twin.inner_text() == "0.00"  # nothing was said before


def test_the_words_that_two_models_share_are_told_apart(page: Page, live: Live) -> None:
    _choose(page, "twin", "always")
    slider = page.get_by_role("slider", name=f"Threshold of {SPOKEN} (twin)")
    slider.focus()
    with page.expect_response("**/what-if?*model=twin"), page.expect_response("**/api/words?model=twin"):
        page.keyboard.press("End")
    words = live.http.get("/api/words").json()
    assert [it["model"] for it in words if it["word"] == SPOKEN and it["threshold"] > 0.999] == ["twin"]
    live.push(demo())
    other = words_of_demo()[1][0]
    page.locator("#feed-word").select_option(f"{other} (twin)")
    until(lambda: page.locator(".event").count() == [word for word, _ in words_of_demo()].count(other))
    assert {model.inner_text() for model in page.locator(".event .of").all()} == {"twin"}


def test_a_damaged_model_cannot_be_chosen(page: Page, live: Live, tmp_path: Path) -> None:
    (tmp_path / "models/torn.safetensors").write_bytes(b"torn")
    page.reload()
    expect(page.get_by_label("When torn listens")).to_be_disabled()
    expect(page.locator(".model", has_text="torn")).to_contain_text("truncated or no model")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_with_several_models_is_accessible(browser: Browser, live: Live, scheme: str, width: int) -> None:
    """By the rules of axe-core: contrast, names, roles, landmarks, order."""
    chosen = {"models": ["wake", "twin"], "then": ["google12"]}
    live.http.put("/api/models/active", json=chosen).raise_for_status()
    live.push(demo()[:48_000], "name=hall")
    context = browser.new_context(viewport={"width": width, "height": 860}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(live.url)
    expect(page.locator(".word .of").last).to_have_text("google12, after a word")
    expect(page.locator(".event").first).to_be_visible()
    found = Axe().run(page).response["violations"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert [(it["id"], it["nodes"][0]["html"]) for it in found] == []
