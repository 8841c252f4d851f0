"""The firmware's use of a board's memory, by function and by table, from the linked program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bench.firmware.board import CORE, Board, run

_HARNESS = ("startup.c", "semihosting.c", "count.c")  # only the emulated board needs them


@dataclass(frozen=True)
class Sizes:
    """Bytes by symbol."""

    flash: dict[str, int]
    code_in_ram: dict[str, int]  # a subset of `flash`: copied to RAM when the program starts
    stack: dict[str, int]  # of the core's functions, each without those that it calls


def measure(board: Board, elf: Path) -> Sizes:
    """Measure a program that `build` linked of `count.c` for a board; its objects must be in the same folder."""
    harness = {name for source in _HARNESS for name in _symbols(elf.with_name(f"{source}.o"))}
    harness.difference_update(name for name in _symbols(elf) if name.startswith("wakeword_"))
    symbols = {name: symbol for name, symbol in _symbols(elf).items() if name not in harness and symbol[0] in "TtRr"}
    flash = {name: size for name, (_, size, _) in symbols.items()}
    code_in_ram = {name: size for name, (_, size, address) in symbols.items() if address >= board.ram_at}
    stack = {}
    for source in CORE:
        usage = elf.with_name(f"{source.name}.su").read_text()
        stack.update({name: int(size) for name, size in re.findall(r":(\w+)\t(\d+)\t", usage)})
    return Sizes(flash, code_in_ram, stack)


def _symbols(compiled: Path) -> dict[str, tuple[str, int, int]]:
    """Return kind, size and address of each sized symbol."""
    lines = run(["arm-none-eabi-nm", "--print-size", compiled], compiled.parent).splitlines()
    fields = (line.split() for line in lines)
    rows = (row for row in fields if len(row) == 4)
    return {name: (kind, int(size, 16), int(address, 16)) for address, size, kind, name in rows}
