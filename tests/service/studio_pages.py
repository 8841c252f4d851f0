"""The studio's page in a real browser, and answers of the service that a test makes up."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import soundfile
from playwright.sync_api import Browser, Page, Route, expect

from tests.service.live import Live
from tests.signals import demo
from tests.waits import PATIENCE
from wakeword.model.export_binary import export_binary
from wakeword.model.pretrained import load_model

expect.set_options(1000 * PATIENCE)
FLAG = "--autoplay-policy=no-user-gesture-required"  # a click of a test is none to Chromium's audio

PROJECT = {
    "id": "hey_lumen", "phrases": ["hey lumen"], "language": "", "say": [], "refused": [], "preset": "best", "size": "",
    "seed": 0, "clips": 600, "settings": {}, "runs": 0, "problem": None,
}  # fmt: skip
TAKE = {
    "id": "t1", "label": "hey lumen", "speaker": "ada", "distance": "near", "seconds": 1.2, "whole_seconds": 2.0,
    "begin": 0.3, "end": 1.5, "suggested_begin": 0.2, "suggested_end": 1.6, "level_dbfs": -20.0, "peak_dbfs": -3.0,
    "noise_dbfs": -60.0, "clipped": False, "advice": "", "name": "",
}  # fmt: skip
RUN = {
    "number": 1, "state": "done", "stage": "", "fraction": 1.0, "seconds_left": None, "message": "", "changed": 1.0,
    "place": None, "progress": {},
}  # fmt: skip
REPORT: dict[str, Any] = {
    "good": False,
    "verdict": "Not good enough: it misses one in ten.",
    "help": "Takes of your own would help most.",
    "rule": "Good is fewer than 5 % of misses at one false accept in two hours.",
    "hours": 1.4,
    "hours_of": "sentences by espeak-ng",
    "words": [
        {
            "word": "hey lumen", "threshold": 0.9,
            "misses": {"share": 0.1, "count": 5, "of": 50, "low": 0.04, "high": 0.2},
            "false_accepts": {"count": 1, "per_hour": 0.7, "low": 0.02, "high": 4.0},
            "curve": [{"threshold": 0.1 * n, "misses": 0.02 * n, "per_hour": 20 / n**2} for n in range(1, 10)],
            "by": {"voice": [{"name": "af_heart", "misses": 0.1, "of": 10}], "speaker": [], "noise": []},
            "nearest": [{"text": "hey human", "score": 0.8}],
        }
    ],
    "negatives": {
        "hours": 0.5, "hours_of": "your recordings", "count": 1, "per_hour": 2.0, "low": 0.05, "high": 11.1,
        "before": {"number": 3, "count": 6, "per_hour": 12.0, "low": 4.4, "high": 26.1},
    },
    "filed": {
        "trained": {"count": 1, "of": 10}, "kept": {"count": 1, "of": 2, "low": 0.09, "high": 0.91},
        "before": {"number": 3, "trained": 9, "kept": 2},
    },
    "before": {
        "number": 3, "words": [{"word": "hey lumen", "misses": 0.2, "per_hour": 1.0, "curve": []}],
        "changes": ["10 recordings added"],
    },
}  # fmt: skip
DIFFERENCE = {
    "id": 42, "at": 1795327200.25, "source": "kitchen", "word": "hey lumen", "score": 0.97, "time": 12.3, "frame": 1231,
    "model": "hey_lumen-1", "verdict": "wrong", "clip": "/api/events/42/clip", "by": "candidate",
}  # fmt: skip
DIFFERENCES: dict[str, Any] = {
    "candidate": {
        "model": "hey_lumen-1", "since": 1795327200.25, "hours": 22.5, "words": ["hey lumen"], "rival": "lumen",
    },
    "both": 31, "candidate_only": 1, "rival_only": 1,
    "events": [DIFFERENCE, {**DIFFERENCE, "id": 43, "verdict": None, "clip": None, "by": "rival"}],
}  # fmt: skip
WRONG = {
    "id": "1795327200250-e42", "at": 1795327200.25, "verdict": "wrong", "word": "hey lumen", "source": "kitchen",
    "model": "hey_lumen-1", "score": 0.97,
}  # fmt: skip
MISSED = {**WRONG, "id": "1795327100250-m5f0c1e9a77b2", "verdict": "missed", "model": None, "score": None}

RATE = {"hours": 3.5, "count": 4, "per_hour": 1.143, "low": 0.311, "high": 2.926}
HEARD = {
    "number": 1, "hearing": {"state": "done", "fraction": 1.0, "message": ""}, "all": RATE, "unseen": RATE,
    "recordings": [
        {"name": "tv.flac", "seconds": 4000.0, "count": 4, "trained": True, "problem": ""},
        {"name": "car.wav", "seconds": 0.0, "count": 0, "trained": False, "problem": "car.wav is no audio"},
    ],
    "left": ["kitchen.flac"], "count": 7,
    "raised": [
        {"id": "3f1b5c0de2a7-7129", "recording": "tv.flac", "time": 3671.3, "word": "hey lumen", "score": 0.93,
         "verdict": verdict} for verdict in (None, "wrong")
    ],
}  # fmt: skip


@contextmanager
def opened(browser: Browser, width: int = 1100, **options: Any) -> Iterator[Page]:
    """A page that fails its test on any error in its console, but for a response that was refused."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    assert [line for line in wrong if "Failed to load resource" not in line] == []


def made_up(
    page: Page, path: str, body: Any, status: int = 200, method: str = "GET", seen: list[Any] | None = None
) -> None:
    """Answer requests below /api/studio whose path and query match `path`. seen: gets the bodies of the requests."""

    def answer(route: Route) -> None:
        if route.request.method != method:
            route.fallback()
            return
        if seen is not None:
            seen.append((route.request.url, route.request.post_data_buffer))
        route.fulfill(status=status, body=json.dumps(body), headers={"content-type": "application/json"})

    page.route(re.compile(f"/api/studio/{path}$"), answer)


def held(page: Page, path: str, method: str = "GET") -> list[Route]:
    """Hold requests below /api/studio whose path and query match `path` back: each goes on by its `fallback()`."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == method:
            waiting.append(route)
        else:
            route.fallback()

    page.route(re.compile(f"/api/studio/{path}$"), hold)
    return waiting


def all_made_up(page: Page) -> None:
    """Answer all that the page asks of a project, so that each step shows something."""
    made_up(page, "projects", [PROJECT, {**PROJECT, "id": "torn", "phrases": [], "problem": "project.json is no JSON"}])
    made_up(page, "projects/hey_lumen", PROJECT)
    made_up(page, "languages", [{"code": "en-us", "name": "American English"}])
    warning = {"kind": "near", "text": "It sounds like “hey human”."}
    advice = {"phonemes": "heɪ luːmən", "engines": ["espeak-ng"], "warnings": [warning], "problem": None}
    made_up(page, r"advice\?.*", advice)
    made_up(page, "projects/hey_lumen/takes", [{**TAKE, "clipped": True, "advice": "it clips; speak more softly"}])
    made_up(page, "projects/hey_lumen/negatives", [{"name": "tv.flac", "seconds": 4000.0, "bytes": 4_000_000}])
    made_up(page, r"projects/hey_lumen/verdicts\?.*", {"verdicts": [WRONG, MISSED], "count": 3, "next": MISSED["id"]})
    made_up(page, r"projects/hey_lumen/runs/1/heard\?.*", HEARD)
    made_up(page, "inbox", [{"id": "c1", "at": 1795327200.0, "source": "kitchen", "seconds": 2.0, "level_dbfs": -30.0}])
    made_up(page, "projects/hey_lumen/estimate", {"seconds": 2400.0, "bytes": 500_000_000})
    running = {**RUN, "number": 2, "state": "running", "stage": "sparse", "fraction": 0.5, "seconds_left": 840.0}
    made_up(page, "projects/hey_lumen/runs", [RUN, running])
    epochs = [{"epoch": n, "misses": 0.5 / (n + 1), "false_accepts_per_hour": 10 / (n + 1)} for n in range(10)]
    made_up(page, "projects/hey_lumen/runs/2/progress", epochs)
    made_up(page, "projects/hey_lumen/runs/1/report", REPORT)
    made_up(page, "compiler", {"ready": False, "problem": "arduino-cli is not installed"})
    made_up(page, "candidate", DIFFERENCES["candidate"])
    made_up(page, r"candidate/differences\?.*", DIFFERENCES)
    made_up_bytes(page, r"projects/hey_lumen/runs/1/download\?format=bin", export_binary(load_model()))
    sound = io.BytesIO()
    soundfile.write(sound, demo()[:32_000], 16_000, format="WAV")
    made_up_bytes(page, r".*audio(\?.*)?", sound.getvalue())


def made_up_bytes(page: Page, path: str, data: bytes, **headers: str) -> None:
    """Answer requests below /api/studio whose path and query match `path` with a file."""
    page.route(re.compile(f"/api/studio/{path}$"), lambda route: route.fulfill(body=data, headers=headers))


def step(page: Page, url: str, name: str, project: str = "hey_lumen") -> None:
    """Load the page with a step of a project."""
    page.goto(f"{url}/studio/?{name}#{project}/{name}")  # another # alone would load nothing
    expect(page.locator("body")).to_have_attribute("data-ready", "true")
    expect(page.locator(f"section#{name}")).to_be_visible()


def no_projects(live: Live) -> None:
    """Delete all projects, and end what is trained of them."""
    for project in live.http.get("/api/studio/projects").json():
        live.http.delete(f"/api/studio/projects/{project['id']}").raise_for_status()


def until(page: Page, condition: Callable[[], object]) -> None:
    """Wait for a condition; the page goes on meanwhile, and so do the answers that are made up."""
    for _ in range(int(PATIENCE * 100)):
        if condition():
            return
        page.wait_for_timeout(10)
    raise AssertionError(f"it is not so after {PATIENCE:.0f} seconds")
