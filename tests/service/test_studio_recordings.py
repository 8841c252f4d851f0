"""Recordings in the studio's page, by the service: said in a row, dropped as files, trimmed, filed, thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.chromium import chromium
from tests.service.live import Live, running, settings
from tests.service.studio_pages import FLAG, no_projects, opened, step, until
from tests.signals import demo
from tests.spoken_rows import row, times
from wakeword.audio.files import encode, write_wav

PROJECTS = "/api/studio/projects"
ROW = 6  # times that the microphone hears the phrase


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, whose microphone hears the phrase several times in a row."""
    tape = tmp_path_factory.mktemp("tape") / "row.wav"
    write_wav(tape, row(times(ROW)))
    with chromium(FLAG, microphone=tape) as browser:
        yield browser


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with running(settings(tmp_path_factory.mktemp("data"))) as live:
        yield live


@pytest.fixture
def live(service: Live) -> Iterator[Live]:
    """The service with one project, of which nothing is recorded."""
    service.http.post(PROJECTS, json={"phrases": ["hey lumen"]}).raise_for_status()
    yield service
    no_projects(service)


@pytest.fixture
def page(browser: Browser, live: Live) -> Iterator[Page]:
    with opened(browser) as page:
        yield page


def _takes(live: Live) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = live.http.get(f"{PROJECTS}/hey_lumen/takes").json()
    return found


def test_what_is_said_in_a_row_becomes_takes_that_outlast_a_reload(page: Page, live: Live) -> None:
    step(page, live.url, "takes")
    page.get_by_label("By", exact=True).fill("Ada")
    page.get_by_role("combobox", name="From").select_option("room")
    page.get_by_role("button", name="Record", exact=True).press("Enter")
    expect(page.locator("#recorded")).to_have_text("7 s")
    page.get_by_role("button", name="Stop").press("Space")
    expect(page.locator("#done")).to_contain_text("takes are stored.")
    takes = _takes(live)
    assert len(takes) >= 3
    assert {(take["label"], take["speaker"], take["distance"]) for take in takes} == {("hey lumen", "Ada", "room")}
    page.reload()
    expect(page.locator(".take")).to_have_count(len(takes))
    expect(page.locator(".take").first).to_contain_text("hey lumen by Ada, room")
    with page.expect_response("**/audio") as played:
        page.locator(".take").first.get_by_role("button", name="Play").click()
    assert played.value.status in (200, 206)


def test_files_become_takes_and_one_that_lies_is_named(page: Page, live: Live, tmp_path: Path) -> None:
    (tmp_path / "three.flac").write_bytes(encode(row(times(3)), "flac"))
    (tmp_path / "lie.wav").write_bytes(b"RIFF and nothing")
    step(page, live.url, "takes")
    page.locator("#take-files").set_input_files([tmp_path / "lie.wav", tmp_path / "three.flac"])
    expect(page.locator(".take")).to_have_count(3)
    expect(page.locator("#take-errors li")).to_have_count(1)
    expect(page.locator("#take-errors")).to_contain_text("lie.wav: ")
    assert {take["name"] for take in _takes(live)} == {"three.flac"}


def test_a_take_is_trimmed_named_and_thrown_away_by_the_keyboard(page: Page, live: Live) -> None:
    body = encode(row(times(2)), "flac")
    live.http.post(f"{PROJECTS}/hey_lumen/takes", content=body).raise_for_status()
    before = _takes(live)[0]
    step(page, live.url, "takes")
    take = page.locator(".take").first
    take.get_by_role("button", name="Trim").press("Enter")
    begin = take.get_by_role("slider", name="Begins")
    with page.expect_response(lambda response: response.request.method == "PATCH"):
        begin.press("ArrowRight")
    assert _takes(live)[0]["begin"] == pytest.approx(before["begin"] + 0.01, abs=0.006)
    with page.expect_response(lambda response: response.request.method == "PATCH"):
        take.get_by_role("button", name="As suggested").press("Enter")
    assert _takes(live)[0]["begin"] == pytest.approx(before["suggested_begin"], abs=0.006)
    take.get_by_role("textbox", name="By").fill("Ada")
    take.get_by_role("textbox", name="By").press("Enter")
    expect(take).to_contain_text("hey lumen by Ada")
    take.get_by_role("button", name="Throw away").press("Enter")
    expect(page.locator(".take")).to_have_count(1)
    expect(page.locator(".take button").first).to_be_focused()
    assert len(_takes(live)) == 1


def test_a_long_recording_is_kept_as_a_negative_until_it_is_deleted(page: Page, live: Live, tmp_path: Path) -> None:
    write_wav(tmp_path / "the room.wav", demo())
    step(page, live.url, "negatives")
    page.locator("#negative-files").set_input_files(tmp_path / "the room.wav")
    rows = page.locator("#negative-list li")
    expect(rows).to_contain_text("23 s")
    page.reload()
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(rows).to_have_count(0)
    assert live.http.get(f"{PROJECTS}/hey_lumen/negatives").json() == []


def test_clips_of_the_inbox_are_the_phrase_or_something_else_or_go(page: Page, live: Live) -> None:
    for source in ("kitchen", "hall", "den"):
        body = encode(row(times(1)), "flac")
        live.http.post("/api/studio/inbox", content=body, params={"source": source}).raise_for_status()
    step(page, live.url, "negatives")
    clips = page.locator("#inbox li")
    expect(clips).to_have_count(3)
    clips.filter(has_text="kitchen").get_by_role("button", name="is the phrase").click()
    expect(clips).to_have_count(2)
    clips.filter(has_text="hall").get_by_role("button", name="isn't the phrase").click()
    expect(clips).to_have_count(1)
    clips.get_by_role("button", name="Throw away").click()
    expect(page.locator("#inbox-empty")).to_be_visible()
    assert {(take["label"], take["speaker"]) for take in _takes(live)} == {
        ("hey lumen", "kitchen"),
        ("_unknown_", "hall"),
    }


def test_a_recording_in_which_nothing_sounds_is_refused_in_a_line(page: Page, live: Live, tmp_path: Path) -> None:
    write_wav(tmp_path / "silence.wav", 0 * demo()[:32_000])
    step(page, live.url, "takes")
    page.locator("#take-files").set_input_files(tmp_path / "silence.wav")
    expect(page.locator("#take-errors")).to_contain_text("silence.wav: ")
    until(page, lambda: _takes(live) == [])
