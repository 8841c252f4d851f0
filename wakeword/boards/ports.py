"""Finding boards at serial ports, and waiting for them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import serial
from serial.tools import list_ports

from wakeword.boards import uf2
from wakeword.boards.kinds import BOARDS, Board, Found
from wakeword.boards.serial_link import unopened
from wakeword.errors import DeviceError

_TOUCH_BAUD = 1200  # opening the port at this rate asks a board for its bootloader
_PORT_PATIENCE = 10.0  # seconds until a port must be back
_POLL_SECONDS = 0.1
_ESPRESSIF = 0x303A  # the vendor of an ESP32's own USB


def find(board: str | None, port: str | None) -> Found:
    """Find the board at a port, or the only board that is plugged in.

    Raises:
        DeviceError: There is none, there are several, or the board at the port is of another kind.
    """
    if port is not None and Path(port).is_dir():
        return _at_drive(board, port)
    plugged = [Found(kind, where) for kind, where in _plugged_in() if port in (None, where)]
    if port is not None and not plugged:
        if board is None:
            raise DeviceError(f"{port} does not tell which board it is; name it with --board")
        return Found(BOARDS[board], port)
    if board is not None and not BOARDS[board].usb:
        raise DeviceError(f"an {board} does not tell what it is; give its port with --port")
    matching = [found for found in plugged if board in (None, found.board.name)]
    if not matching and (drives := _drives(board)):
        matching = [_at_drive(board, drive) for drive in drives]
    if not matching and plugged:
        there = _listed(plugged)
        raise DeviceError(f"there is no {board}, only {there}; plug it in, or give another --board")
    if not matching:
        raise DeviceError(f"no {board or 'board'} is plugged in; check the cable, or give its port with --port")
    if len(matching) > 1:
        raise DeviceError(f"there are several boards: {_listed(matching)}; choose one with --port")
    return matching[0]


def _drives(board: str | None) -> list[str]:
    """Return the drives of boards that are in their bootloader and may be of this kind."""
    chips = {kind.chip for kind in BOARDS.values() if kind.tool == "uf2" and board in (None, kind.name)}
    return [str(drive) for chip in sorted(chips) for drive in uf2.drives(chip)]


def _at_drive(board: str | None, folder: str) -> Found:
    kinds = [kind for kind in BOARDS.values() if kind.tool == "uf2" and uf2.is_drive(Path(folder), kind.chip)]
    if not kinds:
        raise DeviceError(f"{folder} is no drive of a board in its bootloader; hold BOOTSEL while you plug it in")
    matching = [kind for kind in kinds if board in (None, kind.name)]
    if len(matching) != 1:
        names = " or ".join(kind.name for kind in kinds)
        raise DeviceError(f"{folder} is the drive of a {names}; name the board with --board")
    return Found(matching[0], folder)


def _plugged_in() -> Iterable[tuple[Board, str]]:
    for port in list_ports.comports():
        for board in BOARDS.values():
            if (port.vid, port.pid) in board.usb:
                yield board, port.device


def _listed(boards: list[Found]) -> str:
    return ", ".join(f"{found.board.name} at {found.port}" for found in boards)


def has_own_usb(port: str) -> bool:
    """Return whether a port is an ESP32's own, not one of a converter beside it."""
    return any(there.device == port and there.vid == _ESPRESSIF for there in list_ports.comports())


def touch(port: str) -> None:
    """Ask the board at a port for its bootloader.

    Raises:
        DeviceError: The port can't be opened.
    """
    touched = serial.Serial(baudrate=_TOUCH_BAUD)
    touched.dtr = False
    touched.port = port
    try:
        touched.open()
        touched.close()
    except (OSError, ValueError) as error:
        raise unopened(port, error) from error
    time.sleep(5 * _POLL_SECONDS)


def await_port(found: Found) -> str:
    """Wait until the board is back after a restart; return its port.

    Raises:
        DeviceError: It does not come back.
    """
    time.sleep(5 * _POLL_SECONDS)  # until it has gone
    end = time.monotonic() + _PORT_PATIENCE
    while time.monotonic() < end:
        for board, port in _plugged_in():
            if board == found.board:
                return port
        time.sleep(_POLL_SECONDS)
    raise DeviceError(f"the {found.board.name} has not come back; press its reset button twice and try again")
