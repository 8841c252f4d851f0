"""A training of the studio beside the streams, and how soon the studio's page and its API answer meanwhile."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PHRASE = "hey jarvis"
_PATIENCE = 1800.0  # seconds for the synthesis, before the network is trained
_EVERY = 0.5  # seconds between two requests
_PAGES = ("/studio/", "/api/studio/projects", "/api/studio/projects/{id}/runs/1", "/api/studio/projects/{id}/takes")


class Answers:
    """The seconds that each page took to answer."""

    def __init__(self) -> None:
        self.seconds: list[float] = []


@contextmanager
def training(url: str) -> Iterator[Answers]:
    """Train a phrase for the length of the block, from when its network is trained; ask for the pages meanwhile.

    Raises TimeoutError if the training has not come so far within half an hour.
    """
    project = _request(url, "/api/studio/projects", {"phrases": [PHRASE]})["id"]
    run = f"/api/studio/projects/{project}/runs"
    _request(url, run, {})
    _wait_for_network(url, f"{run}/1")
    answers, ended = Answers(), threading.Event()
    asking = threading.Thread(target=_ask, args=(url, [page.format(id=project) for page in _PAGES], answers, ended))
    asking.start()
    try:
        yield answers
    finally:
        ended.set()
        asking.join()
        _request(url, f"{run}/1/cancel", {})


def _wait_for_network(url: str, run: str) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        state = _request(url, run)
        if state["state"] not in ("queued", "running"):
            raise TimeoutError(f"the training is {state['state']}: {state['message']}")
        if state["progress"].get("epoch"):
            return
        time.sleep(1)
    raise TimeoutError(f"no epoch within {_PATIENCE:.0f} s; measure on a machine that does nothing else")


def _ask(url: str, pages: list[str], answers: Answers, ended: threading.Event) -> None:
    turn = 0
    while not ended.wait(_EVERY):
        begin = time.monotonic()
        with urllib.request.urlopen(url + pages[turn % len(pages)]) as answer:
            answer.read()
        answers.seconds.append(time.monotonic() - begin)
        turn += 1


def _request(url: str, path: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"null")
