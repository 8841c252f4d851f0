"""A processor that sleeps until the next block: it is awake for the frames alone, and misses nothing.

QEMU's interrupt controller and its WFI are those of the processor. tests/firmware/test_rp2040.py has the sketch Words,
which sleeps, with a chip's converter and DMA.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.firmware.board import BOARDS, SRC, build, emulator, run, write_input
from tests.signals import demo_words
from wakeword.inference.engine import open_engine
from wakeword.model.pretrained import load_model

BLOCK = 160
SKETCH = [SRC / "WakeWord.cpp", SRC / "microphone/ww_blocks.c", Path(__file__).with_name("sleeping.cpp")]


@pytest.mark.parametrize("name", ["due", "mkr1000", "nano33ble", "pico2"])
def test_a_processor_sleeps_until_the_next_block_and_loses_none(name: str, tmp_path: Path) -> None:
    board, model, samples = BOARDS[name], load_model(), demo_words()
    samples = samples[: len(samples) // BLOCK * BLOCK]
    elf = build(board, model, SKETCH, tmp_path)
    write_input(samples, tmp_path)
    printed = dict(line.rsplit(" ", 1) for line in run(emulator(board, elf), tmp_path).splitlines())

    assert printed.pop("come before went on") == "0"
    assert printed.pop("comes now went on") == "1", "the interrupt right behind the question woke nobody"
    assert printed.pop("lost") == "0"
    blocks = len(samples) // BLOCK
    assert blocks < int(printed.pop("turns")) <= 2 * blocks + 2, "a turn for each block, and one to sleep"
    wanted = open_engine(model).push(samples).events
    assert printed == {model.labels[event.label]: str(event.frame) for event in wanted} and wanted
