"""The studio's page with people in a hurry: two pages of a project, double clicks, answers that come late or never."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.service.live import Live
from tests.service.studio_pages import (
    HEARD,
    PROJECT,
    REPORT,
    RUN,
    TAKE,
    all_made_up,
    held,
    made_up,
    no_projects,
    opened,
    step,
    until,
)  # fmt: skip

PROJECTS = "/api/studio/projects"
LUMEN = f"{PROJECTS}/hey_lumen"
AWAY = "the service can't be reached; is it running?"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as page:
        made_up(page, r"advice\?.*", {})  # whose process takes a while to begin, as that of the estimate
        made_up(page, "projects/hey_lumen/estimate", {"seconds": 60.0, "bytes": 1e6})
        yield page


@pytest.fixture
def project(live: Live) -> Iterator[str]:
    """The only project of the service."""
    live.http.post(PROJECTS, json={"phrases": ["hey lumen"]}).raise_for_status()
    yield "hey_lumen"
    no_projects(live)


@pytest.fixture
def told(page: Page) -> Page:
    """A page whose answers are made up."""
    all_made_up(page)
    return page


def _go(page: Page, title: str) -> None:
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.locator("#steps [aria-current]")).to_have_text(title)


def _wav(name: str) -> FilePayload:
    return {"name": name, "mimeType": "audio/wav", "buffer": b"RIFF"}


def test_two_pages_of_a_project_keep_each_others_changes(page: Page, live: Live, project: str) -> None:
    def other(*refused: str) -> None:
        live.http.put(LUMEN, json={"refused": refused}).raise_for_status()

    def refuse(phrase: str, *all_of_them: str) -> None:
        page.get_by_role("button", name="Add a phrase to refuse").click()
        page.keyboard.type(phrase)
        page.keyboard.press("Enter")
        rows = page.locator("#refused").get_by_role("textbox")
        expect(rows).to_have_count(len(all_of_them))
        until(page, lambda: live.http.get(LUMEN).json()["refused"] == list(all_of_them))
        assert [rows.nth(at).input_value() for at in range(len(all_of_them))] == list(all_of_them)

    step(page, live.url, "train")
    other("hey human")
    page.get_by_role("combobox", name="Size").select_option("2 KB")
    until(page, lambda: live.http.get(LUMEN).json()["size"] == "2")
    assert live.http.get(LUMEN).json()["refused"] == ["hey human"]
    _go(page, "Negatives")
    other("hey human", "hey woman")
    refuse("hey roman", "hey human", "hey roman", "hey woman")
    other("hey roman")
    refuse("hey german", "hey roman", "hey german")


def test_what_could_not_be_stored_is_still_there_and_is_sent_again(page: Page, live: Live, project: str) -> None:
    typed = page.get_by_role("textbox", name="Phrase", exact=True)
    step(page, live.url, "phrase")
    page.route(f"**{LUMEN}", lambda route: route.abort())
    typed.fill("hey luna")
    expect(page.locator("#notice")).to_have_text(AWAY)
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#notice")).to_have_text(AWAY)
    typed.press("End")
    page.keyboard.type("r")
    _go(page, "Takes")  # by a click, which the notice of what was typed doesn't move
    _go(page, "Phrase")
    expect(typed).to_have_value("hey lunar")
    page.unroute(f"**{LUMEN}")
    typed.press("Enter")
    until(page, lambda: live.http.get(LUMEN).json()["phrases"] == ["hey lunar"])
    expect(page.locator("#notice")).to_be_hidden()


def test_what_could_not_be_stored_is_sent_again_when_its_project_is_left(page: Page, live: Live, project: str) -> None:
    made_up(page, "projects/other", {**PROJECT, "id": "other"})
    step(page, live.url, "phrase")
    page.route(f"**{LUMEN}", lambda route: route.abort())
    page.get_by_role("textbox", name="Phrase", exact=True).fill("hey luna")
    expect(page.locator("#notice")).to_have_text(AWAY)
    page.unroute(f"**{LUMEN}")
    page.evaluate("location.hash = '#other/phrase'")
    until(page, lambda: live.http.get(LUMEN).json()["phrases"] == ["hey luna"])


def test_a_double_click_does_it_once(told: Page, live: Live) -> None:
    made, deleted = held(told, "projects", "POST"), held(told, "projects/hey_lumen/takes/t1", "DELETE")
    told.goto(f"{live.url}/studio/")
    told.get_by_label("A new phrase").fill("hey lumen")
    told.get_by_role("button", name="Begin").dblclick()
    step(told, live.url, "takes")
    told.get_by_role("button", name="Throw away hey lumen by ada").dblclick()
    until(told, lambda: made and deleted)
    assert (len(made), len(deleted)) == (1, 1)
    deleted[0].fulfill(status=404, body="{}")  # another page has thrown it away meanwhile
    expect(told.locator(".take")).to_have_count(0)
    expect(told.locator("#notice")).to_be_hidden()


def test_a_late_answer_of_a_project_is_not_shown_in_the_next(told: Page, live: Live) -> None:
    made_up(told, "projects/other", {**PROJECT, "id": "other"})
    made_up(told, "projects/other/takes", [])
    made_up(told, "projects/other/negatives", [{"name": "other.flac", "seconds": 60.0, "bytes": 1_000_000}])
    made_up(told, "projects/other/runs", [])
    made_up(told, r"projects/other/verdicts\?.*", {"verdicts": [], "count": 0, "next": None})
    made_up(told, "inbox", [{"id": "c1", "at": 1795327200.0, "source": "", "name": "porch.wav", "seconds": 2.0}])
    step(told, live.url, "train")
    late = held(told, r"projects/hey_lumen/(negatives|runs|verdicts\?.*)")
    _go(told, "Negatives")
    until(told, lambda: len({route.request.url for route in late}) == 3)
    told.evaluate("location.hash = '#other/negatives'")
    rows = told.locator("#negative-list li")
    expect(rows).to_contain_text("other.flac")
    expect(told.locator("#inbox li")).to_contain_text("porch.wav")
    for route in late:
        route.fallback()
    told.wait_for_timeout(200)  # in which they might be shown
    expect(rows).to_contain_text("other.flac")
    expect(told.locator("#heard .of-run")).to_have_text("There is no model yet. Train one first.")
    expect(told.locator("#verdict-list li")).to_have_count(0)


def test_a_list_that_is_asked_for_twice_is_shown_once(told: Page, live: Live) -> None:
    made_up(told, r"projects/hey_lumen/takes\?.*", {"takes": [TAKE], "left_out": []}, 201, "POST")
    step(told, live.url, "train")
    verdicts, takes = held(told, r"projects/hey_lumen/verdicts\?.*"), held(told, "projects/hey_lumen/takes")
    _go(told, "Negatives")
    _go(told, "Train")
    _go(told, "Negatives")
    until(told, lambda: len(verdicts) == 2)
    for route in verdicts:
        route.fallback()
    expect(told.locator("#verdict-list li")).to_have_count(2)
    _go(told, "Takes")
    told.locator("#take-files").set_input_files(_wav("a.wav"))
    expect(told.locator("#done")).to_have_text("1 taken.")
    takes.pop().fallback()  # which has the take already
    until(told, lambda: takes)
    takes.pop().fallback()
    expect(told.locator(".take")).to_contain_text("it clips")
    expect(told.locator(".take")).to_have_count(1)


def test_another_training_is_chosen_before_the_first_is_there(told: Page, live: Live) -> None:
    made_up(told, "projects/hey_lumen/runs", [RUN, {**RUN, "number": 2}])
    made_up(told, "projects/hey_lumen/runs/2/report", {**REPORT, "verdict": "Of training 2."})
    made_up(
        told,
        r"projects/hey_lumen/runs/2/heard\?.*",
        {**HEARD, "number": 2, "recordings": [], "all": {"per_hour": None}},
    )
    late = held(told, "projects/hey_lumen/runs/2/report")
    step(told, live.url, "train")
    _go(told, "Report")
    until(told, lambda: late)
    told.get_by_role("combobox", name="Of").select_option("training 1")
    expect(told.locator(".verdict")).to_have_text(REPORT["verdict"])
    late.pop().fallback()
    told.wait_for_timeout(200)  # in which it might be shown
    expect(told.locator(".verdict")).to_have_text(REPORT["verdict"])
    judged = held(told, "projects/hey_lumen/runs/1/heard/.*/verdict", "POST")
    _go(told, "Negatives")
    told.locator("#heard-list li").first.get_by_role("button", name="Ignore").click()
    until(told, lambda: judged)
    told.locator("#heard .of-run select").select_option("training 2")
    expect(told.locator("#heard-state")).not_to_contain_text("false accepts")
    judged.pop().fulfill(json={})
    expect(told.locator("#done")).to_have_text("It is ignored.")
    expect(told.locator("#heard-state")).not_to_contain_text("false accepts")


def test_the_estimate_is_that_of_the_size_that_was_chosen_last(told: Page, live: Live) -> None:
    sent: list[Any] = []
    made_up(told, "projects/hey_lumen", {**PROJECT, "size": "3"})
    made_up(told, "projects/hey_lumen", {**PROJECT, "size": "1"}, 200, "PUT", sent)
    step(told, live.url, "train")
    size = told.get_by_role("combobox", name="Size")
    expect(size).to_have_value("3")  # which the page doesn't offer
    estimates = held(told, "projects/hey_lumen/estimate")
    for chosen in ("1 KB", "10 KB"):
        with told.expect_request("**/estimate"):
            size.select_option(chosen)
    until(told, lambda: len(estimates) == 2)
    assert [json.loads(body) for _, body in sent] == [{"size": "1"}, {"size": "10"}]
    estimates[1].fulfill(json={"seconds": 600.0, "bytes": 1e9})
    expect(told.locator("#estimate")).to_contain_text("about 10 min")
    estimates[0].fulfill(json={"seconds": 60.0, "bytes": 1e9})
    told.wait_for_timeout(200)  # in which it might be shown
    expect(told.locator("#estimate")).to_contain_text("about 10 min")


def test_a_take_of_another_word_is_trimmed_as_fast_as_the_keys(told: Page, live: Live) -> None:
    take = {**TAKE, "label": "cat"}
    made_up(told, "projects/hey_lumen/takes", [take])
    sent = held(told, "projects/hey_lumen/takes/t1", "PATCH")
    step(told, live.url, "takes")
    told.get_by_role("button", name="Trim").click()
    begins = told.get_by_role("slider", name="Begins")
    for _ in range(3):
        begins.press("ArrowRight")
    until(told, lambda: sent)
    assert json.loads(sent[0].request.post_data or "") == {"begin": 0.31}
    sent[0].fulfill(json={**take, "begin": 0.31})
    until(told, lambda: len(sent) == 2)
    assert json.loads(sent[1].request.post_data or "") == {"begin": 0.33}
    expect(begins).to_have_value("0.33")
    sent[1].fulfill(json={**take, "begin": 0.33})
    expect(told.get_by_role("combobox", name="What is said").last).to_have_value("cat")
    expect(begins).to_have_value("0.33")


def test_files_are_counted_apart_from_what_is_left_out_of_them(told: Page, live: Live) -> None:
    left_out = [{"begin": 1.0 * n, "end": 1.0 * n + 0.2, "reason": "too short for the phrase"} for n in range(5)]
    made_up(told, r"projects/hey_lumen/takes\?.*", {"takes": [TAKE], "left_out": left_out}, 201, "POST")
    made_up(told, r"projects/hey_lumen/takes\?.*lie.wav", {"detail": "it is no audio"}, 415, "POST")
    step(told, live.url, "takes")
    told.locator("#take-files").set_input_files([_wav("five.wav"), _wav("lie.wav")])
    expect(told.locator("#done")).to_have_text("1 of 2 are taken; the others are named here.")
    expect(told.locator("#take-errors li")).to_have_count(6)


def test_what_could_not_be_loaded_is_loaded_by_the_same_link(told: Page, live: Live) -> None:
    told.goto(f"{live.url}/studio/")
    told.route(f"**{LUMEN}", lambda route: route.abort())
    link = told.get_by_role("link", name="hey lumen")
    link.click()
    expect(told.locator("#notice")).to_have_text(AWAY)
    told.unroute(f"**{LUMEN}")
    link.click()
    expect(told.get_by_role("heading", name="Phrase", exact=True)).to_be_visible()
    expect(told.locator("#notice")).to_be_hidden()


def test_a_project_that_is_gone_leads_to_the_others(told: Page, live: Live) -> None:
    told.goto(f"{live.url}/studio/#nobody/takes")
    expect(told.get_by_role("link", name="hey lumen")).to_be_visible()
    expect(told.locator("#notice")).to_contain_text("there is no project 'nobody'")


def test_a_project_that_is_deleted_slowly_leaves_the_page_where_it_is(told: Page, live: Live) -> None:
    deleted = held(told, "projects/torn", "DELETE")
    told.goto(f"{live.url}/studio/")
    told.get_by_role("button", name="Delete torn").click()
    told.get_by_role("dialog").get_by_role("button", name="Delete").click()
    until(told, lambda: deleted)
    told.get_by_role("link", name="hey lumen").click()
    expect(told.get_by_role("heading", name="Phrase", exact=True)).to_be_visible()
    with told.expect_response("**/projects/torn"):
        deleted[0].fulfill(status=204)
    told.wait_for_timeout(200)  # in which the list might be shown
    expect(told.get_by_role("heading", name="Phrase", exact=True)).to_be_visible()


def test_a_hearing_is_followed_over_a_restart_of_the_service(told: Page, live: Live) -> None:
    going = {**HEARD, "hearing": {"state": "running", "fraction": 0.5, "message": ""}}
    made_up(told, r"projects/hey_lumen/runs/1/heard\?.*", going)
    told.clock.install()
    step(told, live.url, "negatives")
    expect(told.locator("#heard-state")).to_contain_text("50 % are heard.")
    path = "**/runs/1/heard?*"
    told.route(path, lambda route: route.abort())
    told.clock.run_for(1_000)
    expect(told.locator("#heard-state")).to_have_text(AWAY)
    told.unroute(path)
    made_up(told, r"projects/hey_lumen/runs/1/heard\?.*", HEARD)
    told.clock.run_for(5_000)
    expect(told.locator("#heard-state")).to_contain_text("4 false accepts")
    expect(told.locator("#hearing")).to_be_hidden()
