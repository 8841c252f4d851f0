"""The installed `wakeword` command, run as its users run it; and how it ends within a test (conftest.py)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import processes

WAKEWORD = str(Path(sys.executable).with_name("wakeword"))


@dataclass(frozen=True)
class Done:
    """How a command ended that ran within the test."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]


def wakeword(
    *arguments: Any, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return processes.run([WAKEWORD, *arguments], given=stdin, environment=environment, memory=processes.MEMORY)


def started(
    *arguments: Any, environment: Mapping[str, str] | None = None, stdin: int = subprocess.DEVNULL
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Run it beside the block, which reads its output through unbuffered pipes."""
    return processes.started([WAKEWORD, *arguments], stdin=stdin, environment=environment, memory=processes.MEMORY)


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that a command which failed for its user has said."""
    assert done.returncode == 2, done
    (line,) = done.stderr.splitlines()
    assert line.startswith("wakeword: ")
    return line
