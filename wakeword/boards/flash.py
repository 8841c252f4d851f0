"""Flash a board: start its bootloader, write and verify with the tool of its kind, and wait for its hello."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from wakeword.boards import esp, uf2
from wakeword.boards.build import TOOL, build, with_own_usb
from wakeword.boards.kinds import BOARDS, Board, Found
from wakeword.boards.ports import await_port, find, has_own_usb, touch
from wakeword.boards.serial_link import Link, NoAnswer, open_link
from wakeword.boards.tools import require, run_tool
from wakeword.errors import DataError, DeviceError
from wakeword.model.export_c import model_id
from wakeword.model.file import Model

__all__ = ["BOARDS", "Board", "Found", "build_and_flash", "find", "flash"]

_FIRMWARE_PATIENCE = 20.0  # seconds until the firmware must answer
_REOPEN_PATIENCE = 5.0  # seconds until the port of a board that was restarted must open
_POLL_SECONDS = 0.1


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
    require(found.board.tool)
    _WRITERS[found.board.tool](found, firmware, say)
    port = await_port(found) if found.board.own_usb else found.port
    with _opened(port) as link:
        try:
            running = link.hello(_FIRMWARE_PATIENCE).model_id
        except NoAnswer as error:
            if wanted is not None:
                raise
            raise DeviceError(
                f"{firmware} was written; no wakeword firmware answers at {port}, as only the sketches Link, LinkI2S, "
                "LinkPdm and UnoFeatures do"
            ) from error
    if wanted is not None and running != wanted:
        raise DeviceError(f"the board runs model {running:08x}, not {wanted:08x}, which was written; flash it again")
    return running


def _opened(port: str) -> Link:
    """Open the port of a board that was just restarted."""
    end = time.monotonic() + _REOPEN_PATIENCE
    while True:
        try:
            return open_link(port)
        except DeviceError:
            if time.monotonic() > end:
                raise
            time.sleep(_POLL_SECONDS)


def build_and_flash(found: Found, model: Model, say: Callable[[str], None]) -> int:
    """Compile a board's sketch with a model and write it to the board; return the id of the model.

    Raises:
        WakewordError: As `build` and `flash`.
    """
    for tool in (TOOL, found.board.tool):
        require(tool)
    board = found.board
    if board.tool == "esptool" and has_own_usb(found.port):
        board = with_own_usb(board)
    with tempfile.TemporaryDirectory() as folder:
        say("building the firmware")
        return flash(found, build(board, model, Path(folder)), model_id(model), say)


def _check_file(firmware: Path, board: Board) -> None:
    if not firmware.is_file() or firmware.stat().st_size == 0:
        raise DataError(f"there is no firmware in {firmware}; give a compiled {board.suffix} file")
    if firmware.suffix != board.suffix:
        raise DataError(f"{firmware} is no {board.suffix} file; a {board.name} needs one")
    if board.tool == "uf2":
        uf2.check(firmware, board)
    if board.tool == "esptool":
        esp.offset_of(firmware, board)


def _by_bossac(found: Found, firmware: Path, say: Callable[[str], None]) -> None:
    board = found.board
    touch(found.port)
    port = await_port(found) if board.own_usb else found.port
    say(_writing(found, firmware, port))
    where = [f"--port={port}", f"--usb-port={int(board.own_usb)}"]
    chip = run_tool("bossac", ["-i", *where], port)
    if board.chip not in chip:
        name = next((line.split(":")[1].strip() for line in chip.splitlines() if line.startswith("Device")), "unknown")
        raise DeviceError(f"the chip at {port} is {name}, a {board.name} has {board.chip}; name the board with --board")
    # A SAMD21's bootloader lies at the start of its flash. A SAM3X8E's lies in a ROM, which has to be switched off.
    options = ["--offset=0x2000"] if board.own_usb else ["--boot=1"]
    run_tool("bossac", [*where, "-e", "-w", "-v", *options, "-R", str(firmware)], port)


def _by_avrdude(found: Found, firmware: Path, say: Callable[[str], None]) -> None:
    say(_writing(found, firmware, found.port))
    where = ["-p", found.board.chip, "-c", "arduino", "-P", found.port, "-b", "115200", "-q", "-q"]
    run_tool("avrdude", [*where, "-D", "-U", f"flash:w:{firmware}:i"], found.port)


def _by_esptool(found: Found, firmware: Path, say: Callable[[str], None]) -> None:
    say(_writing(found, firmware, found.port))
    esp.write(found, firmware)


def _by_arduino_cli(found: Found, firmware: Path, say: Callable[[str], None]) -> None:
    """Write as the IDE does, with the core's own program: Debian's bossac does not know an nRF52840."""
    say(_writing(found, firmware, found.port))
    run_tool(
        "arduino-cli",
        ["upload", "--fqbn", found.board.fqbn, "--port", found.port, "--input-file", str(firmware)],
    )


def _to_drive(found: Found, firmware: Path, say: Callable[[str], None]) -> None:
    if Path(found.port).is_dir():
        drive = Path(found.port)
    else:
        touch(found.port)
        drive = uf2.await_drive(found.board)
    say(_writing(found, firmware, str(drive)))
    uf2.write(firmware, drive)


def _writing(found: Found, firmware: Path, where: str) -> str:
    return f"writing {firmware} to the {found.board.name} at {where}"


_WRITERS: dict[str, Callable[[Found, Path, Callable[[str], None]], None]] = {
    "bossac": _by_bossac,
    "avrdude": _by_avrdude,
    "esptool": _by_esptool,
    "arduino-cli": _by_arduino_cli,
    "uf2": _to_drive,
}
