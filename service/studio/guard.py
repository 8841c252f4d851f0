"""Run a command beside the service, and end it with the service, however that ends.

`python -I -S guard.py NICE LOG COMMAND...` runs it at a priority, 19 being the lowest, and appends its output to LOG.
The command and its children are a process group of their own. The end of standard input kills the group, so it
outlives neither an orderly end of the service nor a kill -9. The exit status is the command's, or 128 and the number of
the signal that has killed it.

This runs by the standard library alone: it takes little memory beside the command.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # of prctl(2)
_PAUSE = 0.005  # seconds between two looks at a group that was killed
_BLOCK = 64  # bytes that are read at a time


def main(nice: str, log: str, *command: str) -> int:
    """Run the command. Return its exit status once neither it nor a child of it is left."""
    wakes, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # each wakes the loop
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if libc is not None:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)  # children that the command leaves behind become this process's
    with open(log, "ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_humble(libc, os.getpid(), int(nice)),
        )
    try:
        _watch(process, wakes)
    finally:
        _kill(process.pid)
    status = process.wait()
    while _kill(process.pid):
        _reap()
        time.sleep(_PAUSE)
    return status if status >= 0 else 128 - status


def _humble(libc: ctypes.CDLL | None, guard: int, nice: int) -> Callable[[], None]:
    """Return what gives a new process its priority, and on Linux ends it with this one."""

    def humble() -> None:
        os.nice(nice)
        if libc is None:
            return
        with contextlib.suppress(OSError), open("/proc/self/autogroup", "w") as group:
            group.write(str(nice))  # of a session: where sessions share the processor, nice alone has no effect
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
            score.write("1000")  # if memory runs out, this goes rather than the service
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != guard:  # it has ended just now
            os._exit(1)

    return humble


def _watch(leader: subprocess.Popen[bytes], wakes: int) -> None:
    """Return when the leader of the group ends, standard input ends, or a signal is to end this process."""
    while True:
        ready, _, _ = select.select([0, wakes], [], [])
        if wakes in ready and any(number != signal.SIGCHLD for number in os.read(wakes, _BLOCK)):
            return
        if leader.poll() is not None:
            return
        if 0 in ready and not os.read(0, _BLOCK):
            return


def _kill(group: int) -> bool:
    """Kill a group. Return False if there is none: no other group gets its number before that."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # the latter on macOS, if all have ended
        return False
    return True


def _reap() -> None:
    """Let the system forget children that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
