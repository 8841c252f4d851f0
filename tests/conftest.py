"""For all tests: nothing is late (how long a thing takes is measured in bench/), and no child is left behind."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import settings

from tests.processes import Watch

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_WATCH = pytest.StashKey[Watch]()
_LEFT = pytest.StashKey[list[str]]()  # a line for each child that was left behind


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_WATCH] = Watch()
    config.stash[_LEFT] = []


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
