"""The dashboard in a real browser: microphone, spectrogram, events, verdicts, thresholds, access."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect

from bench.chromium import chromium
from service.settings import Settings
from service.tokens import new_token, token_hash
from tests.service.live import Live, running, settings, words_of_demo
from tests.signals import demo
from tests.waits import PATIENCE, until
from wakeword.audio.files import write_wav
from wakeword.data.speech_commands import list_clips

CHROMIUM = shutil.which("chromium")
expect.set_options(1000 * PATIENCE)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, whose microphone plays the demo recording in a loop."""
    tape = tmp_path_factory.mktemp("tape") / "demo.wav"
    write_wav(tape, demo())
    with chromium("--autoplay-policy=no-user-gesture-required", microphone=tape) as browser:
        yield browser


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with running(settings(tmp_path_factory.mktemp("data"), clips=True)) as live:
        yield live


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test on any error in its console."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    assert wrong == []


def _opened(page: Page, live: Live) -> None:
    page.goto(live.url)
    expect(page.locator("#connection")).to_have_text("connected")


@contextmanager
def _own_service(page: Page, chosen: Settings) -> Iterator[Live]:
    """A service that the page leaves before the service ends, so that no request fails then."""
    with running(chosen) as live:
        yield live
        page.goto("about:blank")


def test_audio_of_the_browsers_microphone_is_drawn_and_its_words_detected(page: Page, service: Live) -> None:
    _opened(page, service)
    page.get_by_role("button", name="Use this microphone").click()
    expect(page.locator("#source")).to_have_value("browser")
    row = page.locator(".event", has_text="browser").first
    expect(row.locator("strong")).to_have_text(words_of_demo()[0][0])
    colours = (
        "new Set(new Uint32Array(document.querySelector('#spectrogram').getContext('2d')"
        ".getImageData(0, 0, 600, 32).data.buffer)).size"
    )
    until(lambda: page.evaluate(colours) > 50)
    page.get_by_role("button", name="Stop this microphone").click()
    until(lambda: service.http.get("/api/sources").json() == [])
    stored = service.http.get("/api/events", params={"source": "browser"}).json()["events"]
    detected = [event["word"] for event in reversed(stored)]
    tape = [word for word, _ in words_of_demo()] * 3
    count = len(detected)
    assert detected in [
        tape[begin : begin + count] for begin in range(len(tape) // 3)
    ]  # it begins anywhere in the loop
    assert words_of_demo()[0][0] in detected


def test_new_events_and_older_ones_are_listed(page: Page, service: Live) -> None:
    service.push(demo(), "name=before")
    _opened(page, service)
    expect(page.locator(".event", has_text="before")).to_have_count(len(words_of_demo()))
    service.push(demo(), "name=after")
    expect(page.locator(".event.new", has_text="after")).to_have_count(len(words_of_demo()))
    drawn = page.locator(".event.new strong").all_inner_texts()
    assert drawn[::-1] == [word for word, _ in words_of_demo()]


def test_an_event_can_be_played_and_judged(page: Page, service: Live) -> None:
    service.push(demo()[:48_000], "name=hall")
    _opened(page, service)
    row = page.locator(".event", has_text="hall").first
    with page.expect_response(lambda response: response.url.endswith("clip?format=wav")) as played:
        row.get_by_role("button", name="Play").click()
    assert played.value.status in (200, 206)
    row.get_by_role("button", name="wrong").click()
    expect(row.get_by_role("button", name="wrong")).to_have_attribute("aria-pressed", "true")
    number = row.get_attribute("data-id")
    assert service.http.get(f"/api/events/{number}").json()["verdict"] == "wrong"


def test_a_missed_word_is_filed_for_training(page: Page, tmp_path: Path) -> None:
    with _own_service(page, settings(tmp_path)) as live, live.stream("name=den") as socket:
        with page.expect_response("**/api/sources/den/live"):  # from then on the page gets its blocks
            _opened(page, live)
        expect(page.locator("#source")).to_have_value("den")
        socket.send(demo()[:32_000].astype("<i2").tobytes())
        expect(page.locator("#level-text")).to_contain_text("dBFS")
        page.locator("#missed-word").select_option("stop")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        page.get_by_role("button", name="It missed me").dblclick()
        expect(page.locator("#missed output")).to_contain_text("stop/")
        assert len(sent) == 1
        (clip,) = list_clips(tmp_path / "feedback", "all")
        assert clip.word == "stop"


def _stored_threshold(live: Live, word: str) -> float:
    thresholds: dict[str, float] = {it["word"]: it["threshold"] for it in live.http.get("/api/words").json()}
    return thresholds[word]


def test_a_threshold_set_by_keyboard_shows_its_effect_and_is_stored(page: Page, tmp_path: Path) -> None:
    word = words_of_demo()[0][0]
    with _own_service(page, settings(tmp_path)) as live, live.stream("name=den") as socket:
        socket.send(demo()[:48_000].astype("<i2").tobytes())
        until(lambda: live.http.get("/api/events").json()["events"])
        _opened(page, live)
        row = page.locator(".word").filter(has_text=word).first
        slider = row.get_by_role("slider", name=f"Threshold of {word}", exact=True)
        slider.focus()
        page.keyboard.press("End")
        expect(row.locator(".what-if")).to_contain_text("0 events in the last 3 s; ")
        expect(row.get_by_role("button", name="Model's own")).to_be_visible()
        assert _stored_threshold(live, word) == pytest.approx(1, abs=0.001)
        row.get_by_role("button", name="Model's own").click()
        expect(row.get_by_role("button", name="Model's own")).to_be_hidden()


def _until_held(page: Page, held: list[Route]) -> None:
    """Wait until the page has made a request that the test holds back."""

    def is_held() -> bool:
        page.wait_for_timeout(10)
        return bool(held)

    until(is_held)


def test_a_slider_that_moves_again_before_the_response_stays_where_it_was_moved(page: Page, tmp_path: Path) -> None:
    word = words_of_demo()[0][0]
    with _own_service(page, settings(tmp_path)) as live:
        _opened(page, live)
        slider = page.get_by_role("slider", name=f"Threshold of {word}", exact=True)
        expect(slider).to_be_visible()
        held: list[Route] = []
        page.route("**/api/words", lambda route: held.append(route))
        slider.fill("0.995")
        slider.fill("0.99")
        _until_held(page, held)
        with page.expect_response("**/api/words"):
            held.pop(0).continue_()
        page.wait_for_timeout(200)  # in which the page might set the slider back
        assert slider.input_value() == "0.99"
        slider.fill("0.985")
        for _ in range(2):
            _until_held(page, held)
            held.pop(0).continue_()
        until(lambda: _stored_threshold(live, word) == pytest.approx(0.985, abs=0.001))
        assert slider.input_value() == "0.985"


def test_a_late_response_for_an_earlier_word_filter_is_not_shown(page: Page, tmp_path: Path) -> None:
    first, second = (word for word, _ in words_of_demo()[:2])
    with _own_service(page, settings(tmp_path)) as live:
        live.push(demo())
        _opened(page, live)
        held: list[Route] = []
        page.route(f"**/api/events?*word={first}", lambda route: held.append(route))
        for word in (first, second):
            page.locator("#feed-word").select_option(word)
        expect(page.locator(".event strong").first).to_have_text(second)
        with page.expect_response(f"**/api/events?*word={first}"):
            held[0].continue_()
        page.wait_for_timeout(200)  # in which the page might show them
        assert set(page.locator(".event strong").all_inner_texts()) == {second}


def test_the_page_goes_on_with_a_service_that_was_away(browser: Browser, tmp_path: Path) -> None:
    page, word, refused = browser.new_page(), words_of_demo()[0][0], list[str]()

    def refuse(route: Route) -> None:
        if refused:
            route.fallback()
        else:
            refused.append(route.request.url)
            route.fulfill(status=404)  # the source isn't there again yet

    page.clock.install()
    page.route("**/api/sources/den/live", refuse)
    with _own_service(page, settings(tmp_path)) as live, live.stream("name=den") as socket:
        _opened(page, live)
        page.route(f"**/api/events?*word={word}", lambda route: route.abort())
        page.locator("#feed-word").select_option(word)
        expect(page.locator("#notice")).to_have_text("the service can't be reached; is it running?")
        page.clock.run_for(2_000)  # after which it looks which sources there are
        for _ in range(1_000):
            socket.send(demo()[:1_600].astype("<i2").tobytes())
            page.wait_for_timeout(10)
            if "dBFS" in page.locator("#level-text").inner_text():
                break
        socket.send(demo()[:48_000].astype("<i2").tobytes())
        expect(page.locator(".event strong").first).to_have_text(word)
        expect(page.locator("#level-text")).to_contain_text("dBFS")
    page.close()


def test_the_page_asks_for_the_token_and_reports_a_wrong_one(browser: Browser, tmp_path: Path) -> None:
    token = new_token(tmp_path)
    with running(settings(tmp_path, host="0.0.0.0"), token_hash(tmp_path)) as live:
        page = browser.new_context().new_page()
        page.goto(live.url.replace("0.0.0.0", "127.0.0.1"))
        for text in ("a guess", token):
            page.get_by_role("textbox", name="Token").fill(text)
            page.get_by_role("button", name="Log in").click()
            if text != token:
                expect(page.locator(".problem")).to_have_text(
                    "this is not the token; wakeword serve --new-token makes another"
                )
        expect(page.locator("#connection")).to_have_text("connected")
        page.reload()
        expect(page.locator("#connection")).to_have_text("connected")
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_in_light_and_dark(browser: Browser, service: Live, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(service.url)
    expect(page.locator("#connection")).to_have_text("connected")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(ground.split("(")[1].split(",")[0]) < 128) == (scheme == "dark")
    context.close()


def test_the_page_loads_nothing_from_other_hosts(page: Page, service: Live) -> None:
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    _opened(page, service)
    assert urls and all(url.startswith(service.url) for url in urls)


def _tab_to(page: Page, control: Locator) -> None:
    for _ in range(100):
        if control.evaluate("control => control === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab doesn't lead to {control}")


def test_everything_works_by_keyboard_alone(page: Page, tmp_path: Path) -> None:
    with _own_service(page, settings(tmp_path, clips=True)) as live:
        live.push(demo()[:48_000], "name=hall")
        _opened(page, live)
        _tab_to(page, page.locator("#microphone"))
        page.keyboard.press("Enter")
        expect(page.locator("#source")).to_have_value("browser")
        until(lambda: live.http.get("/api/sources").json()[0]["seconds"] > 1)
        row = page.locator(".event", has_text="hall").first
        _tab_to(page, page.locator("#missed button"))
        page.keyboard.press("Enter")
        expect(page.locator("#missed output")).to_contain_text("Filed as")
        _tab_to(page, page.locator("#microphone"))
        page.keyboard.press("Space")
        until(lambda: live.http.get("/api/sources").json() == [])
        _tab_to(page, row.locator(".play"))
        with page.expect_response(lambda response: response.url.endswith("clip?format=wav")):
            page.keyboard.press("Enter")
        _tab_to(page, row.locator(".wrong"))
        page.keyboard.press("Enter")
        expect(row.locator(".wrong")).to_have_attribute("aria-pressed", "true")
        slider = page.get_by_role("slider").first
        _tab_to(page, slider)
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".word .reset").first).to_be_visible()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(browser: Browser, service: Live, scheme: str, width: int) -> None:
    """By the rules of axe-core: contrast, names, roles, landmarks, order."""
    service.push(demo()[:48_000], "name=hall")
    context = browser.new_context(viewport={"width": width, "height": 860}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    _opened(page, service)
    page.get_by_role("slider").first.press("ArrowLeft")
    expect(page.locator(".what-if").first).to_contain_text("in the last")
    page.get_by_role("button", name="Model's own").first.click()
    found = Axe().run(page).response["violations"]
    context.close()
    assert [(it["id"], it["nodes"][0]["html"]) for it in found] == []
