"""A command that runs beside the service, and never longer than it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import wakeword
from service.studio import guard
from service.supervisor import in_thread
from wakeword.errors import printable

PACKAGES = Path(wakeword.__file__).absolute().parent.parent  # where the command finds the code that the service runs
_TAIL = 1 << 13  # bytes at the end of what a process prints that hold its last line
_SAID = 500  # characters of that line


class Guarded:
    """A running command and its children, under the guard (guard.py)."""

    def __init__(self, command: Sequence[str], log: Path, nice: int) -> None:
        """Start a command. log: its output is appended to this file. nice: its priority; 19 is the lowest.

        Raises OSError if it can't be started.
        """
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__, str(nice), log.absolute(), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=PACKAGES,
            start_new_session=True,  # an interrupt from the terminal is for the service, which then ends this
        )

    async def wait(self) -> int:
        """Wait for the end. Return the exit status: the command's, or 128 and the number of a signal."""
        statuses: list[int] = []
        await in_thread("training", lambda: statuses.append(self._guard.wait()))
        return statuses[0] if statuses[0] >= 0 else 128 - statuses[0]

    async def end(self) -> None:
        """Kill the command and its children, and wait for their end."""
        self.kill()
        await self.wait()

    def kill(self) -> None:
        """Kill the command and its children. Don't wait for their end."""
        assert self._guard.stdin is not None
        with contextlib.suppress(OSError):
            self._guard.stdin.close()


def of_wakeword(*arguments: str) -> list[str]:
    """Return a command of this package, as the terminal would give it."""
    return [sys.executable, "-m", "wakeword.cli", *arguments]


def last_line(output: Path) -> str:
    """Return the last line of what a process has printed, without the name that begins each; "" if there is none."""
    try:
        with output.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            lines = file.read().decode(errors="replace").split("\n")
    except OSError:
        return ""
    last = next((line for line in reversed(lines) if line.strip()), "")
    return printable(last.strip().removeprefix("wakeword: "), _SAID)
