"""The chips of the Due and the MKR1000 as their SAM-BA bootloaders present them: memory, and the registers that a flash
tool reads and writes. Code that a tool sends really runs, in an emulator."""

from __future__ import annotations

import binascii
import struct
from typing import Any

from unicorn import UC_ARCH_ARM, UC_HOOK_MEM_WRITE, UC_MODE_MCLASS, UC_MODE_THUMB, Uc
from unicorn.arm_const import UC_ARM_REG_LR, UC_ARM_REG_SP

CPU_ID, SRAM, RETURN = 0xE000ED00, 0x20000000, 0x10000000
IMAGE = 256 * 1024  # bytes of the flash that the emulated board starts with


FLASH, FLASH_SIZE, PAGE = 0x80000, 512 * 1024, 256
SRAM_SIZE = 96 * 1024
CHIP_ID, RESET = 0x400E0740, 0x400E1A00
CONTROLLERS = (0x400E0A00, 0x400E0C00)  # of the flash's two halves
COMMAND, READY, RESULT = 4, 8, 12  # registers of a controller
WRITE_PAGE, ERASE_AND_WRITE_PAGE, ERASE_ALL, SET_BIT, CLEAR_BIT = 1, 3, 5, 11, 12


class Sam3x8e:
    """The Due's chip. Its bootloader is in a ROM, which a bit switches off, and is reached over a UART: XMODEM."""

    VERSION = b"v1.1 Dec 15 2010 19:25:04\n\r"
    XMODEM = True

    def __init__(self, chip_id: int = 0x285E0A60, corrupt_page: int | None = None) -> None:
        self.flash = bytearray(b"\xff" * FLASH_SIZE)
        self.starts_program = False
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
                return struct.pack("<I", 2 * self.starts_program)
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

    @property
    def image(self) -> bytes:
        """The program that a reset starts."""
        return bytes(self.flash[:IMAGE])

    def touched(self) -> None:
        """Erase the flash, as the Due's port does after a touch at 1200 baud."""
        self.flash[:] = b"\xff" * FLASH_SIZE
        self.starts_program = False

    def extended(self, letter: str, address: int, size: int) -> bytes | None:
        """A command that other bootloaders have."""
        return None

    def go(self, address: int) -> None:
        """Run code until it returns: its stack and its entry stand at the address, as in a vector table."""
        stack, entry = struct.unpack("<II", self._uc.mem_read(address, 8))
        self._uc.mem_write(FLASH, bytes(self.flash))
        self._uc.reg_write(UC_ARM_REG_SP, stack)
        self._uc.reg_write(UC_ARM_REG_LR, RETURN | 1)
        self._uc.emu_start(entry | 1, RETURN)

    def _command(self, half: int, command: int, argument: int) -> None:
        begin = half * FLASH_SIZE // 2
        if command == ERASE_ALL:
            self.flash[begin : begin + FLASH_SIZE // 2] = b"\xff" * (FLASH_SIZE // 2)
        elif command in (WRITE_PAGE, ERASE_AND_WRITE_PAGE):
            self._write_page(begin + argument * PAGE)
        elif command in (SET_BIT, CLEAR_BIT) and argument == 1:
            self.starts_program = command == SET_BIT

    def _write_page(self, at: int) -> None:
        page = bytes(self._latch.get(at + i, 0xFF) for i in range(PAGE))
        if self.pages == self._corrupt_page:
            page = bytes([page[0] ^ 1]) + page[1:]
        self.flash[at : at + PAGE] = page
        self._latch.clear()
        self.pages += 1


DEVICE_ID, SAMD_RESET = 0x41002018, 0xE000ED0C
SAMD_FLASH, SAMD_SRAM, BOOTLOADER = 256 * 1024, 32 * 1024, 0x2000


class Samd21:
    """The MKR1000's. Its bootloader, Arduino's own, lies at the beginning of its flash; it erases, writes and sums up
    by itself. It is reached over USB, so its answers are plain bytes."""

    VERSION = b"v2.0 [Arduino:XYZ] Dec 20 2016 15:36:39\n\r"
    XMODEM = False

    def __init__(
        self, device_id: int = 0x10010005, version: bytes = VERSION, corrupt: int | None = None, mute: str = ""
    ) -> None:
        """corrupt: the address of a byte that can't be written. mute: the letter of a command that is not answered."""
        self.flash = bytearray(b"\xbb" * BOOTLOADER + b"\xff" * (SAMD_FLASH - BOOTLOADER))
        self.starts_program = False
        self.was_reset = False
        self.pages = 0
        self.was_touched = False
        self.VERSION = version
        self._corrupt = corrupt
        self._mute = mute
        self._sram = bytearray(SAMD_SRAM)
        self._source = 0
        self._registers = {CPU_ID: 0x410CC601, DEVICE_ID: device_id}

    @property
    def image(self) -> bytes:
        """The program that a reset starts."""
        return bytes(self.flash[BOOTLOADER:])

    def touched(self) -> None:
        """Start the bootloader, as the chip does after a touch at 1200 baud."""
        self.was_touched = True

    def read(self, address: int, size: int) -> bytes:
        if address < SAMD_FLASH:
            return bytes(self.flash[address : address + size])
        if SRAM <= address < SRAM + SAMD_SRAM:
            return bytes(self._sram[address - SRAM :][:size])
        return struct.pack("<I", self._registers.get(address, 0))[:size]

    def write(self, address: int, data: bytes) -> None:
        if SRAM <= address < SRAM + SAMD_SRAM:
            self._sram[address - SRAM : address - SRAM + len(data)] = data
        elif address == SAMD_RESET:
            self.was_reset = self.starts_program = True

    def go(self, address: int) -> None:
        """Needed by no tool that knows the extended commands."""
        raise AssertionError("no code is sent to this chip")

    def extended(self, letter: str, address: int, size: int) -> bytes | None:
        """X erases from an address on, Y writes (first from where, then to where), Z sums up."""
        if letter == "X":
            assert address >= BOOTLOADER, "the bootloader would erase itself"
            self.flash[address:] = b"\xff" * (SAMD_FLASH - address)
        elif letter == "Y" and size == 0:
            self._source = address
        elif letter == "Y":
            self.flash[address : address + size] = self.read(self._source, size)
            self.pages += size // 64
            if self._corrupt is not None:
                self.flash[self._corrupt] = 0x55
        elif letter == "Z":
            return f"Z{binascii.crc_hqx(self.read(address, size), 0):08X}#\n\r".encode()
        else:
            return None
        return b"" if letter == self._mute else f"{letter}\n\r".encode()
