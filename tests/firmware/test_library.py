"""`firmware/` is an Arduino library, and each sketch compiles for its boards."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

from tests import processes
from tests.firmware.arduino import BOARDS, LIBRARY, SRC, arm, compile_library, compile_sketch
from tests.firmware.toolchain import HOST, run
from tests.signals import ROOT
from tests.wakeword.models import random_model
from wakeword.model.export_c import export_c, header_of
from wakeword.model.pretrained import load_model


def properties() -> dict[str, str]:
    lines = (LIBRARY / "library.properties").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_the_properties_have_every_field_that_the_library_manager_requires() -> None:
    required = {"name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures"}
    assert required <= set(properties())
    assert (SRC / properties()["includes"]).is_file()


def test_the_library_and_the_c_core_have_the_version_of_the_package(tmp_path: Path) -> None:
    version = metadata.version("wakeword")
    assert properties()["version"] == version
    printed = tmp_path / "version.c"
    printed.write_text('#include "ww_engine.h"\nWW_VERSION WW_VERSION_MAJOR WW_VERSION_MINOR WW_VERSION_PATCH\n')
    lines = run(*HOST, "-E", f"-I{SRC / 'core'}", printed).splitlines()
    assert lines[-1].split() == [f'"{version}"', *version.split(".")]


def test_the_keywords_are_names_of_the_headers_behind_one_tab() -> None:
    headers = "".join(path.read_text() for path in SRC.rglob("*.h"))
    for line in (LIBRARY / "keywords.txt").read_text().splitlines():
        name, kind = line.split("\t")
        assert kind in ("KEYWORD1", "KEYWORD2")
        assert re.search(rf"\b{name}\b", headers), name


@pytest.mark.parametrize(("model", "name"), [("google12", "wakeword"), ("computer", "computer")])
def test_the_library_ships_models_of_the_package(model: str, name: str) -> None:
    header = (SRC / header_of(name)).read_text()
    stale = f"stale; wakeword export {model} --format c --name {name} --out firmware/src"
    assert header == export_c(load_model(model), name), stale


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Path]]:
    """The objects of the library, compiled once for each board that is asked for."""

    @cache
    def compiled(board: str) -> list[Path]:
        return compile_library(BOARDS[board], tmp_path_factory.mktemp(board))

    return compiled


def compile_for(board: str, sketch: Path, folder: Path) -> Path:
    """Compile a sketch with the model that a link of several wants beside it."""
    (folder / header_of("wake")).write_text(export_c(random_model(0), "wake"))
    return compile_sketch(replace(BOARDS[board], options=[f"-I{folder}"]), sketch, folder)


@pytest.mark.parametrize(
    ("board", "sketch"), [(name, sketch) for name, board in BOARDS.items() for sketch in board.sketches]
)
def test_a_sketch_compiles_for_its_board(
    board: str, sketch: str, libraries: Callable[[str], list[Path]], tmp_path: Path
) -> None:
    whole = tmp_path / "whole.o"
    binutils = BOARDS[board].c[0].removesuffix("gcc")
    objects = [*libraries(board), compile_for(board, LIBRARY / "examples" / sketch / f"{sketch}.ino", tmp_path)]
    linker = [word for word in BOARDS[board].c if not word.startswith("--specs")]  # they have a linker script
    run(*linker, "-r", "-nostdlib", *objects, "-o", whole)
    defined = run(f"{binutils}nm", "--demangle", "--defined-only", "--just-symbols", whole)
    assert {"setup", "loop"} <= {name.removesuffix("()") for name in defined.splitlines()}


@pytest.mark.parametrize("board", [name for name, board in BOARDS.items() if "Link" in board.sketches])
def test_a_link_sends_the_words_of_further_models(board: str, tmp_path: Path) -> None:
    link = (LIBRARY / "examples/Link/Link.ino").read_text()
    begun = "WAKEWORD_MODEL_ID);\n"
    assert begun in link
    further = "    WakeWordLink.add(second, wake_model, wake_labels);\n"
    further += "    WakeWordLink.then(commands, wakeword_model, wakeword_labels, 3);\n"
    models = '#include "wake_model.h"\n#include <WakeWordLink.h>\nstatic WakeWordModel second, commands;\n'
    (tmp_path / "Several.ino").write_text(models + link.replace(begun, begun + further))
    assert compile_for(board, tmp_path / "Several.ino", tmp_path)


@pytest.mark.parametrize(
    ("board", "microphone"),
    [
        *((name, "AnalogMicrophone") for name, board in BOARDS.items() if "Words" in board.sketches),
        ("nano33ble", "PdmMicrophone"),
        ("pico", "I2SMicrophone"),
    ],
)
def test_the_sketch_of_the_how_to_compiles_with_the_microphone_in_it_or_with_another(
    board: str, microphone: str, tmp_path: Path
) -> None:
    (sketch,) = re.findall(r"```cpp\n(.*?)```", (ROOT / "docs" / "wakeword-howto.md").read_text("utf-8"), re.DOTALL)
    if microphone != "AnalogMicrophone":
        sketch = sketch.replace("AnalogMicrophone", microphone).replace("begin(A0)", "begin()")
    (tmp_path / "Blink.ino").write_text(sketch)
    assert compile_for(board, tmp_path / "Blink.ino", tmp_path)


# A board of the MKR1000's core with a SAMD51, whose converter and buses have other registers.
SAMD51 = replace(BOARDS["mkr1000"], c=arm("cortex-m4"))
STRANGERS = {
    "Words": ("AnalogMicrophone", ["nano33ble", "xiao", "esp32c3", "SAMD51"]),
    "WordsI2S": ("I2SMicrophone", ["due", "nano33ble", "nanorp2040", "xiao", "SAMD51"]),
    "WordsPdm": ("PdmMicrophone", ["due", "mkr1000", "esp32c3", "SAMD51"]),
    "UnoLive": ("UnoMicrophone", ["due", "pico", "nano33ble", "esp32c3"]),
}


@pytest.mark.parametrize(
    ("sketch", "board"), [(sketch, board) for sketch, (_, boards) in STRANGERS.items() for board in boards]
)
def test_a_sketch_on_a_board_that_its_microphone_does_not_know_stops_at_one_error_that_names_the_way_out(
    sketch: str, board: str, tmp_path: Path
) -> None:
    source = (LIBRARY / "examples" / sketch / f"{sketch}.ino").read_text()
    (tmp_path / "sketch.cpp").write_text(f"#include <Arduino.h>\n{source}")
    compiler = (BOARDS | {"SAMD51": SAMD51})[board].cpp
    refused = processes.run([*compiler, "-c", tmp_path / "sketch.cpp", "-o", tmp_path / "sketch.o"])
    assert refused.returncode != 0
    (error,) = [line for line in refused.stderr.splitlines() if "error:" in line]
    assert f"{STRANGERS[sketch][0]} does not know this board: " in error and "WakeWord.push()" in error


def test_the_library_compiles_for_a_board_without_a_microphone_for_which_a_sketch_pushes_samples(
    tmp_path: Path,
) -> None:
    """The Arduino IDE compiles all files of a library, whatever a sketch includes."""
    assert compile_library(SAMD51, tmp_path)


@pytest.mark.parametrize("architecture", ["sam", "samd", "avr", "rp2040", "mbed_nano", "mbed", "nrf52", "esp32"])
def test_the_ide_offers_the_library_for_the_cores_of_its_boards(architecture: str) -> None:
    assert architecture in properties()["architectures"].split(",")


def test_every_sketch_is_compiled_for_some_board() -> None:
    folders = {path.name for path in (LIBRARY / "examples").iterdir()}
    of_the_uno = {"UnoFeatures", "UnoLive"}  # tests/firmware/test_uno.py and test_uno_live.py
    assert folders == {sketch for board in BOARDS.values() for sketch in board.sketches} | of_the_uno
    assert all((LIBRARY / "examples" / name / f"{name}.ino").is_file() for name in folders)
