"""How long a processor waits for its memory: what the makers' manuals say of the flash of the Due and of the MKR1000,
and of code in RAM. Estimated: the manuals leave open when a flash fetches ahead, and whether it breaks off what it
fetches in vain; here it does so as soon as it is idle, and never breaks off.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

_RAM = 0x20000000  # and above: it answers at once


class Memory(Protocol):
    """Where instructions and constants come from."""

    def fetch(self, address: int, size: int, jumped: bool, now: int) -> int:
        """Cycles that an instruction waits for, which is to be executed at the cycle `now`.

        jumped: it does not stand behind the one before it, and the pipeline has been filled anew.
        """

    def access(self, address: int, now: int) -> int:
        """Cycles that a load or a store waits for."""


class DueFlash:
    """The SAM3X8E's flash: 128 bits at a time, which takes five cycles; the Arduino core writes EEFC_FMR.FWS = 4.

    Atmel-11057, EEFC, sections "Code Read Optimization" and "Data Read Optimization": two buffers of 128 bits for
    code that goes straight on, and one for constants. By the same manual's figure three wait states or fewer are
    hidden from code that goes straight on, so that the buffers must fetch ahead.
    """

    CYCLES, LINE = 5, 16

    def __init__(self) -> None:
        self._code: dict[int, int] = {}  # lines, and when they are there
        self._constants = -1  # line
        self._idle_at = 0

    def _read(self, now: int) -> int:
        self._idle_at = max(now, self._idle_at) + self.CYCLES
        return self._idle_at

    def code(self, address: int, now: int) -> int:
        """When a word of code that is asked for now is there; a cycle later at the least."""
        line = address // self.LINE
        if line not in self._code:
            self._code = {line: self._read(now)}
        there = max(now + 1, self._code[line])
        if line + 1 not in self._code:
            self._code = {line: self._code[line], line + 1: self._read(self._code[line])}
        return there

    def constant(self, address: int, now: int) -> int:
        """The same for a word of data."""
        line = address // self.LINE
        if line == self._constants:
            return now + 1
        self._constants = line
        return self._read(now)


class DueMemory:
    """Memory as a Cortex-M3 sees it: three words of code are fetched ahead; code in RAM comes over the bus of the data,
    a word each two cycles at best (Arm DDI 0337, "Pipelined instruction fetches").
    """

    AHEAD, REFILL = 3, 2

    def __init__(self) -> None:
        self.flash = DueFlash()
        self._next = self._fetched = 0  # the word to be fetched, and when the one before it was there
        self._there: dict[int, int] = {}  # when the words were there that wait to be executed
        self._taken: deque[int] = deque(maxlen=self.AHEAD)  # when the last ones no longer waited
        self._bus_free = 0  # of the bus to the RAM

    def fetch(self, address: int, size: int, jumped: bool, now: int) -> int:
        first, last = address // 4, (address + size - 1) // 4
        if jumped:
            self._next, self._fetched = first, now - self.REFILL
            self._there.clear()
            self._taken.extend([self._fetched] * self.AHEAD)
        while self._next <= last or (len(self._there) < self.AHEAD and self._asked() < now):
            self._fetch_word()
        # A word is decoded for a cycle; the second half of an instruction across two words is not waited for so long.
        wait = max(0, self._there[first] - (now - 1), self._there[last] - (now - (first == last)))
        for word in range(first, (address + size) // 4):
            del self._there[word]
            self._taken.append(now + wait)
        return wait

    def _asked(self) -> int:
        """When the next word is asked for: behind the one before it, once there is room for it."""
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
    """The SAMD21's flash as a Cortex-M0+ sees it: 64 bits at a time, with one wait state, which the Arduino core sets
    for 48 MHz, behind a direct-mapped cache of 8 lines for code and constants (Atmel-42181, NVMCTRL, section "Cache";
    its mode is that after a reset, in which nothing but the wait state is lost). RAM answers at once.
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
