"""An Arduino Due's programming port on a pty: the touch at 1200 baud, the SAM-BA bootloader of its chip, in which the
applets that bossac sends really run, and after a reset the firmware in its flash, on an emulated Cortex-M3."""

from __future__ import annotations

import binascii
import os
import pty
import re
import select
import socket
import struct
import termios
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from unicorn import UC_ARCH_ARM, UC_HOOK_MEM_WRITE, UC_MODE_MCLASS, UC_MODE_THUMB, Uc
from unicorn.arm_const import UC_ARM_REG_LR, UC_ARM_REG_SP

from tests.firmware.link_board import free_port, running

FLASH, FLASH_SIZE, PAGE = 0x80000, 512 * 1024, 256
SRAM, SRAM_SIZE = 0x20000000, 96 * 1024
RETURN = 0x10000000
CPU_ID, CHIP_ID, RESET = 0xE000ED00, 0x400E0740, 0x400E1A00
CONTROLLERS = (0x400E0A00, 0x400E0C00)  # of the flash's two halves
COMMAND, READY, RESULT = 4, 8, 12  # registers of a controller
WRITE_PAGE, ERASE_AND_WRITE_PAGE, ERASE_ALL, SET_BIT, CLEAR_BIT, GET_BITS = 1, 3, 5, 11, 12, 13
SOH, EOT, ACK = b"\x01", b"\x04", b"\x06"
BLOCK = 128


class Unplugged(Exception):
    """The test has pulled the cable, or is over."""


class Chip:
    """A SAM3X8E as its bootloader shows it: memory, and the registers that a flash tool reads and writes."""

    def __init__(self, chip_id: int = 0x285E0A60, corrupt_page: int | None = None) -> None:
        self.flash = bytearray(b"\xff" * FLASH_SIZE)
        self.boots_from_flash = False
        self.pages = 0  # written so far
        self.was_reset = False
        self._corrupt_page = corrupt_page
        self._registers = {CPU_ID: 0x412FC230, CHIP_ID: chip_id}
        self._latch: dict[int, int] = {}  # bytes that wait for the command to write a page
        self._uc = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        for address, size in ((0, 4096), (FLASH, FLASH_SIZE), (SRAM, SRAM_SIZE), (RETURN, 4096)):
            self._uc.mem_map(address, size)
        self._uc.hook_add(UC_HOOK_MEM_WRITE, self._latched, begin=FLASH, end=FLASH + FLASH_SIZE - 1)

    def _latched(self, uc: Any, access: int, address: int, size: int, value: int, data: Any) -> None:
        for i in range(size):
            self._latch[address - FLASH + i] = value >> 8 * i & 0xFF

    def read(self, address: int, size: int) -> bytes:
        if FLASH <= address < FLASH + FLASH_SIZE:
            return bytes(self.flash[address - FLASH :][:size])
        if address < 4096 or SRAM <= address < SRAM + SRAM_SIZE:
            return bytes(self._uc.mem_read(address, size))
        for controller in CONTROLLERS:
            if address == controller + READY:
                return struct.pack("<I", 1)
            if address == controller + RESULT:
                return struct.pack("<I", 2 * self.boots_from_flash)
        return struct.pack("<I", self._registers.get(address, 0))

    def write(self, address: int, data: bytes) -> None:
        if SRAM <= address < SRAM + SRAM_SIZE:
            self._uc.mem_write(address, data)
        elif address == RESET:
            self.was_reset = True
        elif address - COMMAND in CONTROLLERS:
            word = struct.unpack("<I", data)[0]
            assert word >> 24 == 0x5A, "the key that every command to the flash needs"
            self._command(CONTROLLERS.index(address - COMMAND), word & 0xFF, word >> 8 & 0xFFFF)

    def go(self, address: int) -> None:
        """Run code until it returns: its stack and its entry stand at the address, as in a vector table."""
        stack, entry = struct.unpack("<II", self._uc.mem_read(address, 8))
        self._uc.mem_write(FLASH, bytes(self.flash))
        self._uc.reg_write(UC_ARM_REG_SP, stack)
        self._uc.reg_write(UC_ARM_REG_LR, RETURN | 1)
        self._uc.emu_start(entry | 1, RETURN)

    def erase(self) -> None:
        self.flash[:] = b"\xff" * FLASH_SIZE
        self.boots_from_flash = False

    def _command(self, half: int, command: int, argument: int) -> None:
        begin = half * FLASH_SIZE // 2
        if command == ERASE_ALL:
            self.flash[begin : begin + FLASH_SIZE // 2] = b"\xff" * (FLASH_SIZE // 2)
        elif command in (WRITE_PAGE, ERASE_AND_WRITE_PAGE):
            self._write_page(begin + argument * PAGE)
        elif command in (SET_BIT, CLEAR_BIT) and argument == 1:
            self.boots_from_flash = command == SET_BIT

    def _write_page(self, at: int) -> None:
        page = bytes(self._latch.get(at + i, 0xFF) for i in range(PAGE))
        if self.pages == self._corrupt_page:
            page = bytes([page[0] ^ 1]) + page[1:]
        self.flash[at : at + PAGE] = page
        self._latch.clear()
        self.pages += 1


class DueBoard:
    """A context manager; `port` is what a user would give as --port."""

    def __init__(self, chip: Chip, folder: Path, unplug_after: int | None = None) -> None:
        self.chip = chip
        self._folder = folder
        self._unplug_after = unplug_after  # pages
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._over = False
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> DueBoard:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over = True
        self._thread.join()
        os.close(self._slave)

    def _live(self) -> None:
        try:
            while True:
                self._run_firmware()
                self.chip.erase()
                self._run_bootloader()
        except Unplugged:
            os.close(self._master)

    def _touched(self) -> bool:
        return termios.tcgetattr(self._slave)[5] == termios.B1200

    def _receive(self, seconds: float = 0.05) -> bytes:
        if self._over or (self._unplug_after is not None and self.chip.pages >= self._unplug_after):
            raise Unplugged
        ready, _, _ = select.select([self._master], [], [], seconds)
        return os.read(self._master, 4096) if ready else b""

    def _run_firmware(self) -> None:
        """What lies in the flash, until the touch. Without it the board is silent."""
        with ExitStack() as stack:
            line = stack.enter_context(self._booted()) if self.chip.boots_from_flash else None
            while not self._touched():
                data = self._receive(0.01)
                if line is None:
                    continue
                line.sendall(data)
                if select.select([line], [], [], 0)[0]:
                    os.write(self._master, line.recv(4096))

    def _booted(self) -> Any:
        image = self._folder / "flash.bin"
        image.write_bytes(bytes(self.chip.flash[: 256 * 1024]))
        stack, port = ExitStack(), free_port()
        stack.enter_context(running(image, port))
        line = socket.create_connection(("127.0.0.1", port))
        stack.enter_context(line)

        class Line:
            def __enter__(self) -> socket.socket:
                return line

            def __exit__(self, *exception: object) -> None:
                stack.close()

        return Line()

    def _run_bootloader(self) -> None:
        self.chip.was_reset = False
        stream = self._bytes()
        while not self.chip.was_reset:
            command = b""
            while not command.endswith(b"#"):
                command += next(stream)
            self._answer(command.lstrip(b"\x80").decode("latin-1"), stream)

    def _bytes(self) -> Iterator[bytes]:
        while True:
            for byte in self._receive():
                yield bytes([byte])

    def _answer(self, command: str, stream: Iterator[bytes]) -> None:
        if command == "V#":
            return self._send(b"v1.1 Dec 15 2010 19:25:04\n\r")
        if command in ("#", "N#"):
            return self._send(b"\n\r>"[: 3 if command == "#" else 2])
        parsed = re.fullmatch(r"([a-zA-Z])([0-9A-F]+)(?:,([0-9A-F]+))?#", command)
        assert parsed, command
        letter, address, operand = parsed[1], int(parsed[2], 16), int(parsed[3] or "0", 16)
        if letter == "w":
            self._send(self.chip.read(address, 4))
        elif letter == "W":
            self.chip.write(address, struct.pack("<I", operand))
        elif letter == "S":
            self.chip.write(address, self._receive_blocks(operand, stream))
        elif letter == "R":
            self._send_blocks(self.chip.read(address, operand), stream)
        elif letter == "G":
            self.chip.go(address)
        else:
            raise AssertionError(command)
        return None

    def _send(self, data: bytes) -> None:
        os.write(self._master, data)

    def _receive_blocks(self, size: int, stream: Iterator[bytes]) -> bytes:
        """XMODEM with CRC, as over the programming port."""
        data = b""
        self._send(b"C")
        while (kind := next(stream)) != EOT:
            assert kind == SOH
            block = b"".join(next(stream) for _ in range(BLOCK + 4))
            assert binascii.crc_hqx(block[2:], 0) == 0
            data += block[2:-2]
            self._send(ACK)
        self._send(ACK)
        return data[:size]

    def _send_blocks(self, data: bytes, stream: Iterator[bytes]) -> None:
        assert next(stream) == b"C"
        for number, start in enumerate(range(0, len(data), BLOCK), 1):
            block = data[start : start + BLOCK].ljust(BLOCK, b"\0")
            head = SOH + bytes([number & 0xFF, ~number & 0xFF])
            self._send(head + block + binascii.crc_hqx(block, 0).to_bytes(2, "big"))
            assert next(stream) == ACK
        self._send(EOT)
        assert next(stream) == ACK


def wait_for(condition: Any, seconds: float = 20.0) -> None:
    """Until it holds; AssertionError where it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
