"""`firmware/` is an Arduino library, and each sketch compiles for its boards."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

from tests.firmware.toolchain import ARM, ARM_CPP, C99, HOST, run
from tests.signals import ROOT
from tests.wakeword.models import random_model
from wakeword.model.export_c import export_c, header_of
from wakeword.model.pretrained import load_model

LIBRARY = ROOT / "firmware"
SRC = LIBRARY / "src"
FAKE = Path(__file__).with_name("fake")
BOARDS = {
    "due": ("cortex-m3", "ARDUINO_ARCH_SAM"),
    "mkr1000": ("cortex-m0plus", "ARDUINO_ARCH_SAMD"),
}
SKETCHES = {
    "due": ["Words", "ThenCommand", "Timing", "Link"],
    "mkr1000": ["Words", "WordsI2S", "ThenCommand", "Timing", "Link", "LinkI2S"],
}
# Not -Wconversion: the boards' own headers shift into narrow registers.
WARNINGS = ["-Wall", "-Wextra", "-Werror"]


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


def test_the_library_ships_the_model_of_the_package() -> None:
    header = (SRC / "wakeword_model.h").read_text()
    assert header == export_c(load_model()), "stale; wakeword export google12 --format c --out firmware/src"


def compile_for(board: str, source: Path, folder: Path) -> list[Path]:
    """Compile the library and a sketch as the Arduino IDE does, against the fake headers of a board."""
    cpu, architecture = BOARDS[board]
    cpp = [ARM_CPP[0], f"-mcpu={cpu}", "-mthumb", "-Os", "-std=gnu++11", "-fno-rtti", "-fno-exceptions"]
    (folder / header_of("wake")).write_text(export_c(random_model(0), "wake"))  # that ThenCommand wants beside it
    main = folder / f"{source.stem}.cpp"
    main.write_text(f'#include <Arduino.h>\n#line 1 "{source}"\n{source.read_text()}')
    objects = []
    for path in [*sorted(SRC.rglob("*.c")), *sorted(SRC.rglob("*.cpp")), main]:
        compiler = [*ARM[cpu], *C99] if path.suffix == ".c" else [*cpp, *WARNINGS]
        objects.append(folder / f"{path.name}.o")
        run(*compiler, f"-D{architecture}", f"-I{SRC}", f"-I{FAKE / board}", "-c", path, "-o", objects[-1])
    return objects


@pytest.mark.parametrize(
    ("board", "sketch"), [(board, sketch) for board, sketches in SKETCHES.items() for sketch in sketches]
)
def test_a_sketch_compiles_for_its_board(board: str, sketch: str, tmp_path: Path) -> None:
    whole = tmp_path / "whole.o"
    source = LIBRARY / "examples" / sketch / f"{sketch}.ino"
    run("arm-none-eabi-ld", "-r", *compile_for(board, source, tmp_path), "-o", whole)
    defined = set(run("arm-none-eabi-nm", "--defined-only", "--just-symbols", whole).split())
    assert {"setup", "loop"} <= defined


@pytest.mark.parametrize("board", BOARDS)
def test_a_link_sends_the_words_of_further_models(board: str, tmp_path: Path) -> None:
    link = (LIBRARY / "examples/Link/Link.ino").read_text()
    begun = "WAKEWORD_MODEL_ID);\n"
    assert begun in link
    further = "    WakeWordLink.add(second, wake_model, wake_labels);\n"
    further += "    WakeWordLink.then(commands, wakeword_model, wakeword_labels, 3);\n"
    models = '#include "wake_model.h"\n#include <WakeWordLink.h>\nstatic WakeWordModel second, commands;\n'
    (tmp_path / "Several.ino").write_text(models + link.replace(begun, begun + further))
    assert compile_for(board, tmp_path / "Several.ino", tmp_path)


@pytest.mark.parametrize("board", BOARDS)
def test_the_sketch_of_the_how_to_compiles(board: str, tmp_path: Path) -> None:
    (sketch,) = re.findall(r"```cpp\n(.*?)```", (ROOT / "docs" / "wakeword-howto.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "Blink.ino").write_text(sketch)
    assert compile_for(board, tmp_path / "Blink.ino", tmp_path)


def test_every_sketch_is_compiled_for_some_board() -> None:
    folders = {path.name for path in (LIBRARY / "examples").iterdir()}
    of_the_uno = {"UnoFeatures", "UnoLive"}  # tests/firmware/test_uno.py and test_uno_live.py
    assert folders == {sketch for sketches in SKETCHES.values() for sketch in sketches} | of_the_uno
    assert all((LIBRARY / "examples" / name / f"{name}.ino").is_file() for name in folders)
