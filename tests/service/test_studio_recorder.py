"""The recorder of the studio's page begins by a click, always ends, and loses nothing that was said."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
import soundfile
from playwright.sync_api import Browser, Dialog, Page, Route, expect

from bench.chromium import chromium
from tests.service.live import Live
from tests.service.studio_pages import FLAG, PROJECT, TAKE, made_up, opened, step, until
from tests.signals import demo
from wakeword.audio.files import write_wav

MADE = {"takes": [TAKE], "left_out": []}
NO_BLOCKS = """
    const make = AudioContext.prototype.createMediaStreamSource;
    AudioContext.prototype.createMediaStreamSource = function (stream) {
      this.suspend();
      return make.call(this, stream);
    };
"""
COUNTED = """
    window.opened = [];
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (...wanted) => {
      const media = await open(...wanted);
      window.opened.push(media);
      return media;
    };
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, whose microphone plays the demo recording."""
    tape = tmp_path_factory.mktemp("tape") / "demo.wav"
    write_wav(tape, demo())
    with chromium(FLAG, microphone=tape) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as page:
        made_up(page, "projects/hey_lumen", PROJECT)
        made_up(page, "projects/hey_lumen/takes", [])
        yield page


def _record(page: Page) -> None:
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#recorded")).to_have_text("1 s")


def test_what_was_said_is_sent_as_it_was_heard(page: Page, live: Live) -> None:
    sent: list[Any] = []
    made_up(page, r"projects/hey_lumen/takes\?.*", MADE, 201, "POST", sent)
    step(page, live.url, "takes")
    page.get_by_label("By", exact=True).fill("Ada")
    _record(page)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".take")).to_have_count(1)
    expect(page.get_by_role("heading", name="One take")).to_be_visible()
    ((url, body),) = sent
    assert "label=hey+lumen&speaker=Ada&distance=near&cut=true" in url
    samples, rate = soundfile.read(io.BytesIO(body), dtype="int16")
    assert len(samples) > rate and abs(samples.astype(int)).max() > 1000
    page.reload()
    expect(page.get_by_label("By", exact=True)).to_have_value("Ada")


def test_no_step_opens_the_microphone_without_a_click(page: Page, live: Live) -> None:
    made_up(page, "projects/hey_lumen/negatives", [])
    made_up(page, "projects/hey_lumen/runs", [])
    made_up(page, "projects/hey_lumen/estimate", {"seconds": 60, "bytes": 1e6})
    made_up(page, "inbox", [])
    made_up(page, "languages", [])
    made_up(page, r"advice\?.*", {"phonemes": "", "engines": [], "warnings": [], "problem": None})
    page.add_init_script(COUNTED)
    step(page, live.url, "phrase")
    for title in ("Takes", "Negatives", "Train", "Report", "Try", "Take along", "Takes"):
        page.get_by_role("link", name=title, exact=True).click()
        expect(page.locator("#steps [aria-current]")).to_have_text(title)
        assert page.evaluate("window.opened.length") == 0
    _record(page)
    assert page.evaluate("window.opened.length") == 1


def test_a_step_that_is_left_closes_the_microphone_and_keeps_what_was_said(page: Page, live: Live) -> None:
    sent: list[Any] = []
    made_up(page, r"projects/hey_lumen/takes\?.*", MADE, 201, "POST", sent)
    made_up(page, "projects/hey_lumen/runs", [])
    page.add_init_script(COUNTED)
    step(page, live.url, "takes")
    _record(page)
    page.get_by_role("link", name="Report").click()
    until(page, lambda: sent)
    assert page.evaluate("window.opened[0].getTracks()[0].readyState") == "ended"


def test_a_microphone_without_sound_is_given_up_with_a_line(page: Page, live: Live) -> None:
    page.clock.install()
    page.add_init_script(NO_BLOCKS)
    step(page, live.url, "takes")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.clock.run_for(6000)
    expect(page.locator("#notice")).to_contain_text("No sound came from the microphone for 5 seconds")
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled()


def test_a_microphone_that_goes_away_leaves_what_was_said(page: Page, live: Live) -> None:
    made_up(page, r"projects/hey_lumen/takes\?.*", MADE, 201, "POST")
    page.add_init_script(COUNTED)
    step(page, live.url, "takes")
    _record(page)
    page.evaluate("window.opened[0].getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.locator(".take")).to_have_count(1)
    expect(page.locator("#notice")).to_have_text("The microphone was stopped: it has gone away; connect it again.")
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled()


@pytest.mark.parametrize(
    ("name", "line"),
    [("NotAllowedError", "it was refused; allow it for this page"), ("NotFoundError", "there is none")],
)
def test_a_microphone_that_cannot_be_opened_is_explained(page: Page, live: Live, name: str, line: str) -> None:
    refuse = f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('no', '{name}'); }}"
    page.add_init_script(refuse)
    step(page, live.url, "takes")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#notice")).to_contain_text(f"The microphone can't be used: {line}")
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled()


def test_a_question_for_the_microphone_that_nobody_answers_can_be_cancelled(page: Page, live: Live) -> None:
    page.add_init_script(f"""{COUNTED}
      const counted = navigator.mediaDevices.getUserMedia;
      navigator.mediaDevices.getUserMedia = (wanted) =>
        new Promise((allow) => {{ window.allow = () => allow(counted(wanted)); }});
    """)
    step(page, live.url, "takes")
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled()
    page.evaluate("window.allow()")
    until(page, lambda: page.evaluate("window.opened[0]?.getTracks()[0].readyState") == "ended")


def test_a_plain_page_says_why_it_gets_no_microphone(page: Page, live: Live) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined });")
    step(page, live.url, "takes")
    expect(page.locator("#no-microphone")).to_have_text(
        "This page gets no microphone: browsers allow it on https pages and on localhost only. "
        "Files can be dropped below."
    )
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_disabled()


def test_a_reload_that_would_lose_a_recording_asks_before(page: Page, live: Live) -> None:
    problem = {"detail": "the disk is full; make room on the service's computer, then try again"}
    made_up(page, r"projects/hey_lumen/takes\?.*", problem, 507, "POST")
    step(page, live.url, "takes")
    _record(page)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#notice")).to_have_text(problem["detail"])
    expect(page.locator("#unsent")).to_contain_text("A recording isn't stored yet.")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.evaluate("setTimeout(() => location.reload())")
    until(page, lambda: asked == ["beforeunload"])
    expect(page.locator("#unsent")).to_be_visible()
    page.get_by_role("button", name="Throw away").click()
    expect(page.locator("#unsent")).to_be_hidden()


def test_a_recording_of_a_service_that_was_away_is_sent_again(page: Page, live: Live) -> None:
    away: list[Route] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not away:
            away.append(route)
            route.abort()
        else:
            route.fallback()

    made_up(page, r"projects/hey_lumen/takes\?.*", MADE, 201, "POST")
    page.route("**/takes?*", lose)
    step(page, live.url, "takes")
    _record(page)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#notice")).to_have_text("the service can't be reached; is it running?")
    page.get_by_role("button", name="Send again").click()
    expect(page.locator(".take")).to_have_count(1)
    expect(page.locator("#unsent")).to_be_hidden()
    expect(page.locator("#notice")).to_be_hidden()


def test_a_recording_that_is_refused_holds_no_other_one_up(page: Page, live: Live) -> None:
    refusal = {"detail": "nothing in this recording is louder than its room: is it the right microphone?"}
    made_up(page, r"projects/hey_lumen/takes\?.*", refusal, 422, "POST")
    step(page, live.url, "takes")
    kept = page.get_by_role("list", name="Recordings that aren't stored").get_by_role("listitem")
    for take in (1, 2):
        _record(page)
        page.get_by_role("button", name="Stop").click()
        expect(kept).to_have_count(1)
        expect(kept).to_contain_text(refusal["detail"])
        expect(page.locator("#done")).to_have_text("" if take == 1 else "One take is stored.")
        expect(page.locator(".take")).to_have_count(take - 1)
        made_up(page, r"projects/hey_lumen/takes\?.*", MADE, 201, "POST")
    kept.get_by_role("button", name="Throw away").click()
    expect(page.locator("#unsent")).to_be_hidden()
    expect(page.locator(".take")).to_have_count(1)


def test_a_recording_ends_at_its_longest_and_is_a_whole_wav(page: Page, live: Live) -> None:
    step(page, live.url, "takes")
    size, reason, data = page.evaluate("""async () => {
      const { Recorder, wav } = await import("./recorder.js");
      let done = null;
      const onDone = (sound, reason) => { done = [sound.size, reason]; };
      const recorder = new Recorder({ onState() {}, onHeard() {}, onDone });
      await recorder.start();
      const block = new Int16Array(2400).buffer;
      for (let count = 0; done === null && count < 5000; count++) recorder.take(block, recorder.turn);
      const file = wav([new Int16Array([1, -32768]), new Int16Array([32767])], 44100);
      return [...done, [...new Uint8Array(await file.arrayBuffer())]];
    }""")
    assert size >= 44 + 2 * 180 * 48_000
    assert reason == "3 minutes are recorded, as long as one recording may be."
    samples, rate = soundfile.read(io.BytesIO(bytes(data)), dtype="int16")
    assert (samples.tolist(), rate) == ([1, -32768, 32767], 44_100)
