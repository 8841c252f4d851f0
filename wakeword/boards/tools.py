"""The programs that write boards: whether they are there, running them, and what their failures mean."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import time
from pathlib import Path

from wakeword.errors import DeviceError, UsageError

_TOOL_SECONDS = 180.0  # until a tool is stopped
_LOOK_SECONDS = 0.5  # between two checks that the port of a tool still exists
_GRACE_SECONDS = 2.0  # for a tool to end by itself without its port: a reset of the board may be its last step

_DIFFERENT = "the board's flash differs from the firmware; try again, with another cable if it happens again"
_SILENT = "the board fell silent; check the cable and try again"
# Output of the tools, in lower case, and what it means for the user.
_FAILURES = {
    "verify failed": _DIFFERENT,
    "verification error": _DIFFERENT,
    "verification mismatch": _DIFFERENT,
    "md5 of file does not match": _DIFFERENT,
    "no device found": "no bootloader answers; press the board's reset button (on a Due: erase, then reset), try again",
    "not in sync": "no bootloader answers; check the cable, and that the board is an Uno",
    "failed to connect to esp32": "no bootloader answers; hold BOOT while you press RESET, release both and try again",
    "could not open": "the port can't be opened; check the cable, and that no other program uses it",
    "unsupported": "the board has another chip; name the board with --board",
    "double check chip": "the board has another chip; name the board with --board",
    "wrong chip argument": "the board has another chip; name the board with --board",
    "sam-ba operation failed": _SILENT,
    "failed to write": _SILENT,
}
_PACKAGES = {
    "bossac": "apt install bossa-cli",
    "avrdude": "apt install avrdude",
    "esptool": "pip install 'wakeword[flash]'",
    "arduino-cli": "see https://arduino.github.io/arduino-cli, or give a compiled file by --firmware",
}


def require(tool: str) -> None:
    """Raise UsageError if a tool is not installed. Called before a board is touched."""
    if tool == "uf2":  # a copy to a drive
        return
    there = importlib.util.find_spec("esptool") if tool == "esptool" else shutil.which(tool)
    if there is None:
        raise UsageError(f"{tool} is not installed: {_PACKAGES[tool]}")


def run_tool(name: str, arguments: list[str], port: str | None = None) -> str:
    """Run a tool, which may use a port; return its standard output.

    Raises:
        DeviceError: It fails, or its port goes away.
    """
    program = [sys.executable, "-m", "esptool"] if name == "esptool" else [name]
    output, errors, status = _run([*program, *arguments], port)
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
    watched = Path(port) if port is not None and Path(port).exists() else None  # not one of another computer
    tool = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
    while True:
        try:
            return *tool.communicate(timeout=_LOOK_SECONDS), tool.returncode
        except subprocess.TimeoutExpired:
            if watched is not None and not watched.exists():  # bossac waits for ever
                lasts_until = min(lasts_until, time.monotonic() + _GRACE_SECONDS)
            if time.monotonic() > lasts_until:
                tool.kill()
                tool.communicate()
                raise DeviceError(_SILENT) from None
