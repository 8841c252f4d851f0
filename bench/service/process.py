"""A service in a process of its own, with its processor time and memory."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """A running service."""

    url: str
    pid: int

    def end(self) -> None:
        """Send SIGTERM."""
        os.kill(self.pid, signal.SIGTERM)

    def cpu_seconds(self) -> float:
        """Return the user and system time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def resident_megabytes(self) -> float:
        """Return the resident memory."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@contextmanager
def served(folder: Path, *options: str, environment: Mapping[str, str] | None = None) -> Iterator[Process]:
    """Run `wakeword serve` with its data in a folder, for the length of the block, which SIGTERM ends, too."""
    command = [
        sys.executable,
        "-c",
        "from wakeword.cli import main; main()",
        "serve",
        "--port",
        "0",
        "--data",
        str(folder),
    ]
    log = folder / "log"
    with log.open("w") as file, _terminated_by_exit():
        started = subprocess.Popen([*command, *options], stderr=file, env={**os.environ, **(environment or {})})
        try:
            url = _url(started, log)
            yield Process(url, started.pid)
        finally:
            started.terminate()
            started.wait()


@contextmanager
def _terminated_by_exit() -> Iterator[None]:
    """Let SIGTERM end the process by SystemExit, so that what it has begun is ended, for the length of the block."""

    def leave(number: int, _: object) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def unclaimed_port() -> int:
    """Return a free TCP port that no other process gets by asking for any: such ports are above."""
    for port in range(20_000 + os.getpid() % 5_000, 30_000):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("no TCP port from 20,000 to 30,000 is free; close some")


def _url(started: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until the service is ready, and return its URL."""
    end = time.monotonic() + 30
    while time.monotonic() < end and started.poll() is None:
        time.sleep(0.05)
        if found := re.search(r"http://\S+", log.read_text()):
            try:
                urllib.request.urlopen(f"{found[0]}/readyz").close()
                return found[0]
            except urllib.error.URLError:
                continue
    raise ChildProcessError(f"the service did not start: {log.read_text()}")
