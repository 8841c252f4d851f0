"""A model hears its project's hours as a job of the service, and what it raises is judged, by API and page."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from bench.chromium import chromium
from service.studio import hearings
from tests import processes
from tests.service.live import Live, running, settings
from tests.service.studio_pages import all_made_up, made_up, opened, step
from tests.signals import ROOT
from tests.waits import until
from tests.wakeword.projects.heard_project import add_room, done_run, raised_in_room, room
from wakeword.audio.files import decode
from wakeword.data.said import said_in
from wakeword.projects.hearing import hearing_of, mark
from wakeword.projects.library import create_project
from wakeword.projects.project import Project
from wakeword.projects.runs import Run, run_of

# A hearing that waits before the recording that PROJECT/../hold names.
_HELD = """
import pathlib, sys, time
from wakeword.cli import main
from wakeword.projects import heard

root = pathlib.Path(sys.argv[3]).parent

def held(model, engine, project, name, size, tell):
    (root / "at").write_text(name)
    while (root / "hold").exists() and (root / "hold").read_text() == name:
        tell(0.0)
        time.sleep(0.01)
    return hear(model, engine, project, name, size, tell)

hear, heard._hear = heard._hear, held
main()
"""
_SERVICE = """
import sys
from pathlib import Path
from service.run import Server
from service.settings import Settings
from service.studio import hearings

hearings.NICE = 0
hearings.of_wakeword = lambda *arguments: [sys.executable, "-c", sys.argv[2], *arguments]
server = Server(Settings(Path(sys.argv[1]), port=0, microphone=False))
print(server.url, flush=True)
server.serve_here()
"""
PATH = "/api/studio/projects/down_go/runs/1/heard"


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hearings wait where a test wants."""
    monkeypatch.setattr(hearings, "of_wakeword", lambda *given: [sys.executable, "-c", _HELD, *given])
    monkeypatch.setattr(hearings, "NICE", 0)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with a run that is done, and two recordings."""
    made = create_project(tmp_path / "projects", {"phrases": ["down", "go"]})
    done_run(made.folder)
    add_room(made, "car.flac")
    add_room(made, "room.flac")
    return made


@pytest.fixture
def live(tmp_path: Path, project: Project) -> Iterator[Live]:
    with running(settings(tmp_path)) as live:
        yield live


def heard(live: Live, path: str = PATH, **query: Any) -> dict[str, Any]:
    answer = live.http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def hear(live: Live, path: str = PATH) -> dict[str, Any]:
    """Let a model hear, and wait until it has."""
    assert live.http.post(path).status_code == 201
    until(lambda: heard(live, path)["hearing"]["state"] in ("done", "failed"))
    return heard(live, path)


def hold(project: Project, name: str) -> None:
    (project.folder.parent / "hold").write_text(name)


def is_held(project: Project, name: str) -> bool:
    at = project.folder.parent / "at"
    return at.exists() and at.read_text() == name


def files(run: Run) -> set[str]:
    return {path.name for path in run.folder.iterdir()}


def test_a_model_hears_the_hours_and_its_false_accepts_are_listed(live: Live, project: Project) -> None:
    before = heard(live)
    assert (before["hearing"], before["left"], before["all"]["per_hour"]) == (None, ["car.flac", "room.flac"], None)
    found = hear(live)
    assert found["hearing"] == {"state": "done", "fraction": 1.0, "message": ""} and found["left"] == []
    assert found["count"] == len(found["raised"]) == 2 * len(raised_in_room())
    assert found["all"] == found["unseen"] and found["all"]["count"] == found["count"]
    assert found["all"]["low"] < found["all"]["per_hour"] < found["all"]["high"]
    scores = [each["score"] for each in found["raised"]]
    assert scores == sorted(scores, reverse=True)
    assert len(heard(live, limit=3)["raised"]) == 3 and heard(live, limit=3)["count"] == found["count"]
    first = found["raised"][0]
    end = round(16_000 * first["time"])
    clip = decode(live.http.get(f"{PATH}/{first['id']}/audio").content)
    assert clip.tolist() == room()[end - 32_000 : end + 16_000].tolist()


def test_what_is_judged_becomes_takes_and_stays_judged(live: Live, project: Project, tmp_path: Path) -> None:
    raised = hear(live)["raised"]
    wrong, right = (next(each for each in raised if each["word"] == word) for word in ("down", "go"))
    for each, verdict, label in ((wrong, "wrong", "_unknown_"), (right, "right", "go")):
        answer = live.http.post(f"{PATH}/{each['id']}/verdict", json={"verdict": verdict})
        assert answer.status_code == 200, answer.text
        assert [take["label"] for take in answer.json()["takes"]] == [label]
    assert len(said_in(project.negatives / right["recording"])) == 1
    with running(settings(tmp_path.parent / "other")) as other:  # the project is all that there is
        shutil.copytree(project.folder, tmp_path.parent / "other/projects/down_go")
        found = heard(other, judged=True)
        assert {each["verdict"] for each in found["raised"]} == {"wrong", "right", None}
        assert heard(other)["count"] == len(raised) - 2 == found["count"] - 2
        assert found["all"]["count"] == len(raised) - 1


@pytest.mark.parametrize("body", [{}, {"verdict": "good"}, {"verdict": "wrong", "path": "/etc"}, []])
def test_a_judgement_that_is_none_changes_nothing(live: Live, project: Project, body: Any) -> None:
    first = hear(live)["raised"][0]["id"]
    assert live.http.post(f"{PATH}/{first}/verdict", json=body).status_code == 422
    for id in ("x", f"{first}0", "..%2f..", "0" * 300):
        assert live.http.post(f"{PATH}/{id}/verdict", json={"verdict": "wrong"}).status_code in (404, 405, 422)
        assert live.http.get(f"{PATH}/{id}/audio").status_code in (404, 422)
    foreign = {"Origin": "https://evil.example"}
    for what in ("", "/cancel", f"/{first}/verdict"):
        assert live.http.post(PATH + what, json={"verdict": "wrong"}, headers=foreign).status_code == 403
    assert heard(live, judged=True)["raised"] == heard(live)["raised"]


def test_a_run_without_a_model_hears_nothing(live: Live, project: Project) -> None:
    path = f"{PATH.rpartition('/1/')[0]}/2/heard"
    assert live.http.post(path).status_code == 404
    (project.folder / "runs/2").mkdir()
    refused = live.http.post(path)
    assert refused.status_code == 404 and "it has no model yet" in refused.json()["detail"]


def test_one_hears_at_a_time_and_few_wait(live: Live, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearings, "MAX_HEARINGS", 2)
    for _ in range(2):
        done_run(project.folder)
    first, second, third = (PATH.replace("/1/", f"/{number}/") for number in (1, 2, 3))
    hold(project, "car.flac")
    assert live.http.post(first).status_code == 201
    until(lambda: is_held(project, "car.flac"))
    assert heard(live)["hearing"]["state"] == "running"
    assert live.http.post(second).json()["hearing"]["state"] == "queued"
    for path, line in ((first, "run 1 hears already"), (third, "2 models hear or wait already")):
        refused = live.http.post(path)
        assert refused.status_code == 409 and refused.json()["detail"].startswith(line)
    assert live.http.post(f"{second}/cancel").json()["hearing"]["state"] == "cancelled"
    assert live.http.post(f"{third}/cancel").status_code == 409
    hold(project, "")
    until(lambda: heard(live)["hearing"]["state"] == "done")
    assert heard(live, second)["recordings"] == []


def test_a_cancelled_hearing_leaves_no_half_file_and_what_was_heard_whole(live: Live, project: Project) -> None:
    run = run_of(project.folder, 1)
    hold(project, "room.flac")
    live.http.post(PATH)
    until(lambda: is_held(project, "room.flac"))
    (run.folder / ".heard.json.1.part").write_bytes(b"half")
    cancelled = live.http.post(f"{PATH}/cancel").json()
    assert cancelled["hearing"]["state"] == "cancelled" and cancelled["left"] == ["room.flac"]
    assert [each["name"] for each in cancelled["recordings"]] == ["car.flac"]
    assert not any(name.endswith(".part") for name in files(run))
    hold(project, "")
    assert hear(live)["left"] == []


def test_a_deleted_run_and_a_deleted_project_end_their_hearings_and_leave_nothing(
    live: Live, project: Project, tmp_path: Path
) -> None:
    done_run(project.folder)
    hold(project, "car.flac")
    for number, path in ((1, PATH.removesuffix("/heard")), (2, "/api/studio/projects/down_go")):
        live.http.post(PATH.replace("/1/", f"/{number}/"))
        until(lambda: is_held(project, "car.flac"))
        assert live.http.delete(path).status_code == 204
        (project.folder.parent / "at").unlink()
        assert not (project.folder / "runs" / str(number)).exists()
    assert not project.folder.exists() and list(tmp_path.rglob("*.flac")) == []


def test_a_model_that_is_damaged_fails_in_one_line(live: Live, project: Project) -> None:
    run_of(project.folder, 1).model.write_bytes(b"no model")
    failed = hear(live)["hearing"]
    assert failed["state"] == "failed" and "model.safetensors" in failed["message"] and "\n" not in failed["message"]


def test_a_process_that_is_killed_is_begun_again_and_then_given_up(live: Live, project: Project) -> None:
    hold(project, "room.flac")
    live.http.post(PATH)
    for _ in range(3):
        until(lambda: is_held(project, "room.flac"))
        (project.folder.parent / "at").unlink()
        for pid in _of(project):
            os.kill(pid, signal.SIGKILL)
    until(lambda: heard(live)["hearing"]["state"] == "failed")
    assert "killed" in heard(live)["hearing"]["message"] and heard(live)["left"] == ["room.flac"]


def _of(project: Project) -> list[int]:
    """Return the processes that hear for a project, without their guard."""
    name, found = str(project.folder).encode(), []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        words = path.read_bytes().split(b"\0")
        if name in words and not any(word.endswith(b"guard.py") for word in words):
            found.append(int(path.parent.name))
    return found


def _state(run: Run) -> str:
    hearing = hearing_of(run)
    return "" if hearing is None else hearing.state


@contextmanager
def _service(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", _SERVICE, data, _HELD]
    with processes.started(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found by Linux's /proc")
def test_a_hearing_goes_on_after_a_kill_of_the_service(project: Project, tmp_path: Path) -> None:
    run = run_of(project.folder, 1)
    hold(project, "room.flac")
    mark(run, "queued")
    with _service(tmp_path) as process:
        until(lambda: is_held(project, "room.flac"))
        process.kill()
    until(lambda: not _of(project) and _state(run) == "interrupted")
    hold(project, "")
    with running(settings(tmp_path)) as live:
        until(lambda: heard(live)["hearing"]["state"] == "done")
        assert [each["name"] for each in heard(live)["recordings"]] == ["car.flac", "room.flac"]


def test_the_page_lets_a_model_hear_and_judges_what_it_raised_by_the_keyboard(live: Live, project: Project) -> None:
    with chromium() as browser, opened(browser, 390) as page:
        step(page, live.url, "negatives", "down_go")
        hold(project, "room.flac")
        page.get_by_role("button", name="Hear the recordings").press("Enter")
        until(lambda: is_held(project, "room.flac"))
        expect(page.locator("#heard-state")).to_contain_text("% are heard.")
        page.reload()
        expect(page.locator("#hearing")).to_be_visible()
        first = page.get_by_role("button", name="Play down at 1:20.4 of car.flac")
        first.focus()
        hold(project, "")
        count = 2 * len(raised_in_room())
        expect(page.locator("#heard-state")).to_contain_text(f"{count} false accepts in 3 min")
        expect(page.locator("#hearing")).to_be_hidden()
        expect(first).to_be_focused()
        rows = page.get_by_role("list", name="Raised in the recordings").get_by_role("listitem")
        expect(rows).to_have_count(count)
        go = rows.filter(has=page.locator("strong", has_text="go")).first
        go.get_by_role("button", name="Play").press("Enter")
        go.get_by_role("button", name="It was said").press("Enter")
        expect(page.locator("#done")).to_contain_text("this part of the recording is no negative any more")
        expect(page.locator("#heard-state")).to_contain_text(f"{count - 1} false accepts in 3 min")
        first = rows.filter(has=page.locator("strong", has_text="down")).first.get_by_role("button", name="A mistake")
        first.press("Enter")
        expect(first).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#notice")).to_be_hidden()
        page.reload()
        expect(rows).to_have_count(count - 2)
        page.get_by_role("checkbox", name="Show what is judged, too").press("Space")
        expect(rows).to_have_count(count)
    labels = sorted(take["label"] for take in live.http.get("/api/studio/projects/down_go/takes").json())
    assert labels == ["_unknown_", "go"]


def test_the_page_tells_hours_that_the_model_was_trained_on_apart(live: Live) -> None:
    trained = {"name": "tv.flac", "seconds": 7200.0, "count": 1, "trained": True, "problem": ""}
    bad = {"name": "bad.wav", "seconds": 0.0, "count": 0, "trained": False, "problem": "bad.wav is no audio"}
    rate = {"hours": 2.0, "count": 1, "per_hour": 0.5, "low": 0.01, "high": 2.79}
    none = {"hours": 0.0, "count": 0, "per_hour": None, "low": None, "high": None}
    found = {
        "number": 1, "hearing": {"state": "failed", "fraction": 0, "message": "the disk is full"}, "all": rate,
        "unseen": none, "recordings": [bad, trained], "left": [], "count": 0, "raised": [],
    }  # fmt: skip
    with chromium() as browser, opened(browser) as page:
        all_made_up(page)
        step(page, live.url, "negatives")
        for recordings, more in (([bad, trained], ""), ([trained], " It was trained on these recordings")):
            made_up(page, r"projects/hey_lumen/runs/1/heard\?.*", {**found, "recordings": recordings})
            page.reload()
            told = page.locator("#heard-state")
            expect(told).to_contain_text(f"one false accept in 2.0 h, 0.50 an hour (0.01 to 2.79).{more}")
            expect(page.locator("#heard-problems")).to_contain_text("the disk is full")
