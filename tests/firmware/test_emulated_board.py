"""The firmware on emulated boards, within their memory, equals the NumPy reference bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.firmware.board import (
    BOARDS,
    EMULATION,
    SRC,
    Board,
    BoardTrace,
    Failed,
    build,
    count,
    emulator,
    run,
    trace,
    write_input,
)
from bench.firmware.sizes import measure
from tests.signals import corner_cases, demo, demo_words
from tests.wakeword.models import (
    convolved_model,
    dense_model,
    nibble_convolution,
    nibble_model,
    random_convolution,
    random_model,
)
from wakeword.inference.combined import CombinedEngine
from wakeword.inference.engine import NumpyEngine
from wakeword.inference.trace import Trace
from wakeword.model.export_c import export_c, header_of
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

BLOCKS_BYTES = 3 * 160 * 2 + 16  # a microphone's three blocks of samples

CORTEX = {name: BOARDS[name] for name in ("due", "mkr1000")}
# Processors with DSP instructions, and RISC-V.
OTHERS = {name: BOARDS[name] for name in ("nano33ble", "cortex-m7", "pico2", "esp32c3")}


def every_three_seconds(model: Model) -> Model:
    return replace(model, detector=replace(model.detector, refractory=300))


def assert_equals_numpy(found: BoardTrace, model: Model, samples: np.ndarray, wanted: Trace | None = None) -> None:
    wanted = wanted or NumpyEngine(model).push(samples)
    np.testing.assert_array_equal(found.features, wanted.features)
    np.testing.assert_array_equal(found.hidden, wanted.hidden)
    np.testing.assert_array_equal(found.posteriors, wanted.posteriors)
    assert found.events == [(model.labels[event.label], event.frame) for event in wanted.events]
    assert wanted.events, "a test without an event proves too little"


@pytest.fixture(scope="module")
def of_the_demo() -> Trace:
    """What the shipped model computes in the demo recording."""
    return NumpyEngine(load_model()).push(demo())


@pytest.mark.parametrize("board", (CORTEX | OTHERS).values(), ids=CORTEX | OTHERS)
def test_the_shipped_model_on_the_demo_equals_the_reference(board: Board, of_the_demo: Trace, tmp_path: Path) -> None:
    model = load_model()
    found = trace(board, model, demo(), tmp_path)
    assert_equals_numpy(found, model, demo(), of_the_demo)
    assert len(found.events) == 11


@pytest.mark.parametrize("board", CORTEX.values(), ids=CORTEX)
def test_the_corners_of_int16_equal_the_reference(board: Board, tmp_path: Path) -> None:
    model = random_model(3, hidden=37, rank_w=5, rank_u=9, words=7, gate="tanh")
    samples = np.concatenate(list(corner_cases().values()))
    assert_equals_numpy(trace(board, model, samples, tmp_path), model, samples)


@pytest.mark.parametrize("board", CORTEX.values(), ids=CORTEX)
def test_matrices_of_nibbles_equal_the_reference(board: Board, tmp_path: Path) -> None:
    model = nibble_model(random_model(15, frames_per_step=2))
    assert_equals_numpy(trace(board, model, demo_words(), tmp_path), model, demo_words())


@pytest.mark.parametrize("board", CORTEX.values(), ids=CORTEX)
def test_convolutions_equal_the_reference(board: Board, tmp_path: Path) -> None:
    model = convolved_model(random_model(17), random_convolution(1))
    assert_equals_numpy(trace(board, model, demo_words(), tmp_path), model, demo_words())


DSP_MODELS = {
    "bytes": dense_model(random_model(9, hidden=37, rank_w=7, rank_u=10)),
    "nibbles": nibble_model(random_model(15, hidden=37, rank_w=7, rank_u=10)),
    "convolutions of nibbles": convolved_model(random_model(17), nibble_convolution()),
}


@pytest.mark.parametrize("name", DSP_MODELS)
def test_two_products_at_once_equal_the_reference_whatever_is_left_over(name: str, tmp_path: Path) -> None:
    """Of 37 columns, five are left behind those that the assembly takes eight at a time; of 7 rows three."""
    model, samples = DSP_MODELS[name], demo()[:80_000]
    assert_equals_numpy(trace(BOARDS["nano33ble"], model, samples, tmp_path), model, samples)


@pytest.mark.parametrize("board", OTHERS.values(), ids=OTHERS)
def test_a_program_that_fails_on_an_emulated_board_is_a_failure(board: Board, tmp_path: Path) -> None:
    """So that equal events are the events of a program that ran."""
    (tmp_path / "fail.c").write_text(
        '#include "semihosting.h"\nint main(void) { semihosting_print("no"); return 3; }\n'
    )
    elf = build(board, random_model(0), [tmp_path / "fail.c"], tmp_path)
    with pytest.raises(Failed, match="no"):
        run(emulator(board, elf), tmp_path)


# Models that hear a word every three seconds, so that the commands' second ends in between, and commands.
SEVERAL = (
    every_three_seconds(random_model(0)),
    every_three_seconds(random_model(12, hidden=100, frames_per_step=3, gate="tanh", words=2)),
    convolved_model(random_model(17, words=3), random_convolution(1)),
)


@pytest.mark.parametrize("models", [SEVERAL, [random_model(0)] * 3], ids=["different", "copies"])
@pytest.mark.parametrize("board", CORTEX.values(), ids=CORTEX)
def test_several_models_and_commands_equal_the_reference(board: Board, models: Sequence[Model], tmp_path: Path) -> None:
    """Of three copies of one model, each word comes from all three in one frame, and all reach poll()."""
    for name, model in zip(("second", "command"), models[1:], strict=True):
        (tmp_path / header_of(name)).write_text(export_c(model, name))
    program = [SRC / "WakeWord.cpp", Path(__file__).with_name("several_sketch.cpp")]
    samples = demo()[:96_000]
    elf = build(board, models[0], program, tmp_path)
    write_input(samples, tmp_path)
    printed = np.array(run(emulator(board, elf), tmp_path).split()).reshape(-1, 5)
    wanted = CombinedEngine(models[:2], models[2:], "numpy", seconds=1.0).push(samples)
    rows = np.fromfile(tmp_path / "trace.bin", "<i2").reshape(len(wanted.features), -1)
    np.testing.assert_array_equal(rows, np.hstack([wanted.features, wanted.hidden, wanted.posteriors]))
    events = [(int(model), str(word), int(score), int(frame)) for model, word, score, _, frame in printed]
    columns = [(number, label) for number, model in enumerate(models) for label in model.labels]
    assert events == [(*columns[event.label], event.score, event.frame) for event in wanted.events]
    assert {model for model, *_ in events} == {0, 1, 2}, "a test without an event of each proves too little"


def test_the_last_four_events_wait_for_a_sketch_that_polls_late(tmp_path: Path) -> None:
    model = random_model(1)
    program = [SRC / "WakeWord.cpp", Path(__file__).with_name("late_sketch.cpp")]
    elf = build(BOARDS["due"], model, program, tmp_path)
    write_input(demo_words(), tmp_path)
    words = [model.labels[event.label] for event in NumpyEngine(model).push(demo_words()).events]
    assert len(words) > 6
    assert run(emulator(BOARDS["due"], elf), tmp_path).split() == [*words[-4:], "none"]


def test_firmware_that_is_larger_than_the_board_s_memory_does_not_link(tmp_path: Path) -> None:
    due = BOARDS["due"]
    with pytest.raises(Failed, match="`FLASH' overflowed"):
        trace(replace(due, flash=4 * 1024), random_model(0), demo(), tmp_path)
    with pytest.raises(Failed, match=r"no room for the stack|`RAM' overflowed"):
        trace(replace(due, ram=5 * 1024), random_model(0), demo(), tmp_path)


# Models of 100 units made up for these tests.
OF_100_UNITS = {
    "plain": random_model(1, hidden=100, rank_w=16, rank_u=25, words=10),
    "convolutions": convolved_model(random_model(1, hidden=100, rank_w=16, rank_u=25, words=10), random_convolution(1)),
}
# Limits on the instructions of a frame, some 3 % above the count when the loops were last made faster.
LIMITS = {
    ("due", "plain"): {"front_end": 50_700, "network": 41_900, "detector": 700},
    ("due", "convolutions"): {"front_end": 50_700, "network": 63_500, "detector": 700},
    ("mkr1000", "plain"): {"front_end": 95_100, "network": 71_800, "detector": 1_000},
    ("mkr1000", "convolutions"): {"front_end": 95_100, "network": 119_900, "detector": 1_000},
    ("nano33ble", "plain"): {"front_end": 40_800, "network": 41_450, "detector": 700},
    ("nano33ble", "convolutions"): {"front_end": 40_800, "network": 55_900, "detector": 700},
    ("nano33ble", "google12"): {"front_end": 40_800, "network": 30_100, "detector": 700},
    ("esp32c3", "google12"): {"front_end": 64_300, "network": 84_300, "detector": 850},
}


@pytest.mark.parametrize(("name", "kind"), LIMITS)
def test_a_frame_stays_within_its_instructions_and_memory(name: str, kind: str, tmp_path: Path) -> None:
    model = load_model() if kind == "google12" else OF_100_UNITS[kind]
    counts = count(BOARDS[name], model, demo_words(), tmp_path)
    limits = LIMITS[name, kind]
    assert not {stage: taken for stage, taken in counts.greatest.items() if taken > limits[stage]}
    assert counts.engine_bytes + counts.stack_bytes + BLOCKS_BYTES <= 6 * 1024
    assert counts.further_bytes <= 1420
    assert sum(measure(BOARDS[name], tmp_path / "firmware.elf").code_in_ram.values()) <= 400


def test_the_slowest_loops_are_in_the_ram_of_an_mkr1000_and_not_of_a_due(tmp_path: Path) -> None:
    in_ram = {}
    for name, board in CORTEX.items():
        elf = build(board, random_model(0), [EMULATION / "count.c"], tmp_path)
        in_ram[name] = set(measure(board, elf).code_in_ram)
    assert in_ram == {"due": set(), "mkr1000": {"load_half", "ww_rotate_quarter"}}


def test_the_firmware_with_the_shipped_model_takes_less_than_32_kilobytes_of_flash(tmp_path: Path) -> None:
    for board in CORTEX.values():
        elf = build(board, load_model(), [EMULATION / "count.c"], tmp_path)
        assert sum(measure(board, elf).flash.values()) <= 32 * 1024
