"""Changes under many streams: models join, leave and are swapped, and no sample is lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path

import pytest

from tests.service.live import Live, running, settings
from tests.signals import demo

_STREAMS = 50
_CHOICES = [
    {"models": ["google12"]},
    {"models": ["digits10", "google12"]},
    {"models": ["digits10"], "then": ["google12"]},
    {"models": ["digits10"]},
]


def _be_eager(live: Live, model: str) -> None:
    """Lower a model's thresholds, so that it hears its words in a recording that has none of them."""
    live.http.post(f"/api/models/{model}/activate").raise_for_status()
    words = [word["word"] for word in live.http.get("/api/words").json()]
    live.http.patch("/api/words", json={word: {"threshold": 0.2} for word in words}).raise_for_status()


@pytest.mark.slow
def test_no_sample_of_fifty_streams_is_lost_while_the_models_change(tmp_path: Path) -> None:
    with running(settings(tmp_path)) as live, ThreadPoolExecutor(_STREAMS) as clients:
        _be_eager(live, "digits10")
        ended = threading.Event()
        swaps = 0

        def swap() -> None:
            nonlocal swaps
            for choice in cycle(_CHOICES):
                live.http.put("/api/models/active", json=choice).raise_for_status()
                swaps += 1
                if ended.is_set():
                    return

        swapping = threading.Thread(target=swap)
        swapping.start()
        told = list(clients.map(lambda number: live.push(demo(), f"name=room-{number}"), range(_STREAMS)))
        ended.set()
        swapping.join()
        assert [messages[-1] for messages in told] == [{"type": "end", "samples": len(demo())}] * _STREAMS
        events = [message["event"] for messages in told for message in messages if message["type"] == "event"]
        assert {event["model"] for event in events} == {"google12", "digits10"} and swaps > 2
        assert live.http.get("/api/events", params={"limit": 1}).json()["events"][0]["id"] == len(events)
