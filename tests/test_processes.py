"""However a run of tests ends, it leaves no process behind, and says so if one of its tests does."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes import run, runs, started
from tests.signals import ROOT
from tests.waits import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in Linux's /proc")

# A child with a child of its own, both of which heed no polite request.
FAMILY = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if {moves_out} and child == 0:
    os.setsid()
print(os.getpid(), file=open(f"pid{{os.getpid()}}.part", "w"), flush=True)
os.rename(f"pid{{os.getpid()}}.part", f"pid{{os.getpid()}}")
time.sleep(600)
"""

TEST = """
import sys, time
from pathlib import Path
from tests import processes
from tests.processes import started
from tests.waits import until

processes.LAST_SECONDS = 1.0

def test_with_a_child():
    with started([sys.executable, "-c", {family!r}]):
        until(lambda: len(list(Path().glob("pid*[0-9]"))) == 2)
        {then}

def test_after_it():
    from tests.test_processes import family, runs
    until(lambda: not any(map(runs, family(Path()))))
"""


# Without the plugins of other libraries, whose imports take longer than the tests.
PLUGINS = ("xdist", "pytest_timeout", "tests.conftest", "no:cacheprovider")
PYTEST = [sys.executable, "-m", "pytest", *(option for plugin in PLUGINS for option in ("-p", plugin))]
WITH_THE_PROJECT = {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def write_test(folder: Path, then: str, moves_out: bool = False) -> list[str | Path]:
    """Write tests, the first of which starts a family and goes on with `then`; return the command that runs them."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_family.py").write_text(TEST.format(family=FAMILY.format(moves_out=moves_out), then=then))
    return [*PYTEST, "test_family.py"]


def family(folder: Path) -> list[int]:
    """Return the ids of the processes that the test has started."""
    return [int(path.name[3:]) for path in folder.glob("pid*[0-9]")]


@contextmanager
def ended(folder: Path) -> Iterator[None]:
    """See that the family is gone after the block."""
    yield
    assert len(family(folder)) == 2
    until(lambda: not any(map(runs, family(folder))))


@pytest.mark.parametrize(
    ("then", "options", "outcome"),
    [
        ("pass", [], "2 passed"),
        ("assert False", [], "1 failed, 1 passed"),
        ("time.sleep(600)", ["--timeout=6"], "1 failed, 1 passed"),
        ("pass", ["-n", "1"], "2 passed"),
    ],
)
def test_a_child_ends_with_its_test(tmp_path: Path, then: str, options: list[str], outcome: str) -> None:
    with ended(tmp_path):
        done = run([*write_test(tmp_path, then), *options], cwd=tmp_path, environment=WITH_THE_PROJECT)
        assert outcome in done.stdout


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["one process", "workers"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_interrupted_or_killed_leaves_nothing(
    tmp_path: Path, number: signal.Signals, workers: list[str]
) -> None:
    moves_out = number != signal.SIGINT  # so that only the reaper finds it
    command = [*write_test(tmp_path, "time.sleep(600)", moves_out), *workers]
    with ended(tmp_path), started(command, cwd=tmp_path, environment=WITH_THE_PROJECT) as pytest_itself:
        until(lambda: len(family(tmp_path)) == 2)
        pytest_itself.send_signal(number)
        pytest_itself.communicate()
        until(lambda: not any(map(runs, family(tmp_path))))


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["one process", "workers"])
def test_a_run_that_leaves_a_child_behind_fails_and_names_it(tmp_path: Path, workers: list[str]) -> None:
    command = [*write_test(tmp_path, "pass", moves_out=True), "-k", "test_with_a_child", *workers]
    with ended(tmp_path):
        done = run(command, cwd=tmp_path, environment=WITH_THE_PROJECT)
    assert done.returncode == 1 and "1 passed" in done.stdout
    (line,) = re.findall(r"^.* left process .*", done.stdout, re.M)
    assert line.startswith("test_family.py::test_with_a_child")
    assert any(f"process {process} behind: {sys.executable} -c" in line for process in family(tmp_path))


# An error that the test keeps refers to the test's frame, and the frame to the error.
CYCLE = """
import gc, subprocess, sys, weakref
import pytest

class Owner:
    def __init__(self):
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
        weakref.finalize(self, child.communicate)

def test_that_keeps_an_error():
    gc.disable()
    owner = Owner()
    with pytest.raises(ZeroDivisionError) as error:
        1 / 0
"""


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["one process", "workers"])
def test_a_child_whose_owner_is_garbage_is_not_left_behind(tmp_path: Path, workers: list[str]) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_cycle.py").write_text(CYCLE)
    command = [*PYTEST, *workers]
    done = run(command, cwd=tmp_path, environment=WITH_THE_PROJECT)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout


def test_tests_start_processes_in_no_other_way() -> None:
    others = [path for path in (ROOT / "tests").rglob("*.py") if path.name not in ("processes.py", "test_processes.py")]
    starting = re.compile(r"subprocess\.(run|Popen|call|check_call|check_output)\(")
    assert [str(path) for path in others if starting.search(path.read_text())] == []
