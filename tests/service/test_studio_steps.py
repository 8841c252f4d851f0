"""The steps of the studio's page as somebody goes through them, by the service; the trainings are short ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bench.chromium import chromium
from service.studio import jobs
from tests.service import fake_training
from tests.service.fake_training import let_go
from tests.service.live import Live, running, settings
from tests.service.studio_pages import FLAG, no_projects, opened, step, until

PROJECTS = "/api/studio/projects"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(FLAG) as browser:
        yield browser


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def service(data: Path) -> Iterator[Live]:
    """A service whose trainings take as long as the test wants."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "of_wakeword", fake_training.of_arguments)
        patch.setattr(jobs, "NICE", 0)
        with running(settings(data)) as live:
            yield live


@pytest.fixture
def live(service: Live) -> Iterator[Live]:
    """The service without any project."""
    yield service
    no_projects(service)


@pytest.fixture
def page(browser: Browser, live: Live) -> Iterator[Page]:
    with opened(browser) as page:
        yield page


def _project(live: Live, *phrases: str) -> str:
    made = live.http.post(PROJECTS, json={"phrases": phrases or ["hey lumen"]})
    assert made.status_code == 201, made.text
    name: str = made.json()["id"]
    return name


def test_a_phrase_is_typed_heard_and_said_in_another_way(page: Page, live: Live) -> None:
    page.goto(f"{live.url}/studio/")
    page.get_by_label("A new phrase").fill("hé lumen")
    page.reload()
    expect(page.get_by_label("A new phrase")).to_have_value("hé lumen")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("textbox", name="Phrase", exact=True)).to_have_value("hé lumen")
    expect(page.locator(".phonemes")).to_contain_text("lˈuːm")
    expect(page.get_by_text("in American English")).to_be_visible()  # for which its letters are taken
    with page.expect_response("**/api/studio/speech?*engine=espeak-ng*") as spoken:
        page.get_by_role("button", name="by espeak-ng").click()
    assert spoken.value.status == 200
    with page.expect_response(lambda response: response.request.method == "PUT"):
        page.get_by_label("Said as").fill("hay loomen")
    page.reload()
    expect(page.get_by_label("Said as")).to_have_value("hay loomen")
    (project,) = live.http.get(PROJECTS).json()
    assert (project["phrases"], project["say"]) == (["hé lumen"], ["hé lumen=hay loomen"])


def test_a_change_that_is_refused_is_explained_and_not_stored(page: Page, live: Live) -> None:
    name = _project(live)
    step(page, live.url, "phrase", name)
    page.get_by_role("textbox", name="Phrase", exact=True).fill("")
    expect(page.locator("#notice")).to_contain_text("phrases")
    page.reload()
    expect(page.get_by_role("textbox", name="Phrase", exact=True)).to_have_value("hey lumen")
    page.get_by_role("button", name="Add a phrase").click()
    page.keyboard.type("hey lumen too")
    until(page, lambda: live.http.get(f"{PROJECTS}/{name}").json()["phrases"] == ["hey lumen", "hey lumen too"])
    expect(page.locator("#phrase-advice")).to_contain_text("hey lumen")


def test_a_phrase_to_refuse_is_stored_and_a_phrase_itself_is_not(page: Page, live: Live) -> None:
    name = _project(live)
    step(page, live.url, "negatives", name)
    page.get_by_role("button", name="Add a phrase to refuse").click()
    page.keyboard.type("hey human")
    until(page, lambda: live.http.get(f"{PROJECTS}/{name}").json()["refused"] == ["hey human"])
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("hey lumen")
    expect(page.locator("#notice")).to_contain_text("can't be refused: it is the phrase")
    assert live.http.get(f"{PROJECTS}/{name}").json()["refused"] == ["hey human"]


def test_a_training_is_followed_paused_resumed_and_done_over_reloads(page: Page, live: Live, data: Path) -> None:
    name = _project(live)
    folder = data / "projects" / name
    step(page, live.url, "train", name)
    expect(page.locator("#estimate")).to_contain_text("It will take about")
    page.get_by_role("button", name="Start the training").click()
    row = page.locator("[data-run='1']")
    expect(row).to_have_attribute("data-state", "running")
    let_go(folder, 1)
    expect(row).to_contain_text("sparse, 33 %, about 2 s left")
    page.reload()
    expect(row).to_contain_text("sparse, 33 %")
    row.get_by_role("button", name="Pause").click()
    expect(row).to_have_attribute("data-state", "paused")
    page.reload()
    row.get_by_role("button", name="Go on").click()
    expect(row).to_have_attribute("data-state", "running")
    page.get_by_role("link", name="Takes", exact=True).click()  # whichever step is shown, the end is told
    page.reload()
    expect(page.get_by_role("heading", name="No takes yet")).to_be_visible()
    let_go(folder)
    expect(page.locator("#done")).to_have_text("Training 1 of hey lumen is done.")
    page.get_by_role("link", name="Train", exact=True).click()
    expect(row).to_have_attribute("data-state", "done")


def test_trainings_wait_in_turn_and_are_cancelled_and_deleted(page: Page, live: Live) -> None:
    name = _project(live)
    step(page, live.url, "train", name)
    for number in (1, 2):
        page.get_by_role("button", name="Start the training").click()
        expect(page.locator(f"[data-run='{number}']")).to_be_visible()
    expect(page.locator("[data-run='1']")).to_have_attribute("data-state", "running")
    second = page.locator("[data-run='2']")
    expect(second).to_contain_text("waits for its turn")
    second.get_by_role("button", name="Cancel").click()
    expect(second).to_have_attribute("data-state", "cancelled")
    second.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    expect(second).to_be_visible()
    second.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(second).to_have_count(0)
    assert [run["number"] for run in live.http.get(f"{PROJECTS}/{name}/runs").json()] == [1]


def test_a_training_that_fails_says_why_in_its_line(page: Page, live: Live, data: Path) -> None:
    name = _project(live)
    folder = data / "projects" / name
    (folder / "fault").write_text("fail there is no voice; install espeak-ng")
    let_go(folder)
    step(page, live.url, "train", name)
    page.get_by_role("button", name="Start the training").click()
    row = page.locator("[data-run='1']")
    expect(row).to_have_attribute("data-state", "failed")
    expect(row).to_contain_text("there is no voice; install espeak-ng")
    expect(row.get_by_role("button", name="Go on")).to_be_visible()


def test_a_project_is_deleted_after_a_question(page: Page, live: Live) -> None:
    _project(live)
    page.goto(f"{live.url}/studio/")
    page.get_by_role("button", name="Delete hey lumen").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("#no-projects")).to_be_visible()
    assert live.http.get(PROJECTS).json() == []


def _tab_to(page: Page, control: Locator) -> None:
    for _ in range(100):
        if control.evaluate("control => control === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab doesn't lead to {control}")


def test_a_training_is_begun_by_the_keyboard_alone(page: Page, live: Live) -> None:
    page.goto(f"{live.url}/studio/")
    _tab_to(page, page.get_by_label("A new phrase"))
    page.keyboard.type("hey lumen")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Phrase", exact=True)).to_be_focused()
    _tab_to(page, page.get_by_role("link", name="Train", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_focused()
    _tab_to(page, page.get_by_role("button", name="Start the training"))
    page.keyboard.press("Space")
    pause = page.get_by_role("button", name="Pause training 1")
    expect(pause).to_be_visible()
    _tab_to(page, pause)
    page.keyboard.press("Enter")
    go_on = page.get_by_role("button", name="Go on training 1")
    expect(go_on).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pause training 1")).to_be_focused()
