"""What runs on Ray, tested in a process of its own: a driver whose daemon dies ends at once, and with it all tests."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.signals import ROOT


@pytest.mark.timeout(900)
def test_all_of_it_in_another_process() -> None:
    tests = [sys.executable, "-m", "pytest", "-o", "addopts=-rs --import-mode=importlib", "tests/on_ray"]
    for _ in range(2):  # a machine that is busy may be too slow once
        done = subprocess.run(tests, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        last = (done.stdout.strip() or "nothing").splitlines()[-1]
        if last.startswith("==="):  # it came to its end
            assert done.returncode == 0, done.stdout
            if " skipped" in last:
                pytest.skip(done.stdout[done.stdout.index("SKIPPED") :].splitlines()[0])
            return
    pytest.skip(f"Ray ended its driver, with status {done.returncode}, after: {last}")
