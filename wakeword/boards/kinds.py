"""The boards that `wakeword flash` knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Board:
    """A kind of board: how to recognise and write it."""

    name: str
    fqbn: str  # its name for arduino-cli
    usb: frozenset[tuple[int, int]]  # vendor and product, of its firmware and of its bootloader
    suffix: str  # of a firmware file
    chip: str  # its name in the tool's output, in a UF2 file or for esptool
    sketch: str  # the example of the library that is built for it
    own_usb: bool  # its port disappears with the program, and the bootloader has another
    tool: Literal["bossac", "avrdude", "arduino-cli", "esptool", "uf2"]  # that writes it; uf2: a drive that it shows


def _ids(vendor: int, *products: int) -> frozenset[tuple[int, int]]:
    return frozenset((vendor, product) for product in products)


# With each combination of the core's USB menus, and the boards with Wi-Fi, which run the same program.
_PICO_IDS = (0x0000, 0x0100, 0x4000, 0x4100, 0x8000, 0x8100, 0xC000, 0xC100, 0xF000, 0xF100)

BOARDS = {
    board.name: board
    for board in (
        Board(
            "due", "arduino:sam:arduino_due_x_dbg", _ids(0x2341, 0x003D) | _ids(0x2A03, 0x003D), ".bin", "ATSAM3X8",
            "Link", own_usb=False, tool="bossac",
        ),
        Board(
            "mkr1000", "arduino:samd:mkr1000", _ids(0x2341, 0x804E, 0x004E, 0x824E, 0x024E), ".bin", "ATSAMD21x18",
            "Link", own_usb=True, tool="bossac",
        ),
        Board(  # by its native port, for the other one has no SAM-BA
            "zero", "arduino:samd:arduino_zero_native", _ids(0x2341, 0x804D, 0x004D, 0x824D, 0x024D), ".bin",
            "ATSAMD21x18", "Link", own_usb=True, tool="bossac",
        ),
        Board(
            "uno", "arduino:avr:uno", _ids(0x2341, 0x0043, 0x0001) | _ids(0x2A03, 0x0043), ".hex",
            "atmega328p", "UnoFeatures", own_usb=False, tool="avrdude",
        ),
        Board(
            "nano33ble", "arduino:mbed_nano:nano33ble", _ids(0x2341, 0x005A, 0x805A, 0x015A, 0x025A), ".bin",
            "nRF52840", "LinkPdm", own_usb=True, tool="arduino-cli",
        ),
        Board(
            "xiao-sense", "Seeeduino:nrf52:xiaonRF52840Sense", _ids(0x2886, 0x8045, 0x0045), ".zip",
            "nRF52840", "LinkPdm", own_usb=True, tool="arduino-cli",
        ),
        Board(
            "nanorp2040", "arduino:mbed_nano:nanorp2040connect", _ids(0x2341, 0x005E, 0x805E, 0x015E, 0x025E), ".uf2",
            "RP2040", "LinkPdm", own_usb=True, tool="uf2",
        ),
        Board(
            "pico", "rp2040:rp2040:rpipico", _ids(0x2E8A, *(0x000A | menu for menu in _PICO_IDS)), ".uf2", "RP2040",
            "LinkI2S", own_usb=True, tool="uf2",
        ),
        Board(
            "pico2", "rp2040:rp2040:rpipico2", _ids(0x2E8A, *(0x000F | menu for menu in _PICO_IDS)), ".uf2", "RP2350",
            "LinkI2S", own_usb=True, tool="uf2",
        ),
        # Their ports have the number of a converter, or one that all chips of the family share.
        Board(
            "esp32c3", "esp32:esp32:esp32c3", frozenset(), ".bin", "esp32c3",
            "LinkI2S", own_usb=False, tool="esptool",
        ),
        Board(
            "esp32s3", "esp32:esp32:esp32s3", frozenset(), ".bin", "esp32s3",
            "LinkI2S", own_usb=False, tool="esptool",
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A board at a serial port, or one in its bootloader that shows a drive."""

    board: Board
    port: str  # or the drive's folder
