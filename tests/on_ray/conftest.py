"""Whether Ray runs here."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.fixture(scope="session")
def ray_runs() -> None:
    """Skips what needs Ray's daemons on a machine that doesn't let them live.

    A driver whose daemon dies ends at once: a process of its own tries first.
    """
    trial = "from wakeword.cluster import on_ray; assert list(on_ray(abs, [-1, -2], 'local')) == [1, 2]"
    for _ in range(2):  # a machine that is busy may be too slow once
        done = subprocess.run([sys.executable, "-c", trial], capture_output=True, text=True, timeout=200)
        if done.returncode == 0:
            return
    reason = (done.stderr.strip() or "nothing said").splitlines()[-1]
    pytest.skip(f"Ray's daemons don't live on this machine: exit status {done.returncode}, {reason}")
