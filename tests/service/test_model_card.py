"""The card of a model: with the report of the training that made it, wherever the model goes in the service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from bench.chromium import chromium
from tests.service.live import Live, running, settings
from tests.service.studio_pages import opened
from tests.wakeword.model.test_measured import report
from tests.wakeword.models import random_model
from wakeword.model.file import Model, write_model
from wakeword.model.measured import report_of, with_report
from wakeword.model.pretrained import load_model
from wakeword.projects.library import create_project
from wakeword.projects.runs import new_run


def _measured() -> Model:
    return with_report(random_model(1, words=1).with_thresholds({"word0": 0.9}), report())


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A service with a run that is done, and a model of one's own that is called as a shipped one."""
    data = tmp_path_factory.mktemp("data")
    run = new_run(create_project(data / "projects", {"phrases": ["word0"]}).folder)
    write_model(_measured(), run.model)
    run.mark("done")
    (data / "models").mkdir()
    write_model(load_model(), data / "models/digits10.safetensors")
    (data / "models/torn.safetensors").write_text("torn")
    with running(settings(data)) as live:
        yield live


def _rows(live: Live, model: str) -> dict[str, str]:
    answer = live.http.get(f"/api/models/{model}/card")
    assert answer.status_code == 200, answer.text
    return {row["title"]: row["text"] for row in answer.json()["rows"]}


def test_an_activated_model_has_the_report_of_its_training(live: Live) -> None:
    model = live.http.post("/api/studio/projects/word0/runs/1/activate").json()["id"]
    rows = _rows(live, model)
    assert rows["verdict"] == "Good enough: it missed 5 of 50 clips of 'word0'."
    assert rows["misses"] == "word0 at 0.90: 5 of 50 clips that were kept from training, 10.0% (4.3% to 21.4%)"
    card = live.http.get(f"/api/models/{model}/card").json()
    assert (card["good"], card["words"][0]["misses"], len(card["words"][0]["curve"])) == (True, 0.1, 24)


def test_a_downloaded_model_has_it_too(live: Live, tmp_path: Path) -> None:
    answer = live.http.get("/api/studio/projects/word0/runs/1/download", params={"format": "model"})
    (tmp_path / "word0.safetensors").write_bytes(answer.content)
    kept = report_of(load_model(str(tmp_path / "word0.safetensors")))
    assert kept is not None and kept.verdict == report()["verdict"]


def test_the_card_of_a_shipped_model_has_its_figures(live: Live) -> None:
    card = live.http.get("/api/models/google12/card").json()
    assert (card["good"], card["words"]) == (None, [])
    assert "right" in _rows(live, "google12") and "made by" in _rows(live, "google12")


def test_another_model_of_its_name_has_not(live: Live) -> None:
    assert "right" not in _rows(live, "digits10")


def test_a_model_that_is_not_there_or_damaged_has_a_line(live: Live) -> None:
    answer = live.http.get("/api/models/nobody/card")
    assert answer.status_code == 404 and answer.json()["detail"].startswith("there is no model 'nobody'")
    answer = live.http.get("/api/models/torn/card")
    assert answer.status_code == 422 and "truncated or no model" in answer.json()["detail"]


def test_the_dashboard_shows_a_card_and_draws_its_curve(live: Live) -> None:
    model = live.http.post("/api/studio/projects/word0/runs/1/activate").json()["id"]
    for width, scheme in ((1280, "light"), (390, "dark")):
        with chromium() as browser, opened(browser, width, color_scheme=scheme) as page:
            page.goto(live.url)
            button = page.get_by_role("button", name=f"Card of {model}")
            button.focus()
            page.keyboard.press("Enter")
            expect(button).to_have_attribute("aria-expanded", "true")
            row = page.locator(".model", has_text=model)
            expect(row.locator("dl")).to_contain_text("Good enough: it missed 5 of 50 clips of 'word0'.")
            expect(row.get_by_role("img", name="Misses of word0 over false accepts an hour")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            wrong = Axe().run(page).response["violations"]
            assert not wrong, [(it["id"], it["nodes"][0]["html"]) for it in wrong]
            page.keyboard.press("Enter")
            expect(row.locator("dl")).to_be_hidden()
