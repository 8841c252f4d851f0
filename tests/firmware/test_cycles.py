"""The estimate of cycles, on small functions whose cycles were added up by hand from Arm's timing tables."""

from __future__ import annotations

from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bench.firmware.__main__ import FRAMES, PHRASES, print_functions
from bench.firmware.board import BOARDS
from bench.firmware.cycles import Machine, Taken, estimate
from bench.firmware.phrase import made_up_phrase
from bench.firmware.sizes import Sizes
from tests.firmware.toolchain import run
from tests.signals import demo
from tests.wakeword.models import random_model
from wakeword.model.file import MAX_FRAMES_PER_STEP
from wakeword.model.size import model_size

# Instructions, and their cycles on the Cortex-M3 and the Cortex-M0+; None if the latter lacks one. The Cortex-M4 takes
# those of the Cortex-M3, except where it has a case of its own.
CASES = {
    "nothing": ([], 0, 0),
    "sums": (["adds r0, r0, r1", "lsls r0, r0, #3"], 2, 2),
    "a product": (["muls r0, r1"], 1, 1),
    "a product and a sum": (["mla r0, r1, r2, r3"], 2, None),
    "a long product": (["smull r0, r1, r2, r3"], 4, None),
    "one load": (["ldr r0, [sp]"], 2, 2),
    "two loads, which overlap": (["ldr r0, [sp]", "ldr r1, [sp, #4]"], 3, 4),
    "a load from a loaded address": (["mov r1, sp", "str r1, [sp]", "ldr r0, [sp]", "ldr r1, [r0]"], 6, 7),
    "a load behind a store": (["str r0, [sp]", "ldr r1, [sp, #4]"], 3, 4),
    "a load from an address computed before it": (["mov r1, sp", "ldr r0, [r1]"], 4, 3),
    "a load from an address computed earlier": (["mov r1, sp", "nop", "ldr r0, [r1]"], 4, 4),
    "a store at a sum of registers": (["mov r1, sp", "movs r2, #0", "nop", "str r0, [r1, r2]"], 5, 5),
    "such a store behind a load": (["mov r1, sp", "movs r2, #0", "ldr r0, [sp]", "str r0, [r1, r2]"], 5, 6),
    "a jump that is not taken": (["cmp r0, r0", "bne 1f", "nop", "1:"], 3, 3),
    "a jump that is taken": (["cmp r0, r0", "beq 1f", "nop", "1:"], 4, 3),
    "an instruction under a condition": (["cmp r0, r0", "it eq", "ldreq r0, [sp]"], 4, None),
    "one that is passed over": (["cmp r0, r0", "it ne", "ldrne r0, [sp]"], 3, None),
    "several registers": (["push {r4, r5, r6}", "pop {r4, r5, r6}"], 8, 8),
}
ON_M4 = {
    "a product and a sum": (["mla r0, r1, r2, r3"], 1),
    "a product taken off": (["mls r0, r1, r2, r3"], 1),
    "a long product": (["smull r0, r1, r2, r3"], 1),
    "a long product and a sum": (["smlal r0, r1, r2, r3"], 1),
    "two products and a sum": (["smlad r0, r1, r2, r3"], 1),
    "halves side by side": (["pkhbt r0, r1, r2, lsl #16"], 1),
    "a quotient": (["udiv r0, r1, r1"], 7),
    "a word at the address of a half": (["mov r1, sp", "nop", "ldr r0, [r1, #2]"], 5),
}
ON_M4 |= {name: (lines, on_m3) for name, (lines, on_m3, _) in CASES.items() if name not in ON_M4}
RETURN = {"due": 3, "mkr1000": 2, "nano33ble": 3}  # bx lr


def machine(name: str, lines: list[str], folder: Path) -> Machine:
    board = BOARDS[name]
    body = "\n".join(lines)
    source = folder / "f.s"
    source.write_text(f".syntax unified\n.thumb\n.text\n.global f\n.type f, %function\nf:\n{body}\nbx lr\n")
    run("arm-none-eabi-as", f"-mcpu={board.cpu}", source, "-o", folder / "f.o")
    run("arm-none-eabi-ld", "-Ttext=0x100", "-e", "f", folder / "f.o", "-o", folder / "f.elf")
    return Machine(board, folder / "f.elf")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["due", "mkr1000"])
def test_a_function_takes_the_cycles_of_the_tables(name: str, case: str, tmp_path: Path) -> None:
    lines, on_m3, on_m0 = CASES[case]
    wanted = on_m3 if name == "due" else on_m0
    if wanted is None:
        return
    _, taken = machine(name, lines, tmp_path).call("f")
    assert taken.computing == {"f": wanted + RETURN[name]}


@pytest.mark.parametrize("case", ON_M4)
def test_a_function_takes_the_cycles_of_the_cortex_m4_s_tables(case: str, tmp_path: Path) -> None:
    lines, wanted = ON_M4[case]
    _, taken = machine("nano33ble", lines, tmp_path).call("f")
    assert taken.computing == {"f": wanted + RETURN["nano33ble"]}
    assert not taken.waiting.total(), "its flash is not modelled"


def test_the_frames_whose_cycles_are_counted_are_whole_steps_of_any_model() -> None:
    assert all(FRAMES % frames == 0 for frames in range(1, MAX_FRAMES_PER_STEP + 1))


def test_the_core_s_result_is_that_of_the_emulated_program(tmp_path: Path) -> None:
    value, _ = machine("due", ["movs r0, #6", "movs r1, #7", "muls r0, r1"], tmp_path).call("f")
    assert value == 42


@pytest.mark.parametrize("kilobytes", PHRASES)
def test_a_phrase_whose_cycles_are_measured_has_the_bytes_that_the_table_says(kilobytes: str) -> None:
    size = sum(model_size(made_up_phrase(kilobytes)).values()) / 1000
    assert 0.9 * float(kilobytes) < size < 1.03 * float(kilobytes)


def test_cycles_are_given_by_stage_and_function(tmp_path: Path) -> None:
    cycles = estimate(BOARDS["due"], random_model(0), demo()[:720], tmp_path)
    assert set(cycles) == {"front_end", "network", "detector"}
    assert cycles["front_end"].computing["ww_fft"] > 5_000
    assert cycles["network"].computing["ww_product_rows"] > 5_000
    assert cycles["front_end"].computing.total() < 80_000
    assert 1_000 < cycles["front_end"].waiting["ww_fft"] < cycles["front_end"].computing["ww_fft"]


@pytest.mark.parametrize(("waits", "shown"), [(True, "4"), (False, "–")])
def test_a_function_of_two_stages_has_a_row_with_the_cycles_of_both(waits: bool, shown: str) -> None:
    stages = [Taken(Counter(fill=2_000), Counter(fill=4)), Taken(Counter(fill=30), Counter())]
    console = Console(file=StringIO(), width=100)
    print_functions(console, Sizes({"fill": 166, "table": 64}, {}, {"fill": 8}), stages, waits)
    assert isinstance(console.file, StringIO)
    rows = {row[0]: row[1:] for row in map(str.split, console.file.getvalue().replace("│", " ").splitlines()) if row}
    assert rows["fill"] == ["166", "8", "2,030", shown]
    assert rows["table"] == ["64"]
