"""Estimates how many cycles the firmware takes, by function: the program's instructions from an emulator (Unicorn),
their cycles from the timing tables in Arm's reference manuals of the Cortex-M3 and the Cortex-M0+.

What the tables give as a range is taken in its middle. Neither wait states of the flash nor its caches are in the
model, so on a board the figure may differ: it is an estimate.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from unicorn import UC_ARCH_ARM, UC_HOOK_CODE, UC_MODE_MCLASS, UC_MODE_THUMB, Uc
from unicorn.arm_const import (
    UC_ARM_REG_LR,
    UC_ARM_REG_R0,
    UC_ARM_REG_R1,
    UC_ARM_REG_R2,
    UC_ARM_REG_R3,
    UC_ARM_REG_SP,
    UC_CPU_ARM_CORTEX_M0,
    UC_CPU_ARM_CORTEX_M3,
)

from bench.firmware.board import EMULATION, STAGES, Board, build, run
from featurizer import HOP
from wakeword.bundle import Bundle

_LINE = re.compile(r"^ *([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(\S+)\s*(.*)$")
_RAM, _STACK_TOP, _RETURN = 0x20000000, 0x20020000, 0x10000000
_CPUS = {"cortex-m3": UC_CPU_ARM_CORTEX_M3, "cortex-m0plus": UC_CPU_ARM_CORTEX_M0}


@dataclass(frozen=True)
class Instruction:
    """One line of a disassembly."""

    name: str  # without its width and condition
    registers: tuple[str, ...]  # in the order they are written
    size: int  # bytes
    function: str

    @property
    def loads(self) -> bool:
        return self.name.startswith("ldr") and self.name != "ldrd"

    @property
    def stores(self) -> bool:
        return self.name.startswith("str") and self.name != "strd"

    @property
    def address(self) -> tuple[str, ...]:
        """The registers that a load or a store of one register takes its address from."""
        return self.registers[1:]

    @property
    def result(self) -> tuple[str, ...]:
        """The registers that an instruction which touches no memory writes to."""
        if self.loads or self.stores or self.branches or _is(self.name, *_MULTIPLE, "cmp", "cmn", "tst", "teq"):
            return ()
        return self.registers[: 2 if _is(self.name, "smull", "umull", "smlal", "umlal") else 1]

    @property
    def branches(self) -> bool:
        return self.name in ("b", "bl", "bx", "blx", "cbz", "cbnz", "tbb", "tbh") or "pc" in self.registers


def disassemble(elf: Path) -> dict[int, Instruction]:
    """All instructions of a program, by address."""
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


# Each condition's opposite, as the disassembler names them.
_PAIRS = [("eq", "ne"), ("cs", "cc"), ("mi", "pl"), ("vs", "vc"), ("hi", "ls"), ("ge", "lt"), ("gt", "le")]
_INVERSE = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}
_MULTIPLE = ("ldm", "stm", "push", "pop", "ldrd", "strd")


def _is(name: str, *stems: str) -> bool:
    return name.startswith(stems)


def cycles_m3(instruction: Instruction, before: Instruction | None, jumped: bool) -> int:
    """Cycles of the Cortex-M3 (Arm DDI 0337I, table 3-1 and section 3.3.2); a pipeline refill takes 1 to 3: 2."""
    name, refill = instruction.name, 2 if jumped else 0
    if _is(name, *_MULTIPLE):
        count = 2 if name.endswith("rd") else len(instruction.registers) - _is(name, "ldm", "stm")
        return 1 + count + refill
    if _is(name, "tbb", "tbh"):
        return 4 + refill
    if instruction.loads or instruction.stores:
        return _single_access(instruction, before) + refill
    if _is(name, "smull", "umull"):
        return 4
    if _is(name, "smlal", "umlal"):
        return 5
    if _is(name, "mla", "mls"):
        return 2
    if _is(name, "sdiv", "udiv"):
        return 7
    return 1 + refill


def _single_access(instruction: Instruction, before: Instruction | None) -> int:
    """Cycles of a load or a store of one register on the Cortex-M3.

    Behind a load it overlaps with that, unless its address comes from there. An address that the instruction before
    has computed comes a cycle late. A store whose address has no register beside the base waits for nothing.
    """
    behind_load = before is not None and before.loads and before.registers[0] not in instruction.address
    late = before is not None and any(register in instruction.address for register in before.result)
    at_once = behind_load or (instruction.stores and len(instruction.address) == 1)
    return (1 if at_once else 2) + late


def cycles_m0plus(instruction: Instruction, before: Instruction | None, jumped: bool) -> int:
    """Cycles of the Cortex-M0+ with its single-cycle multiplier (Arm DDI 0484, table of instruction timings)."""
    name = instruction.name
    if _is(name, "ldm", "stm", "push", "pop"):
        return 1 + len(instruction.registers) - _is(name, "ldm", "stm") + (2 if jumped else 0)
    if instruction.loads or instruction.stores:
        return 2
    if name == "bl":
        return 3
    return 2 if jumped else 1


_MODELS = {"cortex-m3": cycles_m3, "cortex-m0plus": cycles_m0plus}


class Machine:
    """A program in an emulator, whose functions can be called and timed."""

    def __init__(self, board: Board, elf: Path) -> None:
        self.symbols = _symbols(elf)
        self._instructions = disassemble(elf)
        self._cycles = _MODELS[board.cpu]
        self._uc = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        self._uc.ctl_set_cpu_model(_CPUS[board.cpu])
        self._uc.mem_map(0, 1 << 20)
        self._uc.mem_map(_RAM, 1 << 18)
        self._uc.mem_map(_RETURN, 1 << 12)
        for address, data in _segments(elf):
            self._uc.mem_write(address, data)
        self._free = _STACK_TOP
        self._trace: list[int] = []  # addresses
        self._uc.hook_add(UC_HOOK_CODE, self._step)

    def _step(self, uc: Any, address: int, size: int, data: Any) -> None:
        self._trace.append(address)

    def allocate(self, size: int) -> int:
        """The address of so many zero bytes."""
        address = self._free
        self._free += -(-size // 8) * 8
        return address

    def write(self, address: int, data: bytes) -> None:
        self._uc.mem_write(address, data)

    def word(self, address: int) -> int:
        return int(struct.unpack("<I", self._uc.mem_read(address, 4))[0])

    def call(self, function: str, *arguments: int, fifth: int = 0) -> tuple[int, Counter[str]]:
        """What a function returns, and the cycles that it took by function. The fifth argument is on the stack."""
        self._trace.clear()
        self._uc.reg_write(UC_ARM_REG_SP, _STACK_TOP - 8)
        self.write(_STACK_TOP - 8, struct.pack("<I", fifth))
        for register, value in zip(
            (UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3), arguments, strict=False
        ):
            self._uc.reg_write(register, value)
        self._uc.reg_write(UC_ARM_REG_LR, _RETURN | 1)
        self._uc.emu_start(self.symbols[function] | 1, _RETURN)
        return int(self._uc.reg_read(UC_ARM_REG_R0)), self._count()

    def _count(self) -> Counter[str]:
        cycles: Counter[str] = Counter()
        before = None
        for address, following in zip(self._trace, [*self._trace[1:], _RETURN], strict=True):
            instruction = self._instructions[address]
            behind = address + instruction.size
            jumped = instruction.branches and following != behind
            cycles[instruction.function] += self._cycles(instruction, before, jumped)
            before = instruction
            while not jumped and behind != following:  # the emulator does not tell what a condition has passed over
                cycles[instruction.function] += 1
                behind += self._instructions[behind].size
                before = None
        return cycles


def _symbols(elf: Path) -> dict[str, int]:
    lines = (line.split() for line in run(["arm-none-eabi-nm", elf], elf.parent).splitlines())
    return {line[2]: int(line[0], 16) & ~1 for line in lines if len(line) == 3}


def _segments(elf: Path) -> list[tuple[int, bytes]]:
    """What an ELF file has the loader put where."""
    data = elf.read_bytes()
    offset, count = struct.unpack_from("<I", data, 28)[0], struct.unpack_from("<H", data, 44)[0]
    headers = [struct.unpack_from("<8I", data, offset + 32 * index) for index in range(count)]
    return [(address, data[at : at + size]) for kind, at, _, address, size, *_ in headers if kind == 1]


def estimate(board: Board, bundle: Bundle, samples: np.ndarray, folder: Path) -> dict[str, Counter[str]]:
    """Cycles a frame by stage and function, the mean over the frames of these samples."""
    machine = Machine(board, build(board, bundle, [EMULATION / "count.c"], folder))
    model = machine.symbols["wakeword_model"]
    featurizer, scratch, network, detector = (machine.allocate(4096) for _ in range(4))
    features, posteriors, block, counter, event = (machine.allocate(1024) for _ in range(5))
    machine.call("ww_featurizer_reset", featurizer)
    totals: dict[str, Counter[str]] = {stage: Counter() for stage in STAGES}
    frames = 0
    for start in range(0, len(samples) - HOP // 2 + 1, HOP // 2):
        machine.write(block, samples[start : start + HOP // 2].tobytes())
        machine.write(counter, struct.pack("<I", HOP // 2))
        complete, cycles = machine.call("ww_featurizer_push", featurizer, scratch, block, counter, fifth=features)
        totals["front_end"] += cycles
        if complete:
            frames += 1
            totals["network"] += machine.call("ww_fastgrnn_step", model, network, features, posteriors)[1]
            totals["detector"] += machine.call("ww_detector_step", model, detector, posteriors, event)[1]
    return {
        stage: Counter({name: round(count / frames) for name, count in total.items()})
        for stage, total in totals.items()
    }
