"""Boards that show a drive in their bootloader: a firmware file in Microsoft's UF2 format is copied there."""

from __future__ import annotations

import os
import re
import shutil
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from wakeword.boards.kinds import Board
from wakeword.errors import DataError, DeviceError

_BLOCK = 512
_MAGIC = (0x0A324655, 0x9E5D5157)
_END = 0x0AB16F30
_HAS_FAMILY = 0x2000
_FAMILIES = {"RP2040": 0xE48BFF56, "RP2350": 0xE48BFF59}  # the latter's Arm cores, in the secure state
_INFO = "INFO_UF2.TXT"
_BOARD_ID = {"RP2040": "RPI-RP2", "RP2350": "RP2350"}  # as the drive has it
_PATIENCE = 15.0  # seconds until a drive must be mounted
_POLL_SECONDS = 0.2


def check(firmware: Path, board: Board) -> None:
    """Raise DataError if a file is no sound UF2 file for a board's chip."""
    data = firmware.read_bytes()
    families = set()
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        if len(block) < _BLOCK or struct.unpack_from("<2I", block) != _MAGIC or block[-4:] != struct.pack("<I", _END):
            raise DataError(f"{firmware} is no UF2 file; export the compiled binary again")
        flags, _, size, _, _, family = struct.unpack_from("<6I", block, 8)
        if size > _BLOCK - 36:
            raise DataError(f"{firmware} is no UF2 file; export the compiled binary again")
        families.add(family if flags & _HAS_FAMILY else 0)
    if _FAMILIES[board.chip] not in families:
        known = [chip for chip, family in _FAMILIES.items() if family in families]
        raise DataError(
            f"{firmware} was built for {known[0] if known else 'another chip'}, a {board.name} has {board.chip}; "
            "choose the board in the IDE and compile again, or name another with --board"
        )


def drives(chip: str) -> Iterator[Path]:
    """Yield the mounted drives of boards that are in their bootloader, with this chip."""
    for partition in psutil.disk_partitions():
        if is_drive(Path(partition.mountpoint), chip):
            yield Path(partition.mountpoint)


def is_drive(folder: Path, chip: str) -> bool:
    """Return whether a folder is the drive of a board in its bootloader, with this chip."""
    try:
        info = (folder / _INFO).read_text("utf-8", "replace")
    except OSError:
        return False
    found = re.search(r"^Board-ID: *(\S+)", info, re.MULTILINE)
    return found is not None and found[1] == _BOARD_ID[chip]


def await_drive(board: Board) -> Path:
    """Wait for the drive of a board that was asked for its bootloader.

    Raises:
        DeviceError: None appears, or several do.
    """
    end = time.monotonic() + _PATIENCE
    while not (found := list(drives(board.chip))):
        if time.monotonic() > end:
            raise DeviceError(
                f"no drive {_BOARD_ID[board.chip]} has appeared; hold BOOTSEL while you plug the board in (on a Nano, "
                "press reset twice), mount the drive if your system does not, and give its folder by --port"
            )
        time.sleep(_POLL_SECONDS)
    if len(found) > 1:
        raise DeviceError(f"there are several drives: {', '.join(map(str, found))}; choose one with --port")
    return found[0]


def write(firmware: Path, drive: Path) -> None:
    """Copy a firmware file to a drive. The board then leaves its bootloader, and the drive disappears.

    Raises:
        DeviceError: The drive does not take all of it.
    """
    written = False
    try:
        with firmware.open("rb") as source, (drive / "firmware.uf2").open("wb") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            written = True
            os.fsync(target.fileno())
    except OSError as error:
        if not (written and not (drive / _INFO).exists()):  # it may go before the system has finished with it
            raise DeviceError(f"{drive} can't be written: {error.strerror}; plug the board in again") from error
