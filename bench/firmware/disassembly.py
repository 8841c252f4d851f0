"""The instructions of a linked program, from its disassembly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bench.firmware.board import run

_LINE = re.compile(r"^ *([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(\S+)\s*(.*)$")
# Each condition's opposite, as the disassembler names them.
_PAIRS = [("eq", "ne"), ("cs", "cc"), ("mi", "pl"), ("vs", "vc"), ("hi", "ls"), ("ge", "lt"), ("gt", "le")]
_INVERSE = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}


@dataclass(frozen=True)
class Instruction:
    """One line of a disassembly."""

    name: str  # without its width and condition
    registers: tuple[str, ...]  # in the order they are written
    size: int  # bytes
    function: str

    def is_a(self, *stems: str) -> bool:
        """Return whether its name begins with one of these."""
        return self.name.startswith(stems)

    @property
    def moves_several(self) -> bool:
        """Return whether it loads or stores more than one register."""
        return self.is_a("ldm", "stm", "push", "pop", "ldrd", "strd")

    @property
    def loads(self) -> bool:
        return self.name.startswith("ldr") and self.name != "ldrd"

    @property
    def stores(self) -> bool:
        return self.name.startswith("str") and self.name != "strd"

    @property
    def address(self) -> tuple[str, ...]:
        """Return the registers that form the address of a load or a store of one register."""
        return self.registers[1:]

    @property
    def result(self) -> tuple[str, ...]:
        """Return the registers that an instruction without memory access writes to."""
        if self.loads or self.stores or self.branches or self.is_a("cmp", "cmn", "tst", "teq") or self.moves_several:
            return ()
        return self.registers[: 2 if self.is_a("smull", "umull", "smlal", "umlal") else 1]

    @property
    def branches(self) -> bool:
        return self.name in ("b", "bl", "bx", "blx", "cbz", "cbnz", "tbb", "tbh") or "pc" in self.registers


def disassemble(elf: Path) -> dict[int, Instruction]:
    """Return all instructions of a program, by address."""
    found: dict[int, Instruction] = {}
    function = ""
    conditions: list[str] = []
    for line in run(["arm-none-eabi-objdump", "-d", elf], elf.parent).splitlines():
        if label := re.match(r"^[0-9a-f]+ <(.+)>:$", line):
            function = label[1]
        elif match := _LINE.match(line):
            address, code, name, operands = match.groups()
            name = name.partition(".")[0]
            condition = conditions.pop(0) if conditions else ""
            if re.fullmatch("it[te]*", name):
                conditions = [operands.strip() if arm == "t" else _INVERSE[operands.strip()] for arm in name[1:]]
            name = "b" if re.fullmatch(f"b({'|'.join(_INVERSE)})", name) else name.removesuffix(condition)
            registers = re.findall(r"\b(?:r\d+|sl|fp|ip|sp|lr|pc)\b", re.sub(r"[;@<].*", "", operands))
            size = len(code.replace(" ", "")) // 2
            found[int(address, 16)] = Instruction(name, tuple(registers), size, function)
    return found
