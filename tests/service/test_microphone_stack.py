"""A real microphone stack: what is played into a room is detected, sample for sample, and survives a pulled plug."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

import httpx
import numpy as np
import pytest

from featurizer import HOP, SAMPLE_RATE
from tests.service import pulse
from tests.signals import demo
from tests.waits import PATIENCE, until
from tests.wakeword.terminal import started, wakeword
from wakeword.audio.files import write_wav
from wakeword.inference.engine import open_engine
from wakeword.model.pretrained import load_model

SPOKEN = demo()[:48_000]  # two words


@pytest.fixture
def room() -> Iterator[pulse.Room]:
    room = pulse.Room()
    yield room
    room.remove()


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    write_wav(tmp_path / "spoken.wav", SPOKEN)
    return tmp_path / "spoken.wav"


def _events_behind(silence: int) -> list[tuple[str, float, int]]:
    """Word, score and frame of what is spoken after so many samples of silence."""
    model = load_model()
    events = open_engine(model).push(np.concatenate([np.zeros(silence, np.int16), SPOKEN])).events
    return [(model.labels[event.label], round(event.score / 32768, 4), event.frame) for event in events]


WORDS = [word for word, _, _ in _events_behind(0)]


def _is_heard_sample_for_sample(heard: list[dict[str, Any]]) -> bool:
    """Whether these are, to the last bit, the events of the recording after some time of digital silence."""
    events = [(event["word"], event["score"], event["frame"]) for event in heard]
    if [word for word, _, _ in events] != WORDS:
        return False
    # Behind silence a word is raised up to two steps sooner or later than from reset, by where its steps begin.
    steps = 2 * HOP * load_model().frames_per_step
    waited = max(SAMPLE_RATE + HOP * (events[0][2] - _events_behind(SAMPLE_RATE)[0][2]), 0)
    silences = [*range(waited, waited + steps), *range(max(waited - steps, 0), waited)]  # the likelier ones first
    return any(_events_behind(silence) == events for silence in silences)


class Said:
    """The lines of a process's output, as they come."""

    def __init__(self, output: IO[bytes] | None) -> None:
        assert output is not None
        self.lines: list[str] = []
        threading.Thread(target=self._take_down, args=(output,), daemon=True).start()

    def _take_down(self, output: IO[bytes]) -> None:
        for line in output:
            self.lines.append(line.decode())

    def find(self, wanted: str) -> str:
        """The first that the pattern is in, once it was said."""
        found = until(lambda: next((line for line in self.lines if re.search(wanted, line)), None))
        assert found is not None
        return found


class Listening:
    """`wakeword listen`, which hears the room."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._heard, self.said = Said(process.stdout), Said(process.stderr)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in tuple(self._heard.lines)]


class Serving:
    """`wakeword serve`, which hears the room."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._url = re.search(r"http://\S+", Said(process.stderr).find("http://"))[0]  # type: ignore[index]

    def events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = httpx.get(f"{self._url}/api/events", timeout=PATIENCE).json()["events"]
        return events[::-1]

    def microphone(self) -> dict[str, Any]:
        (source,) = httpx.get(f"{self._url}/api/sources", timeout=PATIENCE).json()
        assert source["name"] == "microphone"
        return dict(source)

    def hear_out(self) -> None:
        """Return when all that was played by now is heard, for what came a second later is."""
        end = self.microphone()["seconds"] + 1
        until(lambda: self.microphone()["seconds"] > end)


@contextmanager
def _both(room: pulse.Room, data: Path) -> Iterator[tuple[Listening, Serving]]:
    """Both of them, listening; they end as their users end them."""
    listening = started("listen", "--model", "google12", "--json", environment=room.environment)
    serving = started("serve", "--port", "0", "--data", data, environment=room.environment)
    with listening as listen, serving as serve:
        hearing = Listening(listen), Serving(serve)
        until(lambda: room.listeners() == 2)
        yield hearing
        listen.send_signal(signal.SIGINT)
        serve.send_signal(signal.SIGTERM)
        assert listen.wait(PATIENCE) == 130
        serve.wait(PATIENCE)


def test_listen_and_serve_hear_what_is_played_sample_for_sample(room: pulse.Room, spoken: Path, tmp_path: Path) -> None:
    with _both(room, tmp_path / "data") as (listening, serving):
        room.play(spoken)
        serving.hear_out()
        until(lambda: len(listening.events()) == len(serving.events()) >= 2)
        heard, kept = listening.events(), serving.events()
    assert len(heard) == len(kept) >= 2
    assert _is_heard_sample_for_sample(heard)
    assert _is_heard_sample_for_sample(kept)
    assert {event["source"] for event in kept} == {"microphone"}


def test_a_microphone_that_was_pulled_out_is_heard_again_when_it_is_back(
    room: pulse.Room, spoken: Path, tmp_path: Path
) -> None:
    with _both(room, tmp_path / "data") as (listening, serving):
        _hear_the_words(room, spoken, listening, serving)
        room.close()
        listening.said.find("waiting for the microphone")
        until(lambda: "has gone away; connect it again" in (serving.microphone()["trouble"] or ""))
        room.open()
        listening.said.find("the microphone is back")
        until(lambda: serving.microphone()["trouble"] is None)
        _hear_the_words(room, spoken, listening, serving)


def _hear_the_words(room: pulse.Room, spoken: Path, listening: Listening, serving: Serving) -> None:
    """Play them, and see that both have heard them and nothing else."""
    before = len(listening.events()), len(serving.events())
    room.play(spoken)
    serving.hear_out()
    for events, known in zip((listening.events, serving.events), before, strict=True):
        until(partial(_has, events, known + len(WORDS)))
        assert [event["word"] for event in events()[known:]] == WORDS


def _has(events: Callable[[], list[dict[str, Any]]], count: int) -> bool:
    return len(events()) >= count


def test_devices_are_listed_with_the_default_marked(room: pulse.Room) -> None:
    listed = wakeword("listen", "--list-devices", environment=room.environment).stdout.splitlines()
    (default,) = (line for line in listed if line.startswith("*"))
    assert re.fullmatch(r"\* +\d+  default, \d+ Hz", default)
