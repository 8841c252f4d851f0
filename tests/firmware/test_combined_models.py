"""Several exported models in one program, compiled with the core under the sanitizers, equal the reference bit for bit:
two that are always heard, and commands that are heard after a word of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from featurizer import FEATURIZER_ID
from tests import processes
from tests.firmware.toolchain import C99, CORE, HOST, SANITIZED, SOURCES, compile_objects, run
from tests.signals import demo
from tests.wakeword.models import convolved_model, random_convolution, random_model
from wakeword.boards.messages import BoardEvent, Decoder, Hello, report_of
from wakeword.inference.combined import CombinedEngine
from wakeword.inference.detector import Event
from wakeword.inference.trace import Trace
from wakeword.model.export_c import export_c, header_of, model_id
from wakeword.model.file import Model

MODELS = (
    random_model(0),
    random_model(12, hidden=100, frames_per_step=3, gate="tanh", words=2),
    convolved_model(random_model(17, words=3), random_convolution(1)),
)
LINK = sorted((CORE.parent / "link").glob("ww_[dl]*.c"))
COMMANDS_FROM = sum(len(model.labels) for model in MODELS[:2])  # their first column
SPEECH = demo()[:96_000]


def build(models: Sequence[Model], folder: Path, name: str = "run_combined") -> Path:
    """Build a program with the core and the link, of a first model, a second one, and commands."""
    for of, model in zip(("first", "second", "command"), models, strict=True):
        (folder / header_of(of)).write_text(export_c(model, of))
    sources = [*SOURCES, *LINK, Path(__file__).with_name(f"{name}.c")]
    compiler = [*HOST, *C99, *SANITIZED, f"-I{folder}", f"-I{CORE.parent}"]
    run(*HOST, *SANITIZED, *compile_objects(compiler, sources, folder), "-o", folder / name)
    return folder / name


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(MODELS, tmp_path_factory.mktemp("combined"))


def printed(program: Path, frames: int, chunk: int = 160, times: int = 1) -> dict[str, list[list[int]]]:
    """Lines of numbers by kind."""
    done = processes.run([program, str(chunk), str(frames), str(times)], given=SPEECH.tobytes())
    assert (done.stderr, done.returncode) == ("", 0)
    lines: dict[str, list[list[int]]] = {"hidden": [], "posteriors": [], "event": []}
    for line in done.stdout.splitlines():
        kind, *numbers = line.split()
        lines[kind].append(list(map(int, numbers)))
    return lines


def events(found: dict[str, list[list[int]]]) -> list[Event]:
    return [Event(*numbers) for numbers in found["event"]]


def reference(frames: int, models: Sequence[Model] = MODELS) -> Trace:
    return CombinedEngine(models[:2], models[2:], "numpy", frames / 100).push(SPEECH)


@pytest.mark.parametrize("frames", [0, 40, 500])
def test_every_state_posterior_and_event_equals_the_reference(program: Path, frames: int) -> None:
    wanted, found = reference(frames), printed(program, frames)
    np.testing.assert_array_equal(found["hidden"], wanted.hidden)
    np.testing.assert_array_equal(found["posteriors"], wanted.posteriors)
    assert events(found) == wanted.events
    assert any(event.label >= COMMANDS_FROM for event in wanted.events) == (frames > 0)


def test_a_wake_word_in_the_last_frame_of_a_command_begins_it_anew(program: Path) -> None:
    """A command is heard for exactly as many frames as two wake words are apart."""
    wakes = sorted({event.frame for event in reference(0).events})
    distances = {after - before for before, after in pairwise(wakes)}
    for frames in sorted(distances)[2:5]:
        assert events(printed(program, frames)) == reference(frames).events


def test_a_wake_word_in_the_last_frame_of_a_command_leaves_the_command_s_own_word(tmp_path: Path) -> None:
    """Three copies of one model, so that all hear a word in one frame, which is the last of the command's."""
    models = [MODELS[0]] * 3
    first, second = sorted({event.frame for event in reference(0, models).events})
    wanted = reference(second - first, models).events
    assert [event.frame for event in wanted].count(second) == 3
    assert events(printed(build(models, tmp_path), second - first)) == wanted


def test_models_that_are_added_twice_are_heard_once(program: Path) -> None:
    assert printed(program, 40, times=2) == printed(program, 40)


def test_chunks_make_no_difference(program: Path) -> None:
    results = [printed(program, 40, chunk) for chunk in (160, 999, 16000)]
    assert all(result == results[0] for result in results)


def test_a_serial_link_sends_the_words_of_all_models_with_the_frames_of_the_stream(tmp_path: Path) -> None:
    program = build(MODELS, tmp_path, "several_link")
    with (tmp_path / "sent").open("wb") as sent:
        done = processes.run([program], given=SPEECH.tobytes(), stdout=sent)
    assert (done.stderr, done.returncode) == ("", 0)
    hello, *reports = map(report_of, Decoder().feed((tmp_path / "sent").read_bytes()))
    assert hello == Hello(model_id(MODELS[0]), FEATURIZER_ID)
    columns = [(label, word) for model in MODELS for label, word in enumerate(model.labels)]
    wanted = [BoardEvent(columns[it.label][1], replace(it, label=columns[it.label][0])) for it in reference(40).events]
    assert reports == wanted
