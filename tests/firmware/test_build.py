"""The core compiled for chips: pure integer C99 without allocation, small in stack and in RAM."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.firmware.toolchain import (
    ARM,
    ARM_CPP,
    AVR,
    C99,
    CORE,
    CPP11,
    HOST,
    SOURCES,
    compile_objects,
    run,
    symbol_sizes,
)

# External symbols that the core may use: three functions of the C library, and the compiler's integer helpers for
# a core that lacks an instruction (long products and shifts, division, leading zeros).
ALLOWED = {"memcpy", "memmove", "memset"}
ALLOWED |= {"__aeabi_lmul", "__aeabi_llsl", "__aeabi_llsr", "__aeabi_idiv", "__aeabi_uidiv", "__clzsi2"}

# A model of 100 hidden units, ranks of 16 and 12 labels.
ROOM = {"HIDDEN": 100, "RANK": 16, "LABELS": 12, "FRAMES_PER_STEP": 2, "CHANNELS": 0}
EXACT_SIZES = [f"-DWW_MAX_{name}={size}" for name, size in ROOM.items()]


@pytest.mark.parametrize("optimisation", ["-O0", "-O2", "-O3"])
def test_the_host_compiler_gives_no_warning(optimisation: str, tmp_path: Path) -> None:
    compile_objects([*HOST, *C99, "-pedantic", optimisation], SOURCES, tmp_path)


@pytest.fixture(scope="module", params=ARM)
def core(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The core's objects for a processor; that they compile at all tells that there is no warning."""
    return compile_objects([*ARM[request.param], *C99, "-pedantic"], SOURCES, tmp_path_factory.mktemp(request.param))


def test_the_arm_compiler_gives_no_warning(core: list[Path]) -> None:
    assert len(core) == len(SOURCES)


@pytest.mark.parametrize(
    "target", [["-mcpu=arm1176jzf-s"], ["-mcpu=cortex-a7", "-marm"], ["-mcpu=cortex-a7", "-mthumb"]]
)
def test_the_core_compiles_for_a_computer_with_an_arm_of_32_bits(target: list[str], tmp_path: Path) -> None:
    """Such a Raspberry Pi has DSP instructions too, and may not be in Thumb, as the assembly for them is."""
    compile_objects(["arm-none-eabi-gcc", *target, "-Os", *C99], SOURCES, tmp_path)


def test_the_uno_s_compiler_of_2017_gives_no_warning(tmp_path: Path) -> None:
    """avr-gcc 5.4 is the oldest compiler at hand: the Due's, GCC 4.8.3, comes only with the Arduino IDE."""
    # Not -Wconversion: to a compiler whose int has 16 bits, many a product of the core is wider than its operands.
    compile_objects([*AVR, "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror"], SOURCES, tmp_path)


@pytest.mark.parametrize("dialect", ["c99", "gnu99", "gnu11"])
def test_a_dialect_makes_no_difference(dialect: str, tmp_path: Path) -> None:
    compile_objects([*ARM["cortex-m3"], f"-std={dialect}", "-Wall", "-Wextra", "-Werror"], SOURCES, tmp_path)


def test_a_sketch_in_cpp_can_include_the_engine(tmp_path: Path) -> None:
    sketch = tmp_path / "sketch.cpp"
    sketch.write_text('#include "ww_engine.h"\nvoid reset(ww_engine *e) { ww_engine_reset(e, 0); }\n')
    compile_objects([*ARM_CPP, *CPP11], [sketch], tmp_path)


def test_the_core_needs_no_float_and_no_allocator(core: list[Path], tmp_path: Path) -> None:
    whole = tmp_path / "core.o"
    run("arm-none-eabi-ld", "-r", *core, "-o", whole)
    undefined = run("arm-none-eabi-nm", "--undefined-only", "--just-symbols", whole).split()
    assert set(undefined) <= ALLOWED


def test_the_core_holds_no_variable_outside_its_structs(core: list[Path]) -> None:
    for compiled in core:
        sections = dict(line.split()[:2] for line in run("arm-none-eabi-size", "-A", compiled).splitlines()[2:-2])
        assert (sections[".data"], sections[".bss"]) == ("0", "0"), compiled.name


@pytest.mark.parametrize("cpu", ARM)
def test_ram_and_stack_of_a_100_unit_model_are_within_6_kilobytes(cpu: str, tmp_path: Path) -> None:
    holder = tmp_path / "holder.c"
    holder.write_text('#include "ww_combined.h"\nww_engine engine;\nww_further further;\n')
    compiler = [*ARM[cpu], *C99, *EXACT_SIZES, "-fstack-usage"]
    *_, structs = compile_objects(compiler, [*SOURCES, holder], tmp_path)

    usage = {path.name: path.read_text() for path in sorted(tmp_path.glob("*.su"))}
    frames = {name: re.findall(r"\t(\d+)\t(.*)", text) for name, text in usage.items()}
    # Nothing recurses and no frame grows while it runs, so no chain of calls needs more than all frames together.
    assert {kind for found in frames.values() for _, kind in found} == {"static"}
    stack = {name: sum(int(size) for size, _ in found) for name, found in frames.items()}
    for_further_models = stack.pop("ww_combined.c.su")
    ram = symbol_sizes(structs)
    assert ram["engine"] <= 3400
    assert sum(stack.values()) <= 1350
    assert ram["engine"] + sum(stack.values()) <= 6 * 1024
    assert ram["further"] <= 600
    assert for_further_models <= 100


@pytest.mark.parametrize(
    ("name", "others"),
    [("HIDDEN", {"RANK": 16, "LABELS": 12, "CHANNELS": 0}), ("RANK", {"HIDDEN": 32, "LABELS": 12, "CHANNELS": 0})],
)
def test_a_size_that_is_given_for_an_uno_leaves_the_others_as_they_are(name: str, others: dict[str, int]) -> None:
    definitions = run(*HOST, "-D__AVR__", f"-DWW_MAX_{name}=8", "-E", "-dM", CORE / "ww_model.h")
    for size, room in ({name: 8} | others).items():
        assert f"#define WW_MAX_{size} {room}\n" in definitions


def test_only_one_header_shifts_bits() -> None:
    """The rounding of a product is defined once: only ww_fixed.h shifts."""
    without_comments = {
        path.name: re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S) for path in sorted(CORE.glob("*.[ch]"))
    }
    assert [name for name, code in without_comments.items() if "<<" in code or ">>" in code] == ["ww_fixed.h"]
