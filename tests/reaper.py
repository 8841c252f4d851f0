"""Kill what a run of the tests has left behind, once that run is over, even if it was killed itself.

A program of its own, which needs the standard library only: `python reaper.py MARK` waits for the end of its standard
input, which the run holds open for as long as it lives. The processes of a run are known by a mark in their
environment, which children inherit, wherever they move to. Linux only: elsewhere nothing is found.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

MARK = "WAKEWORD_TEST_RUN"  # the variable; its value is the marks of a run and of the runs around it
_TEST = "PYTEST_CURRENT_TEST"
_OF_PYTHON = "multiprocessing.resource_tracker"  # lives as long as the process that Python started it for
_SECONDS = 60.0  # in which a killed process is gone


@dataclass(frozen=True)
class Marked:
    """A process that a test has started."""

    pid: int
    command: str
    test: str


def marked(mark: str) -> list[Marked]:
    """Return the running processes that tests of the run with this mark have started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = dict(pair.partition("=")[::2] for pair in _strings(folder / "environ"))
            command = " ".join(_strings(folder / "cmdline"))
            if environment.get(MARK, "").startswith(mark) and _TEST in environment and _OF_PYTHON not in command:
                found.append(Marked(int(folder.name), command, environment[_TEST]))
        except OSError:  # it has ended, or belongs to somebody else
            continue
    return found


def kill(mark: str) -> None:
    """Kill them, and what they start meanwhile, until none is left."""
    end = time.monotonic() + _SECONDS
    while (left := marked(mark)) and time.monotonic() < end:
        for process in left:
            try:
                os.kill(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.01)


def _strings(file: Path) -> list[str]:
    return os.fsdecode(file.read_bytes()).split("\0")[:-1]


if __name__ == "__main__":
    sys.stdin.buffer.read()
    kill(sys.argv[1])
