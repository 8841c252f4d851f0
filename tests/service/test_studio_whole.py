"""From an empty data folder to a model that was trained, tried and downloaded, all in the studio's page."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

import wakeword
from bench.chromium import chromium
from featurizer.logmel import Samples
from service.studio import jobs
from tests.service.live import Live, running, settings
from tests.service.studio_pages import FLAG, opened, until
from tests.wakeword.tiny_project import SETTINGS, own_cache
from wakeword.audio.files import decode, write_wav

PHRASE = "café au lait"
PROJECT = "/api/studio/projects/café_au_lait"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(FLAG) as browser:
        yield browser


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """A service whose trainings have no voices but espeak-ng's."""
    (tmp_path / "cache").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(own_cache(tmp_path / "cache")))
    monkeypatch.setenv("WAKEWORD_KOKORO", "")
    monkeypatch.setenv("WAKEWORD_PIPER", "")
    monkeypatch.setattr(jobs, "NICE", 0)
    with running(settings(tmp_path / "data")) as live:
        yield live


@pytest.fixture
def page(browser: Browser, live: Live) -> Iterator[Page]:
    with opened(browser) as page:
        yield page


def _said(live: Live, count: int) -> Samples:
    """The phrase in several voices, one after another."""
    pause = np.zeros(11_200, np.int16)
    query = {"phrase": PHRASE, "engine": "espeak-ng", "language": "fr"}
    clips = [live.http.get("/api/studio/speech", params={**query, "seed": seed}) for seed in range(count)]
    return np.concatenate([pause, *(part for clip in clips for part in (decode(clip.content), pause))])


def _step(page: Page, title: str) -> None:
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.locator("#steps [aria-current]")).to_have_text(title)


def test_a_wake_word_is_made_in_the_page(page: Page, live: Live, tmp_path: Path) -> None:
    page.goto(f"{live.url}/studio/")
    page.get_by_label("A new phrase").fill(PHRASE)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="by espeak-ng")).to_be_visible()
    page.get_by_role("combobox", name="Language").select_option("fr")
    tiny: dict[str, Any] = {"preset": "small", "settings": SETTINGS, "clips": 20}
    until(page, lambda: live.http.get(PROJECT).json()["language"] == "fr")
    live.http.put(PROJECT, json=tiny).raise_for_status()
    page.reload()

    _step(page, "Takes")
    write_wav(tmp_path / "takes.wav", _said(live, 5))
    page.locator("#take-files").set_input_files(tmp_path / "takes.wav")
    expect(page.locator(".take")).to_have_count(5)

    _step(page, "Negatives")
    page.get_by_role("button", name="Add a phrase to refuse").click()
    page.keyboard.type("thé au lait")
    until(page, lambda: live.http.get(PROJECT).json()["refused"] == ["thé au lait"])

    _step(page, "Train")
    expect(page.locator("#estimate")).to_contain_text("It will take about")
    page.get_by_role("button", name="Start the training").click()
    expect(page.locator("[data-run='1']")).to_have_attribute("data-state", "done")

    _step(page, "Report")
    expect(page.locator(".verdict")).to_contain_text("ood enough")

    _step(page, "Take along")
    with page.expect_download() as loaded:
        page.get_by_role("button", name="Download Model").click()
    loaded.value.save_as(tmp_path / "own.safetensors")
    model = wakeword.load(tmp_path / "own.safetensors")
    assert model.keywords == (PHRASE,)
    with page.expect_download() as loaded:
        page.get_by_role("button", name="Download C header").click()
    names = zipfile.ZipFile(io.BytesIO(loaded.value.path().read_bytes())).namelist()
    assert any(name.endswith("_model.h") for name in names) and any(name.endswith("ww_engine.c") for name in names)

    _step(page, "Try")
    page.locator("#try-file").set_input_files(tmp_path / "takes.wav")
    page.get_by_role("slider", name="Threshold").press("Home")
    low = model.with_thresholds(0.1)
    found = [f"{one.score:.2f}, at {one.time:.1f} s" for one in wakeword.detect(tmp_path / "takes.wav", low)]
    expect(page.locator("#raised-list li .grow")).to_have_count(len(found))
    lines = page.locator("#raised-list li .grow").all_inner_texts()[::-1]
    assert [line.removeprefix(f"{PHRASE} ") for line in lines] == found != []
