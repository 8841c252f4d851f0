"""Make a wake word in the studio's page as somebody does who has only typed it, and tell what it took.

    python -m bench.studio "hey lumen" hey_lumen.safetensors

A service with empty folders begins, so every clip is spoken and the network's loops are compiled; only the voices are
those of the machine. Chromium types the phrase, clicks its way to the downloaded model, and counts the clicks. The time
is that from opening the page to the file.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

from bench.chromium import chromium
from bench.options import Parser, errors_in_one_line, positive
from bench.service.process import served
from wakeword.errors import DataError, UsageError
from wakeword.synth.voices import default_paths

# Counts what a hand does, over all pages that are opened.
_COUNT = """addEventListener("click", (event) => {
  if (event.isTrusted) sessionStorage.clicks = 1 + Number(sessionStorage.clicks ?? 0);
}, { capture: true })"""
_ENDED = ("done", "failed", "cancelled", "paused")


def main() -> None:
    """Parse, make the model, print."""
    parser = Parser("studio", __doc__, module=True)
    parser.add_argument("phrase", metavar="PHRASE", help="in Latin letters: it is taken for English")
    parser.add_argument("out", type=Path, metavar="OUT", help="file to write the downloaded model to")
    parser.add_argument("--minutes", type=positive, default=90, metavar="N", help="to wait at most (default: 90)")
    options = parser.parse_args()
    with errors_in_one_line():
        if options.out.exists():
            raise UsageError(f"{options.out} is there already: name another file, or remove it")
        if not options.out.absolute().parent.is_dir():
            raise UsageError(f"{options.out.parent} is no folder: make it, or name another")
        print(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder), options.phrase, options.out, 60 * options.minutes)


def _measure(folder: Path, phrase: str, out: Path, patience: float) -> None:
    """Make the model with all that the service writes in a folder, and print what it took."""
    data, cache, voices = folder / "data", folder / "cache", default_paths()
    data.mkdir()
    own = {
        "XDG_CACHE_HOME": str(cache),
        "WAKEWORD_KOKORO": str(voices.kokoro),
        "WAKEWORD_PIPER": str(voices.piper),
    }
    with served(data, "--no-microphone", environment=own) as service, chromium() as browser:
        page = browser.new_page(accept_downloads=True)
        page.add_init_script(_COUNT)
        begin = time.monotonic()
        promised = _begun(page, service.url, phrase)
        verdict = _trained(page, patience)
        _taken(page, out)
        minutes = (time.monotonic() - begin) / 60
        clicks = page.evaluate("Number(sessionStorage.clicks)")
        size = sum(it.stat().st_size for place in (data, cache) for it in place.rglob("*") if it.is_file())
    spoken = sum(it.stat().st_size for it in (voices.kokoro, voices.piper) for it in it.rglob("*") if it.is_file())
    print(f"page: {promised}")
    print(f"made: {minutes:.1f} minutes, {clicks} clicks, {size / 1e6:.0f} MB beside {spoken / 1e6:.0f} MB of voices")
    print(f"report: {verdict}")
    print(f"model: {out}, {out.stat().st_size} bytes")


def _begun(page: Page, url: str, phrase: str) -> str:
    """Type the phrase and start its training. Returns what the page says it will take."""
    page.goto(f"{url}/studio/")
    page.get_by_label("A new phrase").click()
    page.keyboard.type(phrase)
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("link", name="Train", exact=True).click()
    page.get_by_text("It will take about").wait_for()
    promised = page.locator("#estimate").inner_text()
    page.get_by_role("button", name="Start the training").click()
    return promised


def _trained(page: Page, patience: float) -> str:
    """Wait for the end of the training. Returns the verdict of its report. Raises DataError if it has none."""
    run = page.locator("[data-run='1']")
    states = ", ".join(f"[data-run='1'][data-state='{state}']" for state in _ENDED)
    page.locator(states).wait_for(timeout=1000 * patience)
    if run.get_attribute("data-state") != "done":
        raise DataError(f"the training did not end well: {' '.join(run.inner_text().split())}")
    page.get_by_role("link", name="Report", exact=True).click()
    return page.locator(".verdict").inner_text()


def _taken(page: Page, out: Path) -> None:
    """Download the model."""
    page.get_by_role("link", name="Take along", exact=True).click()
    with page.expect_download() as loaded:
        page.get_by_role("button", name="Download Model").click()
    loaded.value.save_as(out)


if __name__ == "__main__":
    main()
