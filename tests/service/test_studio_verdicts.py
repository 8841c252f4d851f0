"""Verdicts of the service become takes of a project: what was raised by mistake, and what was missed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from playwright.sync_api import expect

from bench.chromium import chromium
from service.feedback import file_missed
from service.store.events import Event, EventStore
from service.studio.verdicts import Verdicts
from tests.service.live import Live, running, settings, words_of_demo
from tests.service.studio_pages import opened, step
from tests.signals import demo
from tests.spoken_rows import row, times
from wakeword.audio.files import decode, read_audio
from wakeword.data.speech_commands import list_clips, split_of
from wakeword.projects.filing import FALSE_ACCEPTS
from wakeword.projects.library import create_project

PROJECTS = "/api/studio/projects"
WORD = words_of_demo()[0][0]
LONG_AGO = 1.6e9  # when words were missed


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def live(data: Path) -> Iterator[Live]:
    """The service with the events of the demo recording, of which each of WORD was judged wrong."""
    with running(settings(data, clips=True)) as live:
        live.push(demo())
        for event in live.http.get("/api/events", params={"word": WORD}).json()["events"]:
            judge(live, event)
        live.http.post(PROJECTS, json={"phrases": [WORD, "hé lumen"]}).raise_for_status()
        yield live


@pytest.fixture
def path(live: Live) -> str:
    (project,) = live.http.get(PROJECTS).json()
    return f"{PROJECTS}/{project['id']}"


def judge(live: Live, event: dict[str, Any], verdict: str = "wrong") -> None:
    live.http.post(f"/api/events/{event['id']}/verdict", json={"verdict": verdict}).raise_for_status()


def missed(data: Path, word: str = "Hé_Lumen", count: int = 1, samples: Any = None, source: str = "my kitchen") -> None:
    """File words that were missed, as the service does."""
    for number in range(count):
        said = row(times(1)) if samples is None else samples
        file_missed(data / "feedback", word, source, said, LONG_AGO + number, 100)


def listed(live: Live, path: str, **query: Any) -> dict[str, Any]:
    answer = live.http.get(f"{path}/verdicts", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_false_accept_is_filed_as_other_speech_and_outlasts_its_event(live: Live, path: str, data: Path) -> None:
    wrong = listed(live, path)["verdicts"]
    assert [each["word"] for each in wrong] == [WORD] * sum(word == WORD for word, _ in words_of_demo())
    first = wrong[0]
    assert (first["verdict"], first["source"], first["model"]) == ("wrong", "kitchen", "google12")
    heard = decode(live.http.get(f"{path}/verdicts/{first['id']}/audio").content)

    filed = live.http.post(f"{path}/verdicts/{first['id']}/file")
    assert filed.status_code == 201, filed.text
    (take,) = filed.json()["takes"]
    for event in live.http.get("/api/events").json()["events"]:
        assert live.http.delete(f"/api/events/{event['id']}").status_code == 204

    assert (take["label"], take["speaker"], take["distance"]) == ("_unknown_", FALSE_ACCEPTS, "kitchen")
    (clip,) = list_clips(data / "projects" / path.rpartition("/")[2] / "recordings", "all")
    assert read_audio(clip.path).tolist() == heard.tolist()
    assert split_of(clip, None) == "training"


def test_a_missed_word_is_cut_into_takes_of_its_phrase(live: Live, path: str, data: Path) -> None:
    missed(data)
    last = listed(live, path)["verdicts"][-1]
    assert (last["verdict"], last["word"], last["source"], last["score"]) == ("missed", "hé lumen", "my kitchen", None)
    assert last["at"] == LONG_AGO
    (take,) = live.http.post(f"{path}/verdicts/{last['id']}/file").json()["takes"]
    assert (take["label"], take["speaker"]) == ("hé lumen", "my kitchen")
    assert take["whole_seconds"] > take["seconds"] >= 0.8


def test_what_is_filed_or_left_out_is_not_offered_again(data: Path, path: str, live: Live) -> None:
    missed(data)
    *wrong, last = [each["id"] for each in listed(live, path)["verdicts"]]
    assert live.http.delete(f"{path}/verdicts/{wrong[0]}").status_code == 204
    for _ in range(2):  # by two pages at once
        assert live.http.post(f"{path}/verdicts/{last}/file").status_code == 201
    assert [each["id"] for each in listed(live, path)["verdicts"]] == wrong[1:]
    assert len(live.http.get(f"{path}/takes").json()) == 1
    assert live.http.get(f"/api/events/{wrong[0].rpartition('e')[2]}").json()["verdict"] == "wrong"


def test_the_latest_come_first_page_by_page(live: Live, path: str, data: Path) -> None:
    missed(data, count=3)
    whole = listed(live, path)["verdicts"]
    assert [each["at"] for each in whole] == sorted((each["at"] for each in whole), reverse=True)
    seen: list[str] = []
    page = listed(live, path, limit=2)
    while True:
        assert page["count"] == len(whole) - len(seen) // 2  # of each page before, one was left out
        seen += [each["id"] for each in page["verdicts"]]
        live.http.delete(f"{path}/verdicts/{page['verdicts'][0]['id']}")
        if page["next"] is None:
            break
        page = listed(live, path, limit=2, cursor=page["next"])
    assert seen == [each["id"] for each in whole]


def test_verdicts_of_other_words_are_of_no_concern_to_a_project(live: Live, data: Path) -> None:
    other = next(word for word, _ in words_of_demo() if word != WORD)
    id = live.http.post(PROJECTS, json={"phrases": [other]}).json()["id"]
    missed(data)
    (data / "feedback" / "_unknown_" / "event-999.wav").write_bytes(b"of an event that is gone")
    (data / "feedback" / other).mkdir()
    (data / "feedback" / other / "20269999T000000000-x.wav").write_bytes(b"of a time that never was")
    assert listed(live, f"{PROJECTS}/{id}") == {"verdicts": [], "count": 0, "next": None}
    for event in live.http.get("/api/events", params={"word": other}).json()["events"]:
        judge(live, event, "right")  # which training by the feedback folder has for this
    assert listed(live, f"{PROJECTS}/{id}")["verdicts"] == []


def test_a_model_of_the_project_is_known_by_each_name_that_its_copies_get(data: Path) -> None:
    project = create_project(data / "own", {"phrases": ["hé lumen"]})
    verdicts = Verdicts(data, cast(EventStore, None), project)
    names = ["hé_lumen-3", "hé_lumen-3-2", "hé_lumen", "hé_lumen-3-2-1", "hé_lumen-x", "hey-3"]
    known = [name for name in names if verdicts._concerns(Event(0.0, "kitchen", "other", 1.0, 0.0, 0, name, 1))]
    assert known == names[:2]


def test_a_clip_in_which_nothing_sounds_stays_with_the_reason(live: Live, path: str, data: Path) -> None:
    missed(data, samples=np.zeros(16_000, np.int16), source="hé lumen")
    last = listed(live, path)["verdicts"][-1]["id"]
    refused = live.http.post(f"{path}/verdicts/{last}/file")
    assert refused.status_code == 422 and "louder than its room" in refused.json()["detail"]
    assert listed(live, path)["verdicts"][-1]["id"] == last
    for id in ("x", "1600000000000-e1", "1600000000000-m000000000000", "..%2f.."):
        assert live.http.post(f"{path}/verdicts/{id}/file").status_code in (404, 405)
        assert live.http.get(f"{path}/verdicts/{id}/audio").status_code == 404


def test_a_source_that_no_speaker_can_be_named_after_is_filed_all_the_same(live: Live, path: str, data: Path) -> None:
    missed(data, source="hé lumen")
    last = listed(live, path)["verdicts"][-1]["id"]
    (take,) = live.http.post(f"{path}/verdicts/{last}/file").json()["takes"]
    assert take["speaker"] == "me"


def test_no_page_of_another_site_files_a_verdict(live: Live, path: str) -> None:
    id = listed(live, path)["verdicts"][0]["id"]
    foreign = live.http.post(f"{path}/verdicts/{id}/file", headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert live.http.get(f"{path}/takes").json() == []


def test_the_page_files_all_that_is_listed(live: Live, path: str, data: Path) -> None:
    missed(data, samples=np.zeros(16_000, np.int16))
    count = listed(live, path)["count"]
    with chromium() as browser, opened(browser, 390) as page:
        step(page, live.url, "negatives", path.rpartition("/")[2])
        rows = page.get_by_role("list", name="Verdicts").get_by_role("listitem")
        expect(rows).to_have_count(count)
        rows.first.get_by_role("button", name="Play").press("Enter")
        rows.first.get_by_role("button", name="Leave out").press("Enter")
        expect(page.locator("#done")).to_have_text("The clip is left out.")
        expect(rows.first.get_by_role("button", name="Play")).to_be_focused()
        page.get_by_role("button", name=f"File these {count - 1}").click()
        expect(page.locator("#done")).to_have_text(f"{count - 2} of {count - 1} are filed.")
        expect(page.locator("#notice")).to_contain_text("louder than its room")
        expect(rows).to_have_count(1)
    takes = live.http.get(f"{path}/takes").json()
    assert [take["label"] for take in takes] == ["_unknown_"] * (count - 2)
