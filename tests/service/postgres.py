"""A PostgreSQL server of the test's own, on a socket in a temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import run, started
from tests.waits import PATIENCE, until


def programs() -> Path | None:
    """The newest PostgreSQL that Debian's packages have put here."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found else None


@contextmanager
def running(programs: Path) -> Iterator[str]:
    """The URL of an empty database; the server is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path has at most 107 characters
    as_user: list[str] = []
    if os.geteuid() == 0:  # which PostgreSQL refuses to run as
        shutil.chown(folder, "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = folder / "data"

    def command(program: str, *arguments: str) -> list[str | Path]:
        return [*as_user, programs / program, "-D", data, *arguments]

    try:
        made = run(command("initdb", "-U", "wakeword", "-A", "trust", "--no-sync"), cwd=folder)
        assert made.returncode == 0, made.stderr
        # Not by pg_ctl, whose server is nobody's child.
        server = command("postgres", "-k", str(folder), "-c", "listen_addresses=", "-c", "fsync=off")
        with started(server, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            until(lambda: _is_ready(data))
            yield f"postgresql://wakeword@/postgres?host={folder}"
            process.send_signal(signal.SIGQUIT)  # stop at once; its own children end too
            process.wait(PATIENCE)
    finally:
        shutil.rmtree(folder)


def _is_ready(data: Path) -> bool:
    try:
        return "ready" in (data / "postmaster.pid").read_text()
    except FileNotFoundError:
        return False
