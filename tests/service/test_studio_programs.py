"""Programs that the service compiles for boards. In place of arduino-cli, which no registry has, a program checks its
arguments."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from service.studio import compiling
from tests.service.live import Live, running, settings
from tests.waits import until
from wakeword.boards.kinds import BOARDS
from wakeword.files import write_whole
from wakeword.model.export_c import export_c
from wakeword.model.file import read_model
from wakeword.model.pretrained import shipped_models
from wakeword.projects.library import create_project
from wakeword.projects.runs import new_run

_MODEL = shipped_models()["google12"]
_PROGRAM = "/api/studio/projects/hey_lumen/runs/1/program"
_BEGIN = """#!/bin/sh
set -eu
[ $# = 8 ] && [ "$1 $2 $4 $6" = "compile --fqbn --library --output-dir" ]
"""
# The program that it makes is the board, and the model that lies beside the sketch.
_MAKE = """
mkdir "$7"
for suffix in bin uf2 zip merged.bin; do
    { echo "$3"; cat "$8/wakeword_model.h"; } > "$7/$(basename "$8").ino.$suffix"
done
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A service with a run that is done, with the shipped model for its own, and one that is not."""
    data = tmp_path_factory.mktemp("data")
    project = create_project(data / "projects", {"phrases": ["hey lumen"]})
    done, paused = new_run(project.folder), new_run(project.folder)
    write_whole(done.model, _MODEL.read_bytes())
    done.mark("done")
    paused.mark("paused")
    with running(settings(data)) as live:
        yield live


@pytest.fixture
def arduino_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Installs a program in place of arduino-cli: what it does, after it has looked at its arguments."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def install(script: str) -> None:
        tool = tmp_path / "arduino-cli"
        tool.write_text(_BEGIN + script)
        tool.chmod(0o755)

    return install


def _refused(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    detail: str = answer.json()["detail"]
    assert "\n" not in detail
    return detail


@pytest.mark.parametrize("board", ["mkr1000", "esp32c3", "pico", "xiao-sense"])
def test_the_program_is_the_board_s_sketch_with_the_model(
    live: Live, arduino_cli: Callable[[str], None], board: str
) -> None:
    arduino_cli(_MAKE)
    assert live.http.get("/api/studio/compiler").json() == {"ready": True, "problem": None}
    answer = live.http.post(_PROGRAM, params={"board": board})
    assert answer.status_code == 200, answer.text
    assert answer.text == f"{BOARDS[board].fqbn}\n{export_c(read_model(_MODEL))}"
    assert answer.headers["content-disposition"].endswith(f'{BOARDS[board].suffix}"')


def test_the_program_of_an_esp32_speaks_by_the_port_that_the_board_is_at(
    live: Live, arduino_cli: Callable[[str], None]
) -> None:
    arduino_cli(_MAKE)
    for board, name in {"esp32s3": "esp32:esp32:esp32s3:CDCOnBoot=cdc", "mkr1000": "arduino:samd:mkr1000"}.items():
        assert live.http.post(_PROGRAM, params={"board": board, "own_usb": True}).text.startswith(f"{name}\n")


def test_without_arduino_cli_the_line_says_where_it_is(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    told = live.http.get("/api/studio/compiler").json()
    assert not told["ready"] and told["problem"].startswith("arduino-cli is not installed: see https://")
    assert _refused(live.http.post(_PROGRAM), 422) == told["problem"]


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            "Error during build: Platform 'esp32:esp32' not found: platform not installed",
            "arduino-cli lacks the core of this board: run arduino-cli core install esp32:esp32",
        ),
        (
            "Sketch too big\nError during build: text section exceeds",
            "can't compile it: Error during build: text section",
        ),
        ("", "arduino-cli can't compile it: it said nothing"),
    ],
    ids=["no core", "an error", "nothing"],
)
def test_a_program_that_can_t_be_compiled_is_one_line(
    live: Live, arduino_cli: Callable[[str], None], said: str, line: str
) -> None:
    arduino_cli(f'printf %s "{said}" >&2\nexit 1')
    assert line in _refused(live.http.post(_PROGRAM), 422)


def test_a_tool_that_makes_nothing_has_not_compiled_it(live: Live, arduino_cli: Callable[[str], None]) -> None:
    arduino_cli("echo done")
    assert _refused(live.http.post(_PROGRAM), 422) == "arduino-cli can't compile it: done"


def test_one_program_is_compiled_at_a_time(live: Live, arduino_cli: Callable[[str], None], tmp_path: Path) -> None:
    arduino_cli(f"touch {tmp_path}/begun\nwhile ! [ -e {tmp_path}/go ]; do sleep 0.01; done\n{_MAKE}")
    with ThreadPoolExecutor(1) as other:
        first = other.submit(live.http.post, _PROGRAM)
        until((tmp_path / "begun").exists)
        second = live.http.post(_PROGRAM)
        assert _refused(second, 503) == "another program is being compiled; try again when it is done"
        assert second.headers["retry-after"]
        (tmp_path / "go").touch()
        assert first.result().status_code == 200


def _sleeper(tmp_path: Path) -> str:
    return f"echo $$ > {tmp_path}/part\nmv {tmp_path}/part {tmp_path}/pid\nsleep 1000"


def test_a_compilation_that_takes_too_long_is_ended(
    live: Live, arduino_cli: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "_SECONDS", 0.0)
    arduino_cli(_sleeper(tmp_path))
    assert _refused(live.http.post(_PROGRAM), 503).startswith(
        "arduino-cli takes too long; compile the sketch by yourself"
    )


def test_a_compilation_that_nobody_waits_for_is_ended(
    live: Live, arduino_cli: Callable[[str], None], tmp_path: Path
) -> None:
    arduino_cli(_sleeper(tmp_path))
    where = urlsplit(live.url)
    with socket.create_connection((where.hostname, where.port or 80)) as impatient:
        impatient.sendall(f"POST {_PROGRAM} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: 0\r\n\r\n".encode())
        until((tmp_path / "pid").exists)
    until(lambda: not psutil.pid_exists(int((tmp_path / "pid").read_text())))
    arduino_cli(_MAKE)
    assert until(lambda: live.http.post(_PROGRAM).status_code == 200)


def test_only_a_run_with_a_model_has_a_program(live: Live, arduino_cli: Callable[[str], None]) -> None:
    arduino_cli(_MAKE)
    other = _PROGRAM.replace("/1/", "/2/")
    assert _refused(live.http.post(other), 404).startswith("run 2 is paused; it has no model")
    assert live.http.post(_PROGRAM, params={"board": "uno"}).status_code == 422
