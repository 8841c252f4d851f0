"""The serial link between the firmware's C, on an emulated board, and the host's Python, over a real connection."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.firmware.link_board import build_link, free_port, running
from tests.signals import demo, demo_words
from tests.waits import PATIENCE
from tests.wakeword.models import random_model
from tests.wakeword.terminal import refusal, started, wakeword
from wakeword.boards.messages import BoardEvent, Hello, Status, Taken
from wakeword.boards.selftest import selftest
from wakeword.boards.serial_link import Link, compute, listen
from wakeword.errors import DeviceError
from wakeword.inference.engine import open_engine
from wakeword.model.export_c import model_id
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

MODEL = replace(random_model(1), labels=("_silence_", "_unknown_", "naïve", "b", "c", "d"))  # names of any script


@pytest.fixture(scope="module")
def elf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_link(MODEL, demo_words(), tmp_path_factory.mktemp("link"))


@pytest.fixture
def url(elf: Path) -> Iterator[str]:
    with running(elf, free_port()) as url:
        yield url


def test_the_board_says_which_model_it_runs(url: str) -> None:
    with Link(url) as link:
        assert link.hello() == Hello(model_id(MODEL), 0x730D9B87)


def test_the_board_answers_after_garbage_on_the_line(url: str) -> None:
    garbage = np.random.default_rng(0).integers(0, 256, 5000, np.uint8).tobytes()
    with Link(url) as link:
        link._serial.write(garbage)
        assert link.hello().model_id == model_id(MODEL)


def test_a_self_test_compares_every_frame(url: str) -> None:
    with Link(url) as link:
        assert selftest(link, MODEL, demo()[:12000]) == 73


def test_a_self_test_of_a_board_with_another_model_says_so(url: str) -> None:
    with Link(url) as link, pytest.raises(DeviceError, match="the board runs model"):
        selftest(link, random_model(0), demo()[:8000])


def test_a_board_that_computes_other_bits_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wakeword.boards.selftest.model_id", lambda model: model_id(MODEL))
    other = replace(MODEL, nu=MODEL.nu + 500)
    with Link(url) as link, pytest.raises(DeviceError, match="hidden state and posteriors differ"):
        selftest(link, other, demo()[:16000])


def test_the_microphone_is_ignored_in_a_self_test(url: str) -> None:
    with Link(url) as link:
        link.send("t")
        link.hello()
        assert len(compute(link, demo()[:8000])) == 48
        link.send("t")
        taken = 0
        while taken < 2:  # of the "m" that `compute` ends with, after which the microphone is used, and of this "t"
            taken += sum(isinstance(report, Taken) for report in link.receive())
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            assert link.receive() == []
        link.send("m")
        while not any(isinstance(report, Status) for report in link.receive()):
            pass


class Listener:
    """`listen` on a thread until the test is over, with its events and its lines for the user."""

    def __init__(self, url: str) -> None:
        self.events: queue.SimpleQueue[BoardEvent] = queue.SimpleQueue()
        self.said: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=listen, args=(url, self.events.put, self.said.put), daemon=True).start()


def events_of(model: Model, samples: np.ndarray) -> list[BoardEvent]:
    return [BoardEvent(model.labels[event.label], event) for event in open_engine(model).push(samples).events]


def test_every_event_of_the_board_s_microphone_arrives(url: str) -> None:
    wanted = events_of(MODEL, demo_words())
    listener = Listener(url)
    assert len(wanted) > 3
    assert [listener.events.get(timeout=PATIENCE) for _ in wanted] == wanted


def test_a_cable_that_is_unplugged_is_waited_for(elf: Path) -> None:
    port, (first, *_) = free_port(), events_of(MODEL, demo_words())
    with ExitStack() as plugged:
        listener = Listener(plugged.enter_context(running(elf, port)))
        assert listener.said.get(timeout=PATIENCE).endswith(f"model {model_id(MODEL):08x}")
        assert listener.events.get(timeout=PATIENCE) == first
    while "has gone away; waiting" not in listener.said.get(timeout=PATIENCE):
        pass  # its recording may have come to an end, of which is told too
    with running(elf, port):
        assert listener.said.get(timeout=PATIENCE).endswith(f"model {model_id(MODEL):08x}")
        while listener.events.get(timeout=PATIENCE) != first:
            pass


def test_the_shipped_model_passes_its_self_test(tmp_path: Path) -> None:
    model = load_model()
    with running(build_link(model, demo_words(), tmp_path), free_port()) as url, Link(url) as link:
        assert selftest(link, model, demo()[16000:28000]) == 73


def test_the_commands_listen_to_a_board_and_test_it(elf: Path) -> None:
    wanted = events_of(MODEL, demo_words())[0]
    with running(elf, free_port()) as url, started("listen", "--serial", url, "--json") as listener:
        assert listener.stdout is not None
        first = json.loads(listener.stdout.readline())
    event = wanted.event
    score = round(event.score / 32768, 4)
    assert first == {"word": wanted.word, "score": score, "time": event.time, "frame": event.frame}
    with running(elf, free_port()) as url:
        assert "the board runs model" in refusal(wakeword("selftest", "--port", url))


def test_a_board_can_not_be_given_a_model_to_listen_with() -> None:
    assert "a board has its own model" in refusal(wakeword("listen", "--serial", "/dev/ttyACM0", "--model", "google12"))
