"""Flash a board: find it, start its bootloader, write and verify with bossac or avrdude, and wait for its hello."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import serial
from serial.tools import list_ports

from wakeword.boards.serial_link import open_link
from wakeword.errors import DataError, DeviceError, UsageError
from wakeword.firmware import arduino_library
from wakeword.model.export_c import export_c, model_id
from wakeword.model.file import Model

_TOUCH_BAUD = 1200  # opening the port at this rate asks a board for its bootloader
_PORT_PATIENCE = 10.0  # seconds until a port must be back
_FIRMWARE_PATIENCE = 20.0  # seconds until the firmware must answer
_TOOL_SECONDS = 180.0  # until a tool is stopped
_LOOK_SECONDS = 0.5  # between two checks that the port of a tool still exists
_GRACE_SECONDS = 2.0  # for a tool to end by itself without its port: a reset of the board may be its last step
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Board:
    """A kind of board: how to recognise and write it."""

    name: str
    fqbn: str  # its name for arduino-cli
    usb: frozenset[tuple[int, int]]  # vendor and product, of its firmware and of its bootloader
    suffix: str  # of a firmware file
    chip: str  # its name in the tool's output
    sketch: str  # the example of the library that is built for it
    own_usb: bool  # its port disappears with the program, and the bootloader has another

    @property
    def tool(self) -> str:
        """Return the program that writes it."""
        return "avrdude" if self.name == "uno" else "bossac"


BOARDS = {
    board.name: board
    for board in (
        Board(
            "due", "arduino:sam:arduino_due_x_dbg", frozenset({(0x2341, 0x003D), (0x2A03, 0x003D)}), ".bin", "ATSAM3X8",
            "Link", own_usb=False,
        ),
        Board(
            "mkr1000", "arduino:samd:mkr1000",
            frozenset({(0x2341, 0x804E), (0x2341, 0x004E), (0x2341, 0x824E), (0x2341, 0x024E)}), ".bin", "ATSAMD21x18",
            "Link", own_usb=True,
        ),
        Board(
            "uno", "arduino:avr:uno", frozenset({(0x2341, 0x0043), (0x2341, 0x0001), (0x2A03, 0x0043)}), ".hex",
            "atmega328p", "UnoFeatures", own_usb=False,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A board at a serial port."""

    board: Board
    port: str


def flash(found: Found, firmware: Path, wanted: int | None, say: Callable[[str], None]) -> int:
    """Write a firmware file to a board; return the id of the model that it then runs.

    Args:
        wanted: the id of the model that the firmware was built with, if it is known.
        say: called with a line about the progress.

    Raises:
        DataError: The file is no firmware for this board.
        DeviceError: The board has another chip, does not answer, or does not hold the written bytes.
        UsageError: The tool that writes the board is not installed.
    """
    _check_file(firmware, found.board)
    _require(found.board.tool)
    port = _start_bootloader(found)
    say(f"writing {firmware} to the {found.board.name} at {port}")
    _write(found.board, port, firmware)
    port = _await_port(found) if found.board.own_usb else found.port
    with open_link(port) as link:
        running = link.hello(_FIRMWARE_PATIENCE).model_id
    if wanted is not None and running != wanted:
        raise DeviceError(f"the board runs model {running:08x}, not {wanted:08x}, which was written; flash it again")
    return running


def find(board: str | None, port: str | None) -> Found:
    """Find the board at a port, or the only board that is plugged in.

    Raises:
        DeviceError: There is none, there are several, or the board at the port is of another kind.
    """
    plugged = [Found(kind, where) for kind, where in _plugged_in() if port in (None, where)]
    if port is not None and not plugged:
        if board is None:
            raise DeviceError(f"{port} does not tell which board it is; name it with --board")
        return Found(BOARDS[board], port)
    matching = [found for found in plugged if board in (None, found.board.name)]
    if not matching and plugged:
        there = _listed(plugged)
        raise DeviceError(f"there is no {board}, only {there}; plug it in, or give another --board")
    if not matching:
        raise DeviceError(f"no {board or 'board'} is plugged in; check the cable, or give its port with --port")
    if len(matching) > 1:
        raise DeviceError(f"there are several boards: {_listed(matching)}; choose one with --port")
    return matching[0]


def _plugged_in() -> Iterable[tuple[Board, str]]:
    for port in list_ports.comports():
        for board in BOARDS.values():
            if (port.vid, port.pid) in board.usb:
                yield board, port.device


def _listed(boards: list[Found]) -> str:
    return ", ".join(f"{found.board.name} at {found.port}" for found in boards)


def build(board: Board, model: Model, folder: Path) -> Path:
    """Compile a board's sketch with a model by arduino-cli; return the firmware file, which lies in `folder`.

    Raises:
        UsageError: The sketches, which come with the package, are missing.
        DeviceError: arduino-cli fails.
    """
    library, sketch = arduino_library(), folder / board.sketch
    shutil.copytree(library / "examples" / board.sketch, sketch)
    (sketch / "wakeword_model.h").write_text(export_c(model))
    output = folder / "build"
    places = ["--library", str(library), "--output-dir", str(output)]
    _tool("arduino-cli", ["compile", "--fqbn", board.fqbn, *places, str(sketch)])
    return output / f"{board.sketch}.ino{board.suffix}"


def build_and_flash(found: Found, model: Model, say: Callable[[str], None]) -> int:
    """Compile a board's sketch with a model and write it to the board; return the id of the model.

    Raises:
        WakewordError: As `build` and `flash`.
    """
    for tool in ("arduino-cli", found.board.tool):
        _require(tool)
    with tempfile.TemporaryDirectory() as folder:
        say("building the firmware")
        return flash(found, build(found.board, model, Path(folder)), model_id(model), say)


def _check_file(firmware: Path, board: Board) -> None:
    if not firmware.is_file() or firmware.stat().st_size == 0:
        raise DataError(f"there is no firmware in {firmware}; give a compiled {board.suffix} file")
    if firmware.suffix != board.suffix:
        raise DataError(f"{firmware} is no {board.suffix} file; a {board.name} needs one")


def _start_bootloader(found: Found) -> str:
    """Start the board's bootloader; return its port."""
    if found.board.name == "uno":  # avrdude starts it, by a reset
        return found.port
    port = serial.Serial(baudrate=_TOUCH_BAUD)
    port.dtr = False
    port.port = found.port
    try:
        port.open()
        port.close()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DeviceError(f"{found.port} can't be opened: {reason}; is the board plugged in?") from error
    if not found.board.own_usb:
        time.sleep(5 * _POLL_SECONDS)
        return found.port
    return _await_port(found)


def _await_port(found: Found) -> str:
    """Wait until the board is back after a restart; return its port."""
    time.sleep(5 * _POLL_SECONDS)  # until it has gone
    end = time.monotonic() + _PORT_PATIENCE
    while time.monotonic() < end:
        for board, port in _plugged_in():
            if board == found.board:
                return port
        time.sleep(_POLL_SECONDS)
    raise DeviceError(f"the {found.board.name} has not come back; press its reset button twice and try again")


def _write(board: Board, port: str, firmware: Path) -> None:
    if board.name == "uno":
        where = ["-p", board.chip, "-c", "arduino", "-P", port, "-b", "115200", "-q", "-q"]
        _tool("avrdude", [*where, "-D", "-U", f"flash:w:{firmware}:i"], port)
        return
    where = [f"--port={port}", f"--usb-port={int(board.own_usb)}"]
    chip = _tool("bossac", ["-i", *where], port)
    if board.chip not in chip:
        name = next((line.split(":")[1].strip() for line in chip.splitlines() if line.startswith("Device")), "unknown")
        raise DeviceError(f"the chip at {port} is {name}, a {board.name} has {board.chip}; name the board with --board")
    # A SAMD21's bootloader lies at the start of its flash. A SAM3X8E's lies in a ROM, which has to be switched off.
    options = ["--offset=0x2000"] if board.own_usb else ["--boot=1"]
    _tool("bossac", [*where, "-e", "-w", "-v", *options, "-R", str(firmware)], port)


_DIFFERENT = "the board's flash differs from the firmware; try again, with another cable if it happens again"
_SILENT = "the board fell silent; check the cable and try again"
# Output of the tools, in lower case, and what it means for the user.
_FAILURES = {
    "verify failed": _DIFFERENT,
    "verification error": _DIFFERENT,
    "verification mismatch": _DIFFERENT,
    "no device found": "no bootloader answers; press the board's reset button (on a Due: erase, then reset), try again",
    "not in sync": "no bootloader answers; check the cable, and that the board is an Uno",
    "unsupported": "the board has another chip; name the board with --board",
    "double check chip": "the board has another chip; name the board with --board",
    "sam-ba operation failed": _SILENT,
    "failed to write": _SILENT,
}
_PACKAGES = {
    "bossac": "apt install bossa-cli",
    "avrdude": "apt install avrdude",
    "arduino-cli": "see https://arduino.github.io/arduino-cli, or give a compiled file by --firmware",
}


def _require(tool: str) -> None:
    """Raise UsageError if a tool is not installed. Called before a board is touched."""
    if shutil.which(tool) is None:
        raise UsageError(f"{tool} is not installed: {_PACKAGES[tool]}")


def _tool(name: str, arguments: list[str], port: str | None = None) -> str:
    """Run a tool, which may use a port; return its standard output.

    Raises:
        DeviceError: It fails, or its port goes away.
    """
    output, errors, status = _run([name, *arguments], port)
    if status == 0:
        return output
    output += errors
    for sign, meaning in _FAILURES.items():
        if sign in output.lower():
            raise DeviceError(meaning)
    last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "it printed nothing")
    raise DeviceError(f"{name} failed: {last}")


def _run(command: list[str], port: str | None) -> tuple[str, str, int]:
    """Run a command; return its standard output, standard error and status."""
    lasts_until = time.monotonic() + _TOOL_SECONDS
    tool = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
    while True:
        try:
            return *tool.communicate(timeout=_LOOK_SECONDS), tool.returncode
        except subprocess.TimeoutExpired:
            if port is not None and not Path(port).exists():  # bossac waits for ever
                lasts_until = min(lasts_until, time.monotonic() + _GRACE_SECONDS)
            if time.monotonic() > lasts_until:
                tool.kill()
                tool.communicate()
                raise DeviceError(_SILENT) from None
