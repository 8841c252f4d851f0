"""The Uno, in the setting of the paper: features arrive over the serial port, a network of 1 KB runs on the chip."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench.firmware.uno import FLASH, LIBRARY, MEGAHERTZ, RAM, build, compile_sketch, running, sizes
from tests.signals import ROOT, demo_words
from tests.wakeword.models import random_model
from wakeword.boards.selftest import selftest
from wakeword.boards.serial_link import Link
from wakeword.model.export_c import export_c
from wakeword.model.file import Model
from wakeword.model.size import model_size

CYCLES_A_FRAME = MEGAHERTZ * 10_000  # 10 ms


def model_of_1_kb() -> Model:
    """Made up, as large as the paper's smallest."""
    return random_model(2, hidden=24, rank_w=8, rank_u=8, words=4)


def test_it_is_a_model_of_1_kb() -> None:
    assert 900 <= sum(model_size(model_of_1_kb()).values()) <= 1024


def test_the_network_on_an_uno_equals_the_reference_in_time_and_in_2_kb(tmp_path: Path) -> None:
    model = model_of_1_kb()
    elf = build(model, tmp_path)
    with running(elf) as uno, Link(uno.port) as link:
        assert selftest(link, model, demo_words()[16000:24000], with_features=True) == 48
    flash, ram = sizes(elf)
    assert flash <= FLASH
    assert ram + uno.stack <= RAM
    assert uno.cycles <= CYCLES_A_FRAME


def test_the_sketch_compiles_as_it_is_installed_with_the_model_beside_it(tmp_path: Path) -> None:
    installed = ROOT / "firmware/examples/UnoFeatures"
    header = (installed / "wakeword_model.h").read_text()
    assert header == export_c(model_of_1_kb()), "stale; write export_c(model_of_1_kb()) there"
    shutil.copytree(installed, tmp_path / "UnoFeatures")
    elf = compile_sketch(tmp_path / "UnoFeatures/UnoFeatures.ino", LIBRARY, tmp_path / "UnoFeatures")
    assert sizes(elf)[0] <= FLASH


def test_a_model_that_is_too_large_for_an_uno_does_not_compile(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="WW_MAX_HIDDEN of at least 40"):
        build(random_model(0), tmp_path)
