"""From an empty data folder to a model that was trained, tried and downloaded, all in the studio's page."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

import wakeword
from bench.chromium import chromium
from featurizer.logmel import Samples
from service.studio import jobs
from tests import processes
from tests.firmware.test_exported_model import PROGRAM
from tests.firmware.toolchain import C99, HOST, run
from tests.service.live import Live, running, settings
from tests.service.studio_pages import FLAG, opened, until
from tests.wakeword.tiny_project import SETTINGS, own_cache
from wakeword.audio.files import decode, write_wav
from wakeword.inference.engine import open_engine
from wakeword.model.file import read_model

PHRASE = "café au lait"
LEARNS = SETTINGS | {
    "gain_db": "-12:6",
    "low_rank": 12,
    "sparse": 4,
    "quantized": 16,
    "clips_per_word": 64,
    "teacher.epochs": 4,
}
THRESHOLD = 0.2  # so short a training is sure of nothing
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


def _said(live: Live, seeds: Iterable[int]) -> Samples:
    """The phrase in several voices, one after another."""
    pause = np.zeros(11_200, np.int16)
    query = {"phrase": PHRASE, "engine": "espeak-ng", "language": "fr"}
    clips = [live.http.get("/api/studio/speech", params={**query, "seed": seed}) for seed in seeds]
    return np.concatenate([pause, *(part for clip in clips for part in (decode(clip.content), pause))])


def _heard_in_c(bundle: Path, samples: Samples, folder: Path) -> list[int]:
    """The frames of the events by the downloaded header and core, compiled."""
    zipfile.ZipFile(bundle).extractall(folder)
    core = sorted(folder.glob("core/*.c"))
    run(*HOST, *C99, f"-I{folder}", f"-I{folder / 'core'}", PROGRAM, *core, "-o", folder / "listen", cwd=folder)
    lines = processes.run([folder / "listen"], given=samples.tobytes()).stdout.splitlines()
    return [int(line.split()[-1]) for line in lines if line.startswith("event ")]


def _step(page: Page, title: str) -> None:
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.locator("#steps [aria-current]")).to_have_text(title)


def test_a_wake_word_is_made_in_the_page(page: Page, live: Live, tmp_path: Path) -> None:
    page.goto(f"{live.url}/studio/")
    page.get_by_label("A new phrase").fill(PHRASE)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="by espeak-ng")).to_be_visible()
    page.get_by_role("combobox", name="Language").select_option("fr")
    tiny: dict[str, Any] = {"preset": "small", "settings": LEARNS, "clips": 40}
    until(page, lambda: live.http.get(PROJECT).json()["language"] == "fr")
    live.http.put(PROJECT, json=tiny).raise_for_status()
    page.reload()

    _step(page, "Takes")
    write_wav(tmp_path / "takes.wav", _said(live, range(5)))
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

    _step(page, "Try")
    expect(page.get_by_role("slider", name="Threshold")).to_be_enabled()
    page.locator("#try-file").set_input_files(tmp_path / "takes.wav")
    page.get_by_role("slider", name="Threshold").fill(str(THRESHOLD))
    low = model.with_thresholds(THRESHOLD)
    found = [f"{one.score:.2f}, at {one.time:.1f} s" for one in wakeword.detect(tmp_path / "takes.wav", low)]
    expect(page.locator("#raised-list li .grow")).to_have_count(len(found))
    lines = page.locator("#raised-list li .grow").all_inner_texts()[::-1]
    assert [line.removeprefix(f"{PHRASE} ") for line in lines] == found != []
    page.get_by_role("button", name="Keep this threshold").click()

    _step(page, "Take along")
    with page.expect_download() as loaded:
        page.get_by_role("button", name="Download C header").click()
    kept_out = _said(live, range(5, 10))
    events = _heard_in_c(loaded.value.path(), kept_out, tmp_path / "c")
    own = read_model(tmp_path / "own.safetensors").with_thresholds({PHRASE: THRESHOLD})
    assert events == [event.frame for event in open_engine(own).push(kept_out).events]
    assert len(events) >= 3
