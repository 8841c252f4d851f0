"""The installed `wakeword` command, run as its users run it; and how it ends within a test (conftest.py)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

WAKEWORD = str(Path(sys.executable).with_name("wakeword"))


@dataclass(frozen=True)
class Done:
    """How a command ended that ran within the test."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]


def wakeword(
    *arguments: str | Path, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    done = subprocess.run(
        [WAKEWORD, *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, **(environment or {})},
        timeout=60,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def started(
    *arguments: str | Path, environment: Mapping[str, str] | None = None, stdin: int | None = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Run it beside the test, which reads its output through unbuffered pipes."""
    return subprocess.Popen(
        [WAKEWORD, *arguments],
        bufsize=0,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that a command which failed for its user has said."""
    assert done.returncode == 2, done
    (line,) = done.stderr.splitlines()
    assert line.startswith("wakeword: ")
    return line
