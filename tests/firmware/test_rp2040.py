"""The sketch Words on an emulated RP2040 (npm's rp2040js), with a recording at its converter: library, DMA and
interrupts run on the chip, above a driver of the tests' own in place of Arduino-Pico's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from featurizer import SAMPLE_RATE
from tests import processes
from tests.firmware.arduino import BOARDS, LIBRARY, WARNINGS, compile_library, compile_sketch
from tests.firmware.toolchain import run
from tests.node import NODE
from tests.signals import ROOT, demo
from wakeword.inference.engine import open_engine
from wakeword.model.pretrained import load_model

CHIP = Path(__file__).with_name("rp2040")
SECONDS = 6
HERTZ = 125e6


@pytest.mark.slow
def test_the_sketch_hears_the_words_in_time_and_loses_no_sample(tmp_path: Path) -> None:
    board = replace(BOARDS["pico"], options=["-ffunction-sections", "-fdata-sections"])
    objects = [*compile_library(board, tmp_path), compile_sketch(board, LIBRARY / "examples/Words/Words.ino", tmp_path)]
    objects.append(tmp_path / "chip.o")
    run(*board.cpp, *WARNINGS, "-c", CHIP / "chip.cpp", "-o", objects[-1])
    elf, program = tmp_path / "words.elf", tmp_path / "words.bin"
    link = ["-nostartfiles", "-Wl,--gc-sections", f"-T{CHIP / 'chip.ld'}", "--specs=nosys.specs"]
    run(*board.c, *objects, *link, "-o", elf)
    run("arm-none-eabi-objcopy", "-O", "binary", elf, program)

    samples = demo()[: SECONDS * SAMPLE_RATE]
    codes = tmp_path / "codes.raw"
    codes.write_bytes(((samples >> 4) + 2048).astype("<u2").tobytes())
    packages = {"NODE_PATH": str(ROOT / ".venv/rp2040js/node_modules")}
    done = processes.run([NODE, CHIP / "run.cjs", program, codes], environment=packages)
    assert done.returncode == 0, done.stderr

    model = load_model()
    expected = [model.labels[event.label] for event in open_engine(model).push(samples).events]
    assert len(expected) >= 2
    assert done.stdout.split() == expected
    assert int(done.stderr) < 0.25 * SECONDS * HERTZ
