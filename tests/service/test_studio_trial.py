"""The steps Report, Try and Take along of the studio's page, with google12 as the model that was trained."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile
from playwright.sync_api import Browser, Page, expect

from bench.chromium import chromium
from tests.service.live import Live, words_of_demo
from tests.service.studio_pages import (
    FLAG,
    PROJECT,
    REPORT,
    RUN,
    TAKE,
    all_made_up,
    held,
    made_up,
    made_up_bytes,
    opened,
    step,
    until,
)  # fmt: skip
from tests.signals import demo
from wakeword.audio.files import write_wav
from wakeword.inference.engine import open_engine
from wakeword.model.pretrained import load_model


@pytest.fixture(scope="module")
def tape(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tape = tmp_path_factory.mktemp("tape") / "demo.wav"
    write_wav(tape, demo())
    return tape


@pytest.fixture(scope="module")
def browser(tape: Path) -> Iterator[Browser]:
    """Chromium, whose microphone plays the demo recording."""
    with chromium(FLAG, microphone=tape) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as page:
        all_made_up(page)
        yield page


def _try(page: Page, live: Live) -> None:
    """Open the step Try, and wait for the model."""
    step(page, live.url, "try")
    expect(page.get_by_role("slider", name="Threshold")).to_be_enabled()


def _raised(page: Page) -> list[str]:
    return page.locator("#raised-list strong").all_inner_texts()[::-1]


def test_the_model_hears_this_microphone_until_it_is_stopped(page: Page, live: Live) -> None:
    _try(page, live)
    page.get_by_role("button", name="Listen at this microphone").click()
    expect(page.locator("#raised")).to_contain_text("Raised")
    assert _raised(page)[0] in {word for word, _ in words_of_demo()}
    page.get_by_role("button", name="Stop listening").click()
    heard = page.locator("#raised").inner_text()
    page.wait_for_timeout(300)  # in which the page might go on
    assert page.locator("#raised").inner_text() == heard


def test_a_recording_is_heard_and_the_slider_tells_what_another_threshold_had_raised(
    page: Page, live: Live, tape: Path
) -> None:
    _try(page, live)
    page.locator("#try-file").set_input_files(tape)
    words = [word for word, _ in words_of_demo()]
    expect(page.locator("#raised")).to_have_text(f"Raised {len(words)} times in 22 s.")
    assert _raised(page) == words
    page.get_by_role("combobox", name="Word").select_option(label=words[0])
    page.get_by_role("slider", name="Threshold").press("End")
    model = load_model().with_thresholds({words[0]: 0.99999})
    left = [model.labels[event.label] for event in open_engine(model).push(demo()).events]
    until(page, lambda: _raised(page) == left)
    assert words[0] not in left


def test_a_threshold_is_kept_for_what_is_taken_along(page: Page, live: Live) -> None:
    sent: list[Any] = []
    made_up(page, "projects/hey_lumen/runs/[0-9]+/thresholds", {"thresholds": {"yes": 0.1}}, 200, "PUT", sent)
    _try(page, live)
    keep = page.get_by_role("button", name="Keep this threshold")
    slider = page.get_by_role("slider", name="Threshold")
    expect(keep).to_be_disabled()
    page.get_by_role("combobox", name="Word").select_option(label="yes")
    slider.press("Home")
    keep.click()
    expect(keep).to_be_disabled()
    expect(page.locator("#done")).to_have_text("yes has the threshold 0.10 now, in all that you take along.")
    ((_, body),) = sent
    assert json.loads(body) == {"thresholds": {"yes": 0.1}}


def test_what_was_raised_is_heard_and_judged_into_the_next_training(page: Page, live: Live, tape: Path) -> None:
    sent: list[Any] = []
    made_up(page, r"projects/hey_lumen/takes\?.*", {"takes": [TAKE], "left_out": []}, 201, "POST", sent)
    _try(page, live)
    page.locator("#try-file").set_input_files(tape)
    word, frame = words_of_demo()[-1]
    last, slider = page.locator("#raised-list li").first, page.get_by_role("slider", name="Threshold")
    expect(last).to_contain_text(word)
    page.get_by_role("combobox", name="Word").select_option(label=word)
    coming = held(page, r"projects/hey_lumen/takes\?.*", "POST")
    last.get_by_role("button", name="was wrong").click()
    until(page, lambda: coming)
    expect(last.get_by_role("button", name="was right")).to_be_disabled()
    coming.pop().fallback()
    expect(page.locator("#done")).to_contain_text("filed as something else")
    threshold = slider.input_value()
    slider.press("End")
    expect(last).not_to_contain_text(word)
    slider.fill(threshold)
    expect(last).to_contain_text(word)
    expect(last.get_by_role("button", name="was right")).to_be_disabled()
    ((url, body),) = sent
    assert "label=_unknown_" in url and "cut=false" in url
    clip, rate = soundfile.read(io.BytesIO(body), dtype="int16")
    end = 160 * frame + 400
    assert rate == 16_000
    assert clip.tolist() == demo()[end - 24_000 : end + 8_000].tolist()
    last.get_by_role("button", name="Play").click()
    expect(page.locator("#notice")).to_be_hidden()


def test_a_file_that_comes_before_the_model_is_refused_and_the_model_comes(page: Page, live: Live) -> None:
    coming = held(page, r"projects/hey_lumen/runs/1/download\?format=bin")
    step(page, live.url, "train")
    page.get_by_role("link", name="Try", exact=True).click()
    until(page, lambda: coming)
    page.locator("#try .drop-zone").evaluate("""zone => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["RIFF"], "early.wav"));
      zone.dispatchEvent(new DragEvent("drop", { dataTransfer }));
    }""")
    expect(page.locator("#notice")).to_have_text("Wait until the model is here, then drop the file again.")
    coming.pop().fallback()
    expect(page.get_by_role("slider", name="Threshold")).to_be_enabled()


def test_a_file_that_is_no_sound_is_refused_in_a_line(page: Page, live: Live, tmp_path: Path) -> None:
    (tmp_path / "lie.wav").write_bytes(b"RIFF and nothing")
    _try(page, live)
    page.locator("#try-file").set_input_files(tmp_path / "lie.wav")
    expect(page.locator("#notice")).to_contain_text("this browser can't read the file")
    expect(page.locator("#done")).to_have_text("")


def test_the_report_tells_the_verdict_and_what_it_is_taken_from(page: Page, live: Live) -> None:
    step(page, live.url, "report")
    expect(page.locator(".verdict")).to_have_text("Not good enough: it misses one in ten.")
    expect(page.locator("#report")).to_contain_text("Takes of your own would help most.")
    expect(page.get_by_role("img", name="Misses over false accepts an hour")).to_be_visible()
    expect(page.get_by_role("table", name="Misses by voice")).to_contain_text("af_heart")
    expect(page.locator("#report")).to_contain_text("In training 3: 20 % missed")
    expect(page.locator("#report")).to_contain_text("A phrase was raised once in 30 min of your recordings")
    expect(page.locator("#report")).to_contain_text(
        "of training 3, in the same recordings: 12.00 false accepts an hour."
    )
    expect(page.locator("#report")).to_contain_text(
        "Their clips still wake it: 1 of 10 that it was trained on, 1 of 2 that were kept from training"
        " (95 % interval 9.0 % to 91 %). They woke the model of training 3: 9 and 2."
    )
    expect(page.locator("#report")).to_contain_text("10 recordings added")
    with page.expect_request("**/speech?phrase=hey+human&engine=espeak-ng*"):
        page.get_by_role("button", name="Hear hey human").click()


def test_a_report_of_which_nothing_is_known_says_so(page: Page, live: Live) -> None:
    nothing = {"share": None, "count": 0, "of": 0, "low": None, "high": None}
    never = {"count": 0, "per_hour": None, "low": None, "high": None}
    by: dict[str, list[Any]] = {"voice": [], "speaker": [], "noise": []}
    word = {"word": "hey lumen", "threshold": 0.9, "misses": nothing, "false_accepts": never, "curve": [], "by": by}
    words = [{**word, "nearest": []}]
    negatives = {**REPORT["negatives"], **never, "hours": 0.0, "before": None}
    report = {**REPORT, "hours": 0.0, "words": words, "negatives": negatives, "filed": None, "before": None}
    made_up(page, "projects/hey_lumen/runs/1/report", report)
    step(page, live.url, "report")
    expect(page.locator("#report")).to_contain_text(
        "no clip was kept from training to tell its misses by; nothing tells"
    )
    expect(page.locator("#report")).to_contain_text("They tell no false accepts: a phrase is said in all of them.")


def test_a_training_shows_how_good_the_model_becomes(page: Page, live: Live) -> None:
    step(page, live.url, "train")
    row = page.locator("[data-run='2']")
    expect(row).to_contain_text("After epoch 10 it misses 5.0 %, at 1.0 false accepts an hour.")
    expect(row.get_by_role("img", name="How misses and false accepts an hour develop")).to_be_visible()


def test_a_step_without_a_model_says_that_one_is_to_be_trained(page: Page, live: Live) -> None:
    made_up(page, "projects/hey_lumen/runs", [{**RUN, "state": "failed", "message": "the disk is full"}])
    step(page, live.url, "along")
    expect(page.locator("#along .of-run")).to_have_text("There is no model yet. Train one first.")
    expect(page.get_by_role("button", name="Download Model")).to_be_hidden()


def test_another_training_is_chosen_and_stays_chosen_over_a_reload(page: Page, live: Live) -> None:
    made_up(page, "projects/hey_lumen/runs", [RUN, {**RUN, "number": 2}])
    made_up(page, "projects/hey_lumen/runs/2/report", {"detail": "run 2 has no report"}, 404)
    step(page, live.url, "report")
    expect(page.locator("#notice")).to_have_text("run 2 has no report")
    page.get_by_role("combobox", name="Of").select_option("training 1")
    expect(page.locator(".verdict")).to_be_visible()
    page.reload()
    expect(page.locator(".verdict")).to_be_visible()
    expect(page.get_by_role("combobox", name="Of")).to_have_value("1")


def test_a_model_is_downloaded_under_the_name_that_the_service_gives(page: Page, live: Live) -> None:
    name = {"Content-Disposition": 'attachment; filename="hey_lumen.zip"'}
    made_up_bytes(page, r"projects/hey_lumen/runs/1/download\?format=arduino&board=pico", b"a sketch", **name)
    step(page, live.url, "along")
    page.get_by_role("combobox", name="Board").select_option("Raspberry Pi Pico")
    expect(page.locator("#flash")).to_have_text('wakeword flash --board pico --model "hey_lumen.safetensors"')
    with page.expect_download() as loaded:
        page.get_by_role("button", name="Download Arduino sketch").click()
    assert loaded.value.suggested_filename == "hey_lumen.zip"
    assert loaded.value.path().read_bytes() == b"a sketch"
    made_up(
        page,
        r"projects/hey_lumen/runs/1/download\?format=onnx&board=pico",
        {"detail": "onnx is missing: pip install '.[onnx]'"},
        422,
    )
    page.get_by_role("button", name="Download ONNX").click()
    expect(page.locator("#notice")).to_have_text("onnx is missing: pip install '.[onnx]'")
    expect(page.locator("#done")).to_have_text("")


def test_a_model_is_activated(page: Page, live: Live) -> None:
    made_up(page, "projects/hey_lumen/runs/1/activate", PROJECT, method="POST")
    step(page, live.url, "along")
    page.get_by_role("button", name="Let this service listen with it").click()
    expect(page.locator("#done")).to_have_text("This service now listens with the model.")
