"""The exported page in a real browser, from a static server: it listens to a recording, and says what hinders it."""

from __future__ import annotations

import functools
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bench.chromium import chromium
from tests.signals import ROOT, demo
from tests.waits import PATIENCE, until
from wakeword.audio.files import write_wav
from wakeword.cli import cli

expect.set_options(1000 * PATIENCE)
INSECURE = "wakeword.example"  # this computer, by a name that browsers don't know to be it
WORDS = ["yes", "go", "left"]  # the first of the demo recording

# As Firefox for years: a context of another rate than the microphone's refuses it.
REFUSING = """
window.AudioContext = class extends AudioContext {
  constructor(settings = {}) { super(settings); this.refuses = "sampleRate" in settings; }
  createMediaStreamSource(stream) {
    if (this.refuses) throw new DOMException("another sample-rate is not supported", "NotSupportedError");
    window.rate = this.sampleRate;
    return super.createMediaStreamSource(stream);
  }
};
"""


class _Quiet(SimpleHTTPRequestHandler):
    """A static server without a log. Its policy is the strictest with which the page runs, which has inline scripts."""

    scripts = "'self' 'unsafe-inline' 'wasm-unsafe-eval'"

    def end_headers(self) -> None:
        policy = f"default-src 'none'; script-src {self.scripts}; connect-src 'self'"
        self.send_header("Content-Security-Policy", f"{policy}; style-src 'unsafe-inline'; img-src data:")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    cli(["export", "google12", "--format", "web", "--out", str(folder)], standalone_mode=False)
    return folder


class _WithoutWebAssembly(_Quiet):
    scripts = "'self' 'unsafe-inline'"


@contextmanager
def _served(folder: Path, handler: type[_Quiet] = _Quiet) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join(PATIENCE)
        server.server_close()


@pytest.fixture(scope="module")
def url(site: Path) -> Iterator[str]:
    with _served(site) as url:
        yield url


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, whose microphone plays the demo recording, from its beginning each time that it is opened."""
    tape = tmp_path_factory.mktemp("tape") / "demo.wav"
    write_wav(tape, demo())
    with chromium(f"--host-resolver-rules=MAP {INSECURE} 127.0.0.1", microphone=tape) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test on any error in its console."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type in ("error", "warning") else None)
    yield page
    context.close()
    assert wrong == []


def _hear(page: Page) -> list[str]:
    """Listen until the first words are on the page, then stop; return them in their order."""
    page.get_by_role("button", name="Listen").click()
    expect(page.locator("#events li")).to_have_count(len(WORDS))
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Listen")).to_be_enabled()
    return page.locator("#events strong").all_text_contents()[::-1]


def test_the_page_shows_the_words_of_the_microphone_as_they_come(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("#words")).to_have_text("yes, no, up, down, left, right, on, off, stop, go")
    assert _hear(page)[: len(WORDS)] == WORDS
    assert page.locator("#trouble").text_content() == ""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_the_page_of_the_readme_shows_a_word(page: Page, site: Path, tmp_path: Path) -> None:
    (example,) = re.findall(r"^```html\n(.*?)^```$", (ROOT / "integrations/web/README.md").read_text(), re.M | re.S)
    shutil.copytree(site, tmp_path, dirs_exist_ok=True)
    (tmp_path / "index.html").write_text(f'<!doctype html><link rel="icon" href="data:,">{example}')
    with _served(tmp_path) as url:
        page.goto(url)
        page.get_by_role("button", name="Listen").click()
        expect(page.locator("#word")).to_contain_text(WORDS[0])
        page.goto("about:blank")


def test_a_browser_that_doesn_t_resample_is_helped_by_the_worklet(page: Page, url: str) -> None:
    page.add_init_script(REFUSING)
    page.goto(url)
    assert _hear(page)[: len(WORDS)] == WORDS
    assert page.evaluate("rate") != 16_000


def test_the_level_moves_and_falls_when_it_is_stopped(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Listen").click()
    level = "document.querySelector('#level').value"
    until(lambda: page.evaluate(level) > -40)
    page.get_by_role("button", name="Stop").click()
    until(lambda: page.evaluate(level) == -60)


FAULTS = {
    "NotAllowedError": "the microphone was refused; allow it for this page in the browser",
    "NotFoundError": "there is no microphone; connect one",
    "NotReadableError": "the microphone can't be opened; is another program using it?",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_microphone_that_can_t_be_used_is_said(name: str, page: Page, url: str) -> None:
    page.add_init_script(
        f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('no', '{name}'); }}"
    )
    page.goto(url)
    page.get_by_role("button", name="Listen").click()
    expect(page.get_by_role("alert")).to_have_text(FAULTS[name])
    expect(page.get_by_role("button", name="Listen")).to_be_enabled()


def test_a_microphone_that_goes_away_is_said(page: Page, url: str) -> None:
    page.add_init_script(
        "const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
        "navigator.mediaDevices.getUserMedia = async (it) => (window.stream = await open(it));"
    )
    page.goto(url)
    page.get_by_role("button", name="Listen").click()
    expect(page.get_by_role("button", name="Stop")).to_be_enabled()
    page.evaluate("stream.getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.get_by_role("alert")).to_have_text("the microphone has gone away; connect it again")
    expect(page.get_by_role("button", name="Listen")).to_be_enabled()


def test_a_page_of_an_insecure_origin_says_so(page: Page, url: str) -> None:
    page.goto(url.replace("127.0.0.1", INSECURE))
    page.get_by_role("button", name="Listen").click()
    wanted = "browsers give the microphone to pages of https and of localhost only"
    expect(page.get_by_role("alert")).to_have_text(wanted)


def test_a_policy_that_forbids_webassembly_is_said(browser: Browser, site: Path) -> None:
    page = browser.new_page()  # whose console has the browser's own error
    with _served(site, _WithoutWebAssembly) as url:
        page.goto(url)
        expect(page.get_by_role("alert")).to_contain_text("add 'wasm-unsafe-eval' to the script-src")
        page.close()


def test_a_worklet_that_is_missing_is_said(browser: Browser, site: Path, tmp_path: Path) -> None:
    shutil.copytree(site, tmp_path, dirs_exist_ok=True)
    (tmp_path / "wakeword-worklet.js").unlink()
    page = browser.new_page()  # whose console has the browser's own error
    with _served(tmp_path) as url:
        page.goto(url)
        page.get_by_role("button", name="Listen").click()
        expect(page.get_by_role("alert")).to_contain_text("the audio thread can't be started: ")
        page.close()


def test_a_browser_that_wants_a_click_first_is_said(page: Page, url: str) -> None:
    page.add_init_script(
        "AudioContext.prototype.resume = () => new Promise(() => {});"
        "Object.defineProperty(AudioContext.prototype, 'state', { get: () => 'suspended' });"
    )
    page.goto(url)
    page.get_by_role("button", name="Listen").click()
    expect(page.get_by_role("alert")).to_contain_text("call listen when a button is clicked")


def test_a_model_that_is_missing_is_said_at_once(page: Page, site: Path, tmp_path: Path) -> None:
    for file in site.iterdir():
        if file.suffix != ".bin":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "wakeword_model.bin").write_text("<!doctype html>")
    with _served(tmp_path) as url:
        page.goto(url)
        expect(page.get_by_role("alert")).to_contain_text("these bytes are no model")
