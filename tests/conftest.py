"""For all tests: nothing is late (how long a thing takes is measured in bench/), and no child is left behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.processes import Watch

# One thread for each process: tests run on all cores at once, and threads that wait for each other take many times as
# long on a busy machine. Libraries read these when they are loaded.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# A run that nohup started, or a shell by `&`, ignores signals, and so would its children, which tests end by them.
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)

# What trains, emulates boards, runs servers or starts many processes. It comes first, the longest before all, so that
# at the end no core waits for another; `make check` leaves it out.
SLOW = (
    "tests/test_on_ray.py",
    "tests/firmware/test_flash_esp.py",
    "tests/wakeword/training",
    "tests/release",
    "tests/firmware",
    "tests/service",
    "tests/integrations",
    "tests/wakeword/inference/test_engine_parity.py",
    "tests/test_processes.py",
    "tests/wakeword/networks",
    "tests/wakeword/quantization",
    "tests/wakeword/commands",
    "tests/wakeword/projects/test_report.py",
    "tests/wakeword/live/test_record.py",
    "tests/wakeword/inference/test_cascade.py",
    "tests/wakeword/test_api.py",
    "tests/test_shipped_model.py",
    "tests/test_readme.py",
    "tests/test_imports.py",
    "tests/bench",
)

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_WATCH = pytest.StashKey[Watch]()
_LEFT = pytest.StashKey[list[str]]()  # a line for each child that was left behind


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_WATCH] = Watch()
    config.stash[_LEFT] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    folders = [config.rootpath / name for name in SLOW]

    @cache
    def rank(path: Path) -> int:
        return next((rank for rank, folder in enumerate(folders) if path.is_relative_to(folder)), len(SLOW))

    items.sort(key=lambda item: rank(item.path))
    for item in items:
        if rank(item.path) < len(SLOW):
            item.add_marker("slow")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return two workers more than there are cores: tests of services and boards often wait for a child."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Fail a run that leaves a child behind."""
    yield
    config = session.config
    left = config.stash[_LEFT]
    left += [f"{it.test} left process {it.pid} behind: {it.command}" for it in config.stash[_WATCH].leftovers()]
    if hasattr(config, "workeroutput"):
        config.workeroutput["left"] = left
    elif left and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of pytest-xdist has found."""
    node.config.stash[_LEFT].extend(getattr(node, "workeroutput", {}).get("left", []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash[_LEFT]:
        terminalreporter.write_line(line, red=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_WATCH].end()
