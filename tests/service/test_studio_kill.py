"""A real training under the service: whatever is killed, and whenever, the model has the same bits in the end.

That a training killed in any stage goes on is tested without the service (test_train_project.py),
and what becomes of jobs with made-up trainings (test_studio_jobs.py).
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.studio import guard
from tests import processes
from tests.signals import ROOT
from tests.waits import PATIENCE, until
from tests.wakeword.tiny_project import CONTENT, own_cache
from wakeword.projects.library import create_project
from wakeword.projects.project import Project
from wakeword.projects.runs import Run, run_of

# A training that tells its process and then waits in the stage that PROJECT/../hold names.
_HELD = """
import os, pathlib, sys, time
from wakeword.cli import main
from wakeword.projects.progress import ProgressFile

root = pathlib.Path(sys.argv[3]).parent

def tell_and_wait(file, more=None):
    tell(file, more)
    if more or file._stage == "report" or file._spoken:
        (root / "pid.part").write_text(f"{os.getpid()} {file._stage}")
        (root / "pid.part").rename(root / "pid")
        while (root / "hold").read_text() == file._stage:
            time.sleep(0.01)

tell, ProgressFile._tell = ProgressFile._tell, tell_and_wait
main()
"""
_SERVICE = """
import sys
from pathlib import Path
from service.logs import log_json
from service.run import Server
from service.settings import Limits, Settings
from service.studio import jobs

log_json()
jobs.NICE = 0
jobs.of_wakeword = lambda *arguments: [sys.executable, "-c", sys.argv[2], *arguments]
limits = Limits(requests_per_second=10_000, burst=10_000)
server = Server(Settings(Path(sys.argv[1]), port=0, microphone=False, limits=limits))
print(server.url, flush=True)
server.serve_here()
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "cache").mkdir()
    return {"XDG_CACHE_HOME": str(own_cache(tmp_path / "cache")), "WAKEWORD_KOKORO": "", "WAKEWORD_PIPER": ""}


class Service:
    """A service in a process of its own, with a project."""

    def __init__(self, process: subprocess.Popen[bytes], project: Project) -> None:
        assert process.stdout is not None
        self.process, self.project = process, project
        self.http = httpx.Client(base_url=process.stdout.readline().decode().strip(), timeout=PATIENCE)

    def run(self, what: str = "", method: str = "GET") -> Any:
        path = f"/api/studio/projects/{self.project.folder.name}/runs{what}"
        until(lambda: _answers(self.http))
        answer = self.http.request(method, path)
        assert answer.is_success, answer.text
        return answer.json()


def _answers(http: httpx.Client) -> bool:
    try:
        return http.get("/healthz").is_success
    except httpx.TransportError:
        return False


@contextmanager
def _service(project: Project, environment: dict[str, str]) -> Iterator[Service]:
    command = [sys.executable, "-c", _SERVICE, project.folder.parent.parent, _HELD]
    with processes.started(command, cwd=ROOT, environment=environment, stderr=subprocess.DEVNULL) as process:
        service = Service(process, project)
        try:
            yield service
        finally:
            service.http.close()


def _hold(project: Project, stage: str) -> None:
    """Let the training wait in this stage, and in no other."""
    part = project.folder.parent / "hold.part"
    part.write_text(stage)
    part.rename(project.folder.parent / "hold")


def _held_in(project: Project, stage: str) -> int:
    """Wait until the training waits in a stage. Return its process."""
    file = project.folder.parent / "pid"
    until(lambda: file.exists() and file.read_text().partition(" ")[2] == stage)
    pid = int(file.read_text().split()[0])
    file.unlink()
    return pid


def _of_training(project: Project) -> list[int]:
    """Return all processes that name the project: the guard, the training and its children."""
    name, found = str(project.folder).encode(), []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if name in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return [pid for pid in found if processes.runs(pid)]


def _guard(training: int) -> int:
    parent = int(Path(f"/proc/{training}/stat").read_text().rpartition(")")[2].split()[1])
    assert guard.__file__ in Path(f"/proc/{parent}/cmdline").read_text()
    return parent


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are found by Linux's /proc")
def test_the_model_is_the_same_whatever_is_killed(tmp_path: Path, environment: dict[str, str]) -> None:
    whole = create_project(tmp_path / "whole", CONTENT)
    command = [sys.executable, "-m", "wakeword.cli", "train", "--project", whole.folder]
    assert processes.run(command, cwd=ROOT, environment=environment).returncode == 0

    project = create_project(tmp_path / "data/projects", CONTENT)
    _hold(project, "synthesis")
    with _service(project, environment) as service:
        service.run(method="POST")
        _held_in(project, "synthesis")
        service.process.kill()
    until(lambda: not _of_training(project))

    _hold(project, "sparse")
    with _service(project, environment) as service:
        training = _held_in(project, "sparse")
        assert service.run("/1/pause", "POST")["state"] == "paused"
        assert not processes.runs(training) and not _of_training(project)
    with _service(project, environment) as service:
        assert service.run("/1")["state"] == "paused"
        service.run("/1/resume", "POST")
        _hold(project, "quantized")
        os.kill(_guard(_held_in(project, "quantized")), signal.SIGKILL)
        _hold(project, "report")
        _held_in(project, "report")
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(PATIENCE)
    until(lambda: not _of_training(project))

    _hold(project, "")
    with _service(project, environment) as service:
        until(lambda: service.run("/1")["state"] == "done")
    told = [line["fraction"] for line in run_of(project.folder, 1).lines()]
    assert told == sorted(told)
    assert _model(project) == _model(whole)
    assert not re.findall("part|checkpoint", " ".join(str(path) for path in project.folder.rglob("*")))


def _model(project: Project) -> bytes:
    return Run(project.folder / "runs/1", 1).model.read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are found by Linux's /proc")
def test_a_training_that_is_cancelled_or_whose_project_is_deleted_leaves_nothing(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    project = create_project(tmp_path / "data/projects", CONTENT)
    _hold(project, "sparse")
    with _service(project, environment) as service:
        service.run(method="POST")
        _held_in(project, "sparse")
        assert service.run("/1/cancel", "POST")["state"] == "cancelled"
        assert not _of_training(project)
        left = {path.name for path in (project.folder / "runs/1").rglob("*")}
        assert left <= {"run.json", "log.txt", "output.txt", "lock"}
        _hold(project, "synthesis")
        service.run(method="POST")
        _held_in(project, "synthesis")
        assert service.http.delete(f"/api/studio/projects/{project.folder.name}").status_code == 204
        assert not _of_training(project)
        assert [path.name for path in project.folder.parent.iterdir() if path.is_dir()] == []
