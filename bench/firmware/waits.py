"""Estimate how long a processor waits for its memory: the flash of the Due and of the MKR1000, and code in RAM.

The model follows the makers' manuals. They leave open when a flash reads ahead, and whether it stops a read that a jump
has made useless. Here it reads ahead as soon as it is idle, and never stops a read.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

_RAM = 0x20000000  # and above: it answers at once


class Memory(Protocol):
    """The memory of instructions and constants."""

    def fetch(self, address: int, size: int, jumped: bool, now: int) -> int:
        """Return the cycles that an instruction waits, if it could execute at the cycle `now`.

        jumped: it is the target of a jump, so that the pipeline was refilled.
        """

    def access(self, address: int, now: int) -> int:
        """Return the cycles that a load or a store waits."""


class DueFlash:
    """The SAM3X8E's flash: 128 bits at a time, which takes five cycles; the Arduino core writes EEFC_FMR.FWS = 4.

    Atmel-11057, EEFC, sections "Code Read Optimization" and "Data Read Optimization": two buffers of 128 bits for
    sequential code, and one for constants. By the same manual's figure, three wait states or fewer are hidden from
    sequential code, so the buffers must read ahead.
    """

    CYCLES, LINE = 5, 16

    def __init__(self) -> None:
        self._code: dict[int, int] = {}  # lines, and when they arrive
        self._constants = -1  # line
        self._idle_at = 0

    def _read(self, now: int) -> int:
        self._idle_at = max(now, self._idle_at) + self.CYCLES
        return self._idle_at

    def code(self, address: int, now: int) -> int:
        """Return when a word of code that is asked for now arrives, at the earliest a cycle later."""
        line = address // self.LINE
        if line not in self._code:
            self._code = {line: self._read(now)}
        there = max(now + 1, self._code[line])
        if line + 1 not in self._code:
            self._code = {line: self._code[line], line + 1: self._read(self._code[line])}
        return there

    def constant(self, address: int, now: int) -> int:
        """Return when a word of data that is asked for now arrives."""
        line = address // self.LINE
        if line == self._constants:
            return now + 1
        self._constants = line
        return self._read(now)


class DueMemory:
    """The Due's memory for its Cortex-M3, which fetches three words of code ahead.

    Code in RAM comes over the data bus, at best a word in two cycles (Arm DDI 0337, "Pipelined instruction fetches").
    """

    AHEAD, REFILL = 3, 2

    def __init__(self) -> None:
        self.flash = DueFlash()
        self._next = self._fetched = 0  # the next word to fetch, and when the previous one arrived
        self._there: dict[int, int] = {}  # when the words arrived that wait to be executed
        self._taken: deque[int] = deque(maxlen=self.AHEAD)  # when the last words were executed
        self._bus_free = 0  # when the bus to the RAM is free

    def fetch(self, address: int, size: int, jumped: bool, now: int) -> int:
        first, last = address // 4, (address + size - 1) // 4
        if jumped:
            self._next, self._fetched = first, now - self.REFILL
            self._there.clear()
            self._taken.extend([self._fetched] * self.AHEAD)
        while self._next <= last or (len(self._there) < self.AHEAD and self._asked() < now):
            self._fetch_word()
        # Decoding a word takes a cycle, but not for the second half of an instruction that spans two words.
        wait = max(0, self._there[first] - (now - 1), self._there[last] - (now - (first == last)))
        for word in range(first, (address + size) // 4):
            del self._there[word]
            self._taken.append(now + wait)
        return wait

    def _asked(self) -> int:
        """Return when the next word is asked for: after the previous one, once there is room for it."""
        return max(self._fetched, self._taken[len(self._there) - self.AHEAD])

    def _fetch_word(self) -> None:
        if 4 * self._next >= _RAM:
            self._fetched = max(self._asked(), self._bus_free) + 2
        else:
            self._fetched = self.flash.code(4 * self._next, self._asked())
        self._there[self._next] = self._fetched
        self._next += 1

    def access(self, address: int, now: int) -> int:
        if address < _RAM:
            return self.flash.constant(address, now) - now - 1
        self._bus_free = now + 1
        return 0


class Mkr1000Memory:
    """The MKR1000's memory for its Cortex-M0+: a flash of 64 bits with one wait state, as the Arduino core sets it.

    A direct-mapped cache of 8 lines holds code and constants (Atmel-42181, NVMCTRL, section "Cache", in its mode after
    reset, in which a miss costs only the wait state). RAM answers at once.
    """

    LINE, LINES, WAIT = 8, 8, 1

    def __init__(self) -> None:
        self._cache = [-1] * self.LINES
        self._word = -1

    def fetch(self, address: int, size: int, jumped: bool, now: int) -> int:
        words = range(address // 4, (address + size - 1) // 4 + 1)
        new = [word for word in words if jumped or word != self._word]
        self._word = words[-1]
        return sum(self.access(4 * word, now) for word in new)

    def access(self, address: int, now: int) -> int:
        line = address // self.LINE
        if address >= _RAM or self._cache[line % self.LINES] == line:
            return 0
        self._cache[line % self.LINES] = line
        return self.WAIT


class NoWaits:
    """A memory that answers at once."""

    def fetch(self, address: int, size: int, jumped: bool, now: int) -> int:
        return 0

    def access(self, address: int, now: int) -> int:
        return 0
