"""A board with an emulated UART, for the host's own code."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bench.firmware.board import BOARDS, EMULATION, SRC, build, emulator, write_input
from tests.processes import started
from tests.waits import until
from wakeword.model.file import Model

BOARD = BOARDS["lm3s6965evb"]
SOURCES = [*sorted((SRC / "link").glob("*.c")), EMULATION / "link.c"]


def build_link(model: Model, samples: np.ndarray, folder: Path) -> Path:
    """Build the firmware, with these samples as its microphone."""
    write_input(samples, folder)
    return build(BOARD, model, SOURCES, folder)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(elf: Path, port: int) -> Iterator[str]:
    """Run the board; yield the URL of its serial port. The board starts when the port is opened."""
    command = [str(word) for word in emulator(BOARD, elf)]
    command[command.index("-serial") + 1] = f"tcp:127.0.0.1:{port},server=on,wait=on,nodelay=on"
    with started(command, cwd=elf.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        until(lambda: _listens(port))
        yield f"socket://127.0.0.1:{port}"


def _listens(port: int) -> bool:
    """Tell whether it does, without a connection, which would be the only one that the board accepts."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return any(line.split()[1] == f"0100007F:{port:04X}" and line.split()[3] == "0A" for line in lines)
