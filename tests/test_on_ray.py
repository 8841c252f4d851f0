"""Tests on Ray run in a process of their own: a driver whose daemon dies ends at once, with all tests in it."""

from __future__ import annotations

import subprocess
import sys

import pytest
import ray

from tests.processes import run
from tests.signals import ROOT
from tests.waits import PATIENCE

# Ray by itself, without a line of this project, so that no fault of ours is taken for the machine's.
_RAY_ALONE = "import ray; ray.init(num_cpus=1, include_dashboard=False); print(ray.get(ray.remote(lambda: 7).remote()))"


# Workers start when a task asks for one: those that Ray starts beforehand are more than these tests use.
_FRUGAL = {"RAY_enable_worker_prestart": "0"}


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, *arguments], cwd=ROOT, environment=_FRUGAL, patience=10 * PATIENCE)


@pytest.mark.timeout(11 * PATIENCE)  # some twenty tests, each of which has patience itself
def test_all_of_it_in_another_process() -> None:
    done = _run("-m", "pytest", "-o", "addopts=--import-mode=importlib", "tests/on_ray")
    if done.returncode and (alone := _run("-c", _RAY_ALONE)).returncode:
        said = (alone.stderr.strip() or "nothing").splitlines()[-1]
        pytest.skip(
            f"Ray {ray.__version__} alone can't run a task here: exit status {alone.returncode}, it said {said}"
        )
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stdout}\n{done.stderr}"
