"""Several exported models in one program, compiled with the core under the sanitizers, equal the reference bit for bit:
two that are always heard, and commands that are heard after a word of these."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests import processes
from tests.firmware.toolchain import C99, HOST, SANITIZED, SOURCES, compile_objects, run
from tests.signals import demo
from tests.wakeword.models import convolved_model, random_convolution, random_model
from wakeword.inference.combined import CombinedEngine
from wakeword.inference.detector import Event
from wakeword.inference.trace import Trace
from wakeword.model.export_c import export_c, header_of
from wakeword.model.file import Model

MODELS = (
    random_model(0),
    random_model(12, hidden=100, frames_per_step=3, gate="tanh", words=2),
    convolved_model(random_model(17, words=3), random_convolution(1)),
)
COMMANDS_FROM = sum(len(model.labels) for model in MODELS[:2])  # their first column
SPEECH = demo()[:96_000]


def build(models: Sequence[Model], folder: Path) -> Path:
    """Build the program with a first model, a second one, and commands."""
    for name, model in zip(("first", "second", "command"), models, strict=True):
        (folder / header_of(name)).write_text(export_c(model, name))
    source = Path(__file__).with_name("run_combined.c")
    compiler = [*HOST, *C99, *SANITIZED, f"-I{folder}"]
    run(*HOST, *SANITIZED, *compile_objects(compiler, [*SOURCES, source], folder), "-o", folder / "run_combined")
    return folder / "run_combined"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(MODELS, tmp_path_factory.mktemp("combined"))


def printed(program: Path, frames: int, chunk: int = 160) -> dict[str, list[list[int]]]:
    """Lines of numbers by kind."""
    done = processes.run([program, str(chunk), str(frames)], given=SPEECH.tobytes())
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
    """A command is heard for exactly as many frames as two wake words are apart, for each such distance."""
    wakes = sorted({event.frame for event in reference(0).events})
    distances = {after - before for before, after in pairwise(wakes)}
    assert len(distances) > 3
    for frames in distances:
        assert events(printed(program, frames)) == reference(frames).events


def test_a_wake_word_in_the_last_frame_of_a_command_leaves_the_command_s_own_word(tmp_path: Path) -> None:
    """Three copies of one model, so that all hear a word in one frame, which is the last of the command's."""
    models = [MODELS[0]] * 3
    first, second = sorted({event.frame for event in reference(0, models).events})
    wanted = reference(second - first, models).events
    assert [event.frame for event in wanted].count(second) == 3
    assert events(printed(build(models, tmp_path), second - first)) == wanted


def test_chunks_make_no_difference(program: Path) -> None:
    results = [printed(program, 40, chunk) for chunk in (160, 999, 16000)]
    assert all(result == results[0] for result in results)
