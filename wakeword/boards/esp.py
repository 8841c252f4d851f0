"""ESP32 chips: which part of the flash a firmware file is for, and writing it by esptool and the chip's own loader."""

from __future__ import annotations

import struct
from pathlib import Path

from wakeword.boards.kinds import Board, Found
from wakeword.boards.tools import run_tool
from wakeword.errors import DataError

_MAGIC = 0xE9  # of an image
_CHIP_AT = 12
_CHIPS = {5: "esp32c3", 9: "esp32s3", 0: "esp32", 2: "esp32s2", 13: "esp32c6", 16: "esp32h2"}
_PARTITIONS = slice(0x8000, 0x8002)  # of a file with all that the flash holds
_PARTITIONS_MAGIC = b"\xaa\x50"
_APPLICATION = 0x10000
_BAUD = "460800"


def offset_of(firmware: Path, board: Board) -> int:
    """Return where a firmware file belongs: one with bootloader and partitions at 0, one without at the first
    application.

    Raises:
        DataError: It is no firmware for this board.
    """
    data = firmware.read_bytes()
    if len(data) < _CHIP_AT + 2 or data[0] != _MAGIC:
        raise DataError(f"{firmware} is no image for an ESP32; export the compiled binary, and take the .merged.bin")
    chip = _CHIPS.get(struct.unpack_from("<H", data, _CHIP_AT)[0], "another chip")
    if chip != board.chip:
        raise DataError(f"{firmware} was built for {chip}, not for {board.chip}; name the board with --board")
    return 0 if data[_PARTITIONS] == _PARTITIONS_MAGIC else _APPLICATION


def write(found: Found, firmware: Path) -> None:
    """Write and verify a firmware file, and restart the board.

    Raises:
        DataError: It is no firmware for this board.
        DeviceError: esptool fails.
    """
    where = ["--chip", found.board.chip, "--port", found.port, "--baud", _BAUD, "--no-stub"]
    what = [hex(offset_of(firmware, found.board)), str(firmware)]
    run_tool("esptool", [*where, "write-flash", "--compress", *what], found.port)
