"""Estimate the cycles of each function: instructions from an emulator (Unicorn), cycles from Arm's reference manuals.

The timing tables are those of the Cortex-M3, the Cortex-M4 and the Cortex-M0+. Of a range, the middle is taken.
waits.py adds the cycles in which the processor waits for its memory, for the boards whose memory it knows.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from unicorn import UC_ARCH_ARM, UC_HOOK_CODE, UC_HOOK_MEM_READ, UC_HOOK_MEM_WRITE, UC_MODE_MCLASS, UC_MODE_THUMB, Uc
from unicorn.arm_const import (
    UC_ARM_REG_LR,
    UC_ARM_REG_R0,
    UC_ARM_REG_R1,
    UC_ARM_REG_R2,
    UC_ARM_REG_R3,
    UC_ARM_REG_SP,
    UC_CPU_ARM_CORTEX_M0,
    UC_CPU_ARM_CORTEX_M3,
    UC_CPU_ARM_CORTEX_M4,
)

from bench.firmware.board import EMULATION, STAGES, Board, build, run
from bench.firmware.disassembly import Instruction, disassemble
from bench.firmware.waits import DueMemory, Memory, Mkr1000Memory, NoWaits
from featurizer import HOP
from wakeword.model.file import Model

_RAM, _STACK_TOP, _RETURN = 0x20000000, 0x20020000, 0x10000000
_CPUS = {
    "cortex-m3": UC_CPU_ARM_CORTEX_M3,
    "cortex-m4": UC_CPU_ARM_CORTEX_M4,
    "cortex-m0plus": UC_CPU_ARM_CORTEX_M0,
}


def cycles_m3(instruction: Instruction, before: Instruction | None, jumped: bool) -> int:
    """Return cycles of the Cortex-M3 (Arm DDI 0337I, table 3-1, section 3.3.2). A pipeline refill, 1 to 3, counts 2."""
    if instruction.is_a("smull", "umull"):
        return 4
    if instruction.is_a("smlal", "umlal"):
        return 5
    if instruction.is_a("mla", "mls"):
        return 2
    return cycles_m4(instruction, before, jumped)


def cycles_m4(instruction: Instruction, before: Instruction | None, jumped: bool) -> int:
    """Return cycles of the Cortex-M4 (Arm 100166, tables 3-1 and 3-2, section 3.3.2): products and sums take one.

    All else is as on the Cortex-M3. A quotient, 2 to 12, counts 7.
    """
    refill = 2 if jumped else 0
    if instruction.moves_several:
        return 1 + _registers_moved(instruction) + refill
    if instruction.is_a("tbb", "tbh"):
        return 4 + refill
    if instruction.loads or instruction.stores:
        return _single_access(instruction, before) + refill
    if instruction.is_a("sdiv", "udiv"):
        return 7
    return 1 + refill


def _registers_moved(instruction: Instruction) -> int:
    """Return how many registers are loaded or stored; the others hold the address."""
    if instruction.is_a("ldrd", "strd"):
        return 2
    return len(instruction.registers) - instruction.is_a("ldm", "stm")


def _single_access(instruction: Instruction, before: Instruction | None) -> int:
    """Return the cycles of a load or a store of one register on the Cortex-M3 and the Cortex-M4.

    After a load it overlaps with that load, unless the load gives its address. An address that the previous instruction
    has computed costs one more cycle. A store whose address is one register takes one cycle.
    """
    behind_load = before is not None and before.loads and before.registers[0] not in instruction.address
    late = before is not None and any(register in instruction.address for register in before.result)
    at_once = behind_load or (instruction.stores and len(instruction.address) == 1)
    return (1 if at_once else 2) + late


def cycles_m0plus(instruction: Instruction, before: Instruction | None, jumped: bool) -> int:
    """Return cycles of the Cortex-M0+ with single-cycle multiplier (Arm DDI 0484, table of instruction timings)."""
    if instruction.moves_several:
        return 1 + _registers_moved(instruction) + (2 if jumped else 0)
    if instruction.loads or instruction.stores:
        return 2
    if instruction.name == "bl":
        return 3
    return 2 if jumped else 1


# The cycles of an instruction, from the previous one and whether it jumps.
_Timing = Callable[[Instruction, Instruction | None, bool], int]
_TIMINGS: dict[str, _Timing] = {"cortex-m3": cycles_m3, "cortex-m4": cycles_m4, "cortex-m0plus": cycles_m0plus}
# By chip.
_MEMORIES: dict[str, type[Memory]] = {"SAM3X8E": DueMemory, "SAMD21": Mkr1000Memory}


def knows_cycles(board: Board) -> bool:
    """Return whether the cycles of a board's processor are estimated. Arm gives none of the Cortex-M33."""
    return board.cpu in _TIMINGS


def knows_waits(board: Board) -> bool:
    """Return whether the waits of a board's memory are estimated; of the others they count 0."""
    return board.memory in _MEMORIES


@dataclass
class Taken:
    """Cycles by function: computing, and waiting for the memory."""

    computing: Counter[str]
    waiting: Counter[str]

    def add(self, other: Taken) -> None:
        self.computing += other.computing
        self.waiting += other.waiting

    def mean(self, count: int) -> Taken:
        """Return the mean for one of this many calls."""
        return Taken(
            *(Counter({n: round(c / count) for n, c in part.items()}) for part in (self.computing, self.waiting))
        )


class Machine:
    """A program in an emulator, whose functions can be called and timed.

    in_ram: functions whose waits are those of code in RAM, wherever they are.
    """

    def __init__(self, board: Board, elf: Path, in_ram: frozenset[str] = frozenset()) -> None:
        self.symbols = _symbols(elf)
        self._instructions = disassemble(elf)
        self._in_ram = in_ram
        self._cycles = _TIMINGS[board.cpu]
        self._memory = _MEMORIES.get(board.memory, NoWaits)()
        self._now = 0  # cycles since the first call
        self._uc = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        self._uc.ctl_set_cpu_model(_CPUS[board.cpu])
        self._uc.mem_map(0, 1 << 20)
        self._uc.mem_map(_RAM, 1 << 18)
        self._uc.mem_map(_RETURN, 1 << 12)
        for address, data in _segments(elf):
            self._uc.mem_write(address, data)
        self._free = _STACK_TOP
        # Addresses of an instruction, and of its loads and stores with their bytes.
        self._trace: list[tuple[int, list[tuple[int, int]]]] = []
        self._uc.hook_add(UC_HOOK_CODE, self._step)
        self._uc.hook_add(UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, self._access)

    def _step(self, uc: Any, address: int, size: int, data: Any) -> None:
        self._trace.append((address, []))

    def _access(self, uc: Any, kind: int, address: int, size: int, value: int, data: Any) -> None:
        self._trace[-1][1].append((address, size))

    def allocate(self, size: int) -> int:
        """Return the address of this many zero bytes."""
        address = self._free
        self._free += -(-size // 8) * 8
        return address

    def write(self, address: int, data: bytes) -> None:
        self._uc.mem_write(address, data)

    def word(self, address: int) -> int:
        return int(struct.unpack("<I", self._uc.mem_read(address, 4))[0])

    def call(self, function: str, *arguments: int, fifth: int = 0) -> tuple[int, Taken]:
        """Call a function; return its result and its cycles. The fifth argument goes on the stack."""
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

    def _count(self) -> Taken:
        taken = Taken(Counter(), Counter())
        before = None
        jumped = True
        addresses = [address for address, _ in self._trace] + [_RETURN]
        for (address, accesses), following in zip(self._trace, addresses[1:], strict=True):
            instruction = self._instructions[address]
            behind = address + instruction.size
            self._wait(taken, instruction, address, accesses, jumped)
            jumped = instruction.branches and following != behind
            self._compute(taken, instruction, before, jumped, accesses)
            before = instruction
            while not jumped and behind != following:  # the emulator does not trace instructions that a condition skips
                skipped = self._instructions[behind]
                self._wait(taken, skipped, behind, [], False)
                taken.computing[instruction.function] += 1
                self._now += 1
                behind += skipped.size
                before = None
        return taken

    def _wait(
        self, taken: Taken, instruction: Instruction, address: int, accesses: list[tuple[int, int]], jumped: bool
    ) -> None:
        if instruction.function in self._in_ram:
            address |= _RAM
        wait = self._memory.fetch(address, instruction.size, jumped, self._now)
        for accessed, _ in accesses:
            wait += self._memory.access(accessed, self._now + wait)
        taken.waiting[instruction.function] += wait
        self._now += wait

    def _compute(
        self,
        taken: Taken,
        instruction: Instruction,
        before: Instruction | None,
        jumped: bool,
        accesses: list[tuple[int, int]],
    ) -> None:
        cycles = self._cycles(instruction, before, jumped) + sum(address % size != 0 for address, size in accesses)
        taken.computing[instruction.function] += cycles
        self._now += cycles


def _symbols(elf: Path) -> dict[str, int]:
    lines = (line.split() for line in run(["arm-none-eabi-nm", elf], elf.parent).splitlines())
    return {line[2]: int(line[0], 16) & ~1 for line in lines if len(line) == 3}


def _segments(elf: Path) -> list[tuple[int, bytes]]:
    """Return addresses and contents of a started program, with the parts that the startup code copies to RAM."""
    data = elf.read_bytes()
    offset, count = struct.unpack_from("<I", data, 28)[0], struct.unpack_from("<H", data, 44)[0]
    headers = [struct.unpack_from("<8I", data, offset + 32 * index) for index in range(count)]
    loaded = [header for header in headers if header[0] == 1]
    return [(address, data[at : at + size]) for _, at, *places, size, _, _, _ in loaded for address in places]


def estimate(
    board: Board, loaded: Model, samples: np.ndarray, folder: Path, in_ram: frozenset[str] = frozenset()
) -> dict[str, Taken]:
    """Estimate cycles by stage and function, the mean over the frames of these samples; in_ram as for `Machine`."""
    machine = Machine(board, build(board, loaded, [EMULATION / "count.c"], folder), in_ram)
    model = machine.symbols["wakeword_convolved" if loaded.convolution else "wakeword_model"]
    featurizer, scratch, network, detector = (machine.allocate(4096) for _ in range(4))
    features, posteriors, block, counter, event = (machine.allocate(1024) for _ in range(5))
    machine.call("ww_featurizer_reset", featurizer)
    totals = {stage: Taken(Counter(), Counter()) for stage in STAGES}
    frames = 0
    for start in range(0, len(samples) - HOP // 2 + 1, HOP // 2):
        machine.write(block, samples[start : start + HOP // 2].tobytes())
        machine.write(counter, struct.pack("<I", HOP // 2))
        complete, cycles = machine.call("ww_featurizer_push", featurizer, scratch, block, counter, fifth=features)
        totals["front_end"].add(cycles)
        if complete:
            frames += 1
            cycles = machine.call("ww_fastgrnn_step", model, network, scratch, features, fifth=posteriors)[1]
            totals["network"].add(cycles)
            totals["detector"].add(machine.call("ww_detector_step", model, detector, posteriors, event)[1])
    return {stage: total.mean(frames) for stage, total in totals.items()}
