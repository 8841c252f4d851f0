"""A service that doesn't end by itself: its process ends all the same, and the log says what it was doing."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from service.overtime import waiting_tasks
from service.run import Server
from tests.processes import started
from tests.service.live import settings
from tests.signals import ROOT
from tests.waits import PATIENCE, until

_SERVICE = """
import asyncio, sys, threading
from pathlib import Path
import service.run, service.runtime
from service.logs import log_json
from service.run import Server
from service.settings import Settings

async def hang_for_ever(tasks):
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass

async def block_the_loop(tasks):
    threading.Event().wait()

async def leave_a_thread(tasks):
    threading.Thread(target=threading.Event().wait).start()

service.run._TELL, service.run._END = 0.2, 1.0
service.runtime._stop_all = locals()[sys.argv[1]]
log_json()
server = Server(Settings(Path(sys.argv[2]), port=0, microphone=False))
service.run.Server.started = property(lambda self: vars(self)["started"], lambda self, now: (
    vars(self).update(started=now), now and print("started", flush=True)))
server.serve_here()
"""


@pytest.mark.parametrize(
    ("hindrance", "number"),
    [
        ("hang_for_ever", signal.SIGTERM),
        ("hang_for_ever", signal.SIGINT),
        ("block_the_loop", signal.SIGTERM),
        ("leave_a_thread", signal.SIGINT),
    ],
)
def test_whatever_keeps_the_service_from_ending_it_ends(tmp_path: Path, hindrance: str, number: signal.Signals) -> None:
    with started([sys.executable, "-c", _SERVICE, hindrance, tmp_path], cwd=ROOT) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == b"started\n"
        process.send_signal(number)
        log = process.stderr.read().decode()
        assert process.wait(PATIENCE) == 1
    assert "Timeout (0:00:01)!" in log
    if hindrance == "hang_for_ever":
        assert "hang_for_ever" in next(line for line in log.splitlines() if "the service doesn't end" in line)
    else:
        assert "in wait" in log.partition("Timeout")[2]


def test_a_second_ctrl_c_hurries_but_stops_each_component(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    server = Server(settings(tmp_path))
    with caplog.at_level(logging.INFO, "uvicorn.error"):
        thread = threading.Thread(target=server.serve_here)
        thread.start()
        until(lambda: server.started)
        server.force_exit = server.should_exit = True  # as its handler of signals does
        thread.join(PATIENCE)
    assert "Application shutdown complete." in caplog.messages


def test_a_waiting_task_is_described_by_the_functions_it_is_in() -> None:
    async def inner() -> None:
        await asyncio.Event().wait()

    @asynccontextmanager
    async def middle() -> AsyncIterator[None]:
        yield
        await inner()

    async def outer() -> None:
        async with middle():
            pass

    async def described() -> list[str]:
        waiting = asyncio.create_task(outer())
        await asyncio.sleep(0)
        found = waiting_tasks()
        waiting.cancel()
        return found

    (line,) = asyncio.run(described())
    assert [function.partition(":")[0] for function in line.split(" > ")] == [
        "outer",
        "__aexit__",
        "middle",
        "inner",
        "wait",
    ]
