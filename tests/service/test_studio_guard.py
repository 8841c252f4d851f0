"""The guard of a training: the command and its children run at their priority, and never longer than the service."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.studio import guard
from tests.processes import runs, started
from tests.waits import PATIENCE, until

_Ending = Callable[[subprocess.Popen[bytes]], None]

# A command with a child, which tells the numbers of both and then waits. Neither ends by the signals of a terminal.
_FAMILY = """
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
child = os.fork()
if child:
    print(os.getpid(), child, os.nice(0), flush=True)
if not child or sys.argv[1] == "wait":
    time.sleep(1000)
sys.exit(int(sys.argv[1]))
"""


@contextmanager
def _guarded(tmp_path: Path, *command: str, nice: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    program = [sys.executable, "-I", "-S", guard.__file__, str(nice), tmp_path / "log.txt", *command]
    with started(program, stdin=subprocess.PIPE) as process:
        yield process
        _end_of_input(process)
        process.wait(PATIENCE)


def _family(tmp_path: Path) -> list[int]:
    log = tmp_path / "log.txt"
    until(lambda: log.is_file() and log.read_bytes().endswith(b"\n"))
    return [int(number) for number in log.read_text().split()]


def _end_of_input(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()


def _sends(number: signal.Signals) -> _Ending:
    return lambda process: os.kill(process.pid, number)


@pytest.mark.parametrize("end", [_end_of_input, _sends(signal.SIGTERM), _sends(signal.SIGINT), _sends(signal.SIGHUP)])
def test_the_command_and_its_children_end_with_the_guard(tmp_path: Path, end: _Ending) -> None:
    with _guarded(tmp_path, sys.executable, "-c", _FAMILY, "wait") as process:
        leader, child, _ = _family(tmp_path)
        end(process)
        assert process.wait(PATIENCE) == 128 + signal.SIGKILL
        assert not runs(leader) and not runs(child)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's end")
def test_the_command_ends_if_the_guard_is_killed(tmp_path: Path) -> None:
    with _guarded(tmp_path, sys.executable, "-c", _FAMILY, "wait") as process:
        leader, child, _ = _family(tmp_path)
        process.kill()
        until(lambda: not runs(leader))
        os.kill(child, signal.SIGKILL)  # of which nothing but a pipe would tell it


def test_what_the_command_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    with _guarded(tmp_path, sys.executable, "-c", _FAMILY, "3") as process:
        _, child, _ = _family(tmp_path)
        assert process.wait(PATIENCE) == 3
        assert not runs(child)


def test_a_stopped_command_ends_too(tmp_path: Path) -> None:
    with _guarded(tmp_path, sys.executable, "-c", _FAMILY, "wait") as process:
        leader, child, _ = _family(tmp_path)
        os.kill(leader, signal.SIGSTOP)
        _end_of_input(process)
        assert process.wait(PATIENCE) == 128 + signal.SIGKILL
        assert not runs(leader) and not runs(child)


def test_the_command_has_its_priority_and_goes_first_if_memory_runs_out(tmp_path: Path) -> None:
    with _guarded(tmp_path, sys.executable, "-c", _FAMILY, "wait", nice=19):
        leader, _, nice = _family(tmp_path)
        assert nice == 19
        if sys.platform == "linux":
            assert Path(f"/proc/{leader}/oom_score_adj").read_text() == "1000\n"
        group = Path(f"/proc/{leader}/autogroup")
        if group.exists():  # of sessions that share the processor, nice alone tells nothing
            assert group.read_text().endswith("nice 19\n")


def test_it_needs_no_waitid_which_macos_lacks_before_python_3_13(tmp_path: Path) -> None:
    without = (
        "import os, runpy, sys; vars(os).pop('waitid', None); runpy.run_path(sys.argv.pop(1), run_name='__main__')"
    )
    command = [sys.executable, "-I", "-S", "-c", without, guard.__file__, "0", str(tmp_path / "log.txt")]
    with started([*command, sys.executable, "-c", "raise SystemExit(2)"], stdin=subprocess.PIPE) as process:
        assert process.wait(PATIENCE) == 2


def test_a_command_that_is_killed_gives_its_signal(tmp_path: Path) -> None:
    with _guarded(tmp_path, sys.executable, "-c", _FAMILY, "wait") as process:
        leader, child, _ = _family(tmp_path)
        os.kill(leader, signal.SIGKILL)
        assert process.wait(PATIENCE) == 128 + signal.SIGKILL
        assert not runs(child)
