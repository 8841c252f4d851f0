"""Child processes of tests. Each ends with its test, however the test ends.

`run` and `started` are the only ways to start one. They kill the child, and its children, at the end of the block: when
the test passes, fails, times out or is interrupted. If pytest itself is killed, the reaper kills them (reaper.py).
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests import reaper
from tests.waits import PATIENCE, until

MEMORY = 8 << 30  # bytes; enough for any command of the project
LAST_SECONDS = 30.0  # after the last test, for those that were asked to end

Command = Sequence[Any]  # of str or Path
Stream = int | IO[bytes] | None


@contextmanager
def started(
    command: Command,
    *,
    stdin: Stream = subprocess.DEVNULL,
    stdout: Stream = subprocess.PIPE,
    stderr: Stream = subprocess.PIPE,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    memory: int | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command beside the block, in a session of its own. At the end of the block its session is killed.

    Its pipes are unbuffered. environment: variables that it gets in addition to those of the test. memory: the bytes
    of data beyond which it fails, on Linux, so that a child that grows without end starves no other.
    """
    process = subprocess.Popen(
        command,
        bufsize=0,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        start_new_session=True,
    )
    try:
        if memory is not None and sys.platform == "linux":
            with contextlib.suppress(ProcessLookupError):  # it has ended already
                resource.prlimit(process.pid, resource.RLIMIT_DATA, (memory, memory))
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)


def run(
    command: Command,
    *,
    given: bytes | None = None,
    stdout: Stream = subprocess.PIPE,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    memory: int | None = None,
    patience: float = PATIENCE,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end. given: its standard input, which is empty otherwise. The rest is as for `started`.

    Raises:
        subprocess.TimeoutExpired: it hasn't ended after `patience` seconds.
    """
    stdin = subprocess.DEVNULL if given is None else subprocess.PIPE
    with started(command, stdin=stdin, stdout=stdout, cwd=cwd, environment=environment, memory=memory) as process:
        out, errors = process.communicate(given, patience)
    return subprocess.CompletedProcess(command, process.returncode, (out or b"").decode(), errors.decode())


def runs(process: int) -> bool:
    """Return whether a process is there and has not ended, by Linux's /proc."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # the latter if it ends while the file is read
        return False


class Watch:
    """The children of this run of pytest, to its end and beyond."""

    def __init__(self) -> None:
        """Mark all children from now on, and start the reaper, which waits for the end of this process."""
        self._mark = f"{os.environ.get(reaper.MARK, '')}{os.getpid()}."
        os.environ[reaper.MARK] = self._mark
        self._reaper = subprocess.Popen(
            [sys.executable, "-I", "-S", reaper.__file__, self._mark],
            stdin=subprocess.PIPE,
            env={},  # without the mark of a run around this one, which would kill it before its work is done
            start_new_session=True,  # an interrupt from the terminal is not for it
        )

    def leftovers(self) -> list[reaper.Marked]:
        """Return the children that go on running, and kill them."""
        gc.collect()  # an error that a test kept holds the test's frame, and so what would have ended a child
        with contextlib.suppress(AssertionError):
            until(lambda: not reaper.marked(self._mark), LAST_SECONDS)
        left = reaper.marked(self._mark)
        reaper.kill(self._mark)
        return left

    def end(self) -> None:
        """End the reaper, and the mark."""
        assert self._reaper.stdin is not None
        self._reaper.stdin.close()
        self._reaper.wait()
        os.environ[reaper.MARK] = self._mark.removesuffix(f"{os.getpid()}.")
