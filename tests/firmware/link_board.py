"""A board with an emulated UART, at which the host's own code finds it."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bench.firmware.board import BOARDS, EMULATION, SRC, build, emulator, write_input
from wakeword.model.file import Model

BOARD = BOARDS["lm3s6965evb"]
SOURCES = [*sorted((SRC / "link").glob("*.c")), EMULATION / "link.c"]


def build_link(model: Model, samples: np.ndarray, folder: Path) -> Path:
    """The firmware, with these samples at its microphone."""
    write_input(samples, folder)
    return build(BOARD, model, SOURCES, folder)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(elf: Path, port: int) -> Iterator[str]:
    """The board, switched on; the URL of its serial port. It starts when somebody opens that."""
    command = [str(word) for word in emulator(BOARD, elf)]
    command[command.index("-serial") + 1] = f"tcp:127.0.0.1:{port},server=on,wait=on,nodelay=on"
    board = subprocess.Popen(command, cwd=elf.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_it_listens(port)
        yield f"socket://127.0.0.1:{port}"
    finally:
        board.kill()
        board.wait()


def _wait_until_it_listens(port: int) -> None:
    """Without a connection, which would be the only one that the board accepts."""
    wanted = f"0100007F:{port:04X}"
    end = time.monotonic() + 20
    while time.monotonic() < end:
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        if any(line.split()[1] == wanted and line.split()[3] == "0A" for line in lines):
            return
        time.sleep(0.02)
    raise AssertionError("the emulator does not listen")
