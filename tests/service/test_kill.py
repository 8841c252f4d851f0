"""The end of the service under load, by kill -9 and in other ways: no event that anyone was told of is lost."""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.processes import started
from tests.signals import ROOT, demo
from tests.waits import PATIENCE, until

_KILLS = 20
_STREAMS = 4
_TARGET = "http://127.0.0.1:9/nobody"

# Imports all that a service needs once, and makes one for each line; to start Python twenty times takes a minute.
_MAKER = """
import os, signal, sys
from pathlib import Path
from service.logs import log_json
from service.run import Server
from service.settings import Limits, Settings

log_json()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    if os.fork() == 0:
        limits = Limits(lead_seconds=3600)
        folder, target = line.split()
        settings = Settings(Path(folder), port=0, microphone=False, clips=True, webhooks=(target,), limits=limits)
        server = Server(settings)
        print(os.getpid(), server.url, flush=True)
        server.serve_here()
        sys.exit()
"""


@pytest.fixture
def maker() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", _MAKER]
    with started(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        yield process


def _listen(url: str, acknowledged: list[dict[str, Any]]) -> None:
    """Stream without end, and take down every event that is told, until the service is gone."""
    block = demo().astype("<i2").tobytes()
    try:
        with connect(f"{url.replace('http', 'ws')}/api/stream") as socket:
            reader = threading.Thread(target=_take_down, args=(socket, acknowledged))
            reader.start()
            try:
                while True:
                    for start in range(0, len(block), 32_000):
                        socket.send(block[start : start + 32_000])
            finally:
                reader.join()
    except (WebSocketException, OSError, EOFError):
        pass


def _has(acknowledged: list[dict[str, Any]], count: int) -> bool:
    return len(acknowledged) >= count


def _take_down(socket: Any, acknowledged: list[dict[str, Any]]) -> None:
    try:
        for message in socket:
            if (said := json.loads(message))["type"] == "event":
                acknowledged.append(said["event"])
    except WebSocketException:
        pass


class _Load:
    """What the users of some services in a row, on one folder, were told."""

    def __init__(self, maker: subprocess.Popen[bytes], folder: Path) -> None:
        self.acknowledged: list[dict[str, Any]] = []
        self.deleted: set[int] = set()
        self._maker = maker
        self._http = httpx.Client(timeout=PATIENCE)
        self._folder = folder
        self._dice = random.Random(0)

    def until_ended(self, end: Callable[[int], None]) -> None:
        """Start a service, put it under load, delete some events, and end it at any moment between two groups."""
        assert self._maker.stdin is not None and self._maker.stdout is not None
        self._maker.stdin.write(f"{self._folder} {_TARGET}\n".encode())
        process, url = self._maker.stdout.readline().decode().split()
        streams = [threading.Thread(target=_listen, args=(url, self.acknowledged)) for _ in range(_STREAMS)]
        for stream in streams:
            stream.start()
        enough = len(self.acknowledged) + self._dice.randint(1, 24)
        until(lambda: len(self.acknowledged) >= enough)
        for event in self._dice.sample(self.acknowledged, 2):
            if self._http.delete(f"{url}/api/events/{event['id']}").status_code == 204:
                self.deleted.add(event["id"])
        time.sleep(self._dice.uniform(0, 0.1))
        end(int(process))
        for stream in streams:
            stream.join(PATIENCE)
        until(lambda: not Path(f"/proc/{process}/cmdline").exists())  # it is gone, and its lock

    def check(self) -> None:
        """Every acknowledged event is stored, every deleted one is gone, and every stored one is delivered later."""
        self._http.close()
        database = sqlite3.connect(self._folder / "events.sqlite")
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept = {row[0]: row[1:] for row in database.execute("SELECT id, word, frame, at FROM events")}
        undelivered = {row[0] for row in database.execute("SELECT event_id FROM deliveries")}
        database.close()
        told = [it for it in self.acknowledged if it["id"] not in self.deleted]
        lost = [it for it in told if kept.get(it["id"]) != (it["word"], it["frame"], it["at"])]
        assert lost == []
        assert self.deleted.isdisjoint(kept)
        assert undelivered == set(kept)


@pytest.mark.slow
def test_no_acknowledged_event_is_lost_by_kill_9_and_no_deleted_one_comes_back(
    maker: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    load = _Load(maker, tmp_path)
    for _ in range(_KILLS):
        load.until_ended(lambda process: os.kill(process, signal.SIGKILL))
    load.check()
    assert len({event["id"] for event in load.acknowledged}) == len(load.acknowledged) > 10 * _KILLS
    assert len(load.deleted) > _KILLS


def _sends(*signals: signal.Signals) -> Callable[[int], None]:
    def end(process: int) -> None:
        for number in signals:
            with contextlib.suppress(ProcessLookupError):  # the first one was enough
                os.kill(process, number)

    return end


def _starve(process: int) -> None:
    """Let it run out of file descriptors, then end it."""
    resource.prlimit(process, resource.RLIMIT_NOFILE, (3, 3))
    time.sleep(0.2)
    os.kill(process, signal.SIGTERM)


def _stop_writing(process: int) -> None:
    """Let each write beyond a small file fail, then end it."""
    resource.prlimit(process, resource.RLIMIT_FSIZE, (4096, 4096))
    time.sleep(0.2)
    os.kill(process, signal.SIGTERM)


_ENDINGS = [
    _sends(signal.SIGTERM),
    _sends(signal.SIGINT),
    _sends(signal.SIGTERM, signal.SIGTERM),
    _sends(signal.SIGINT, signal.SIGINT),
    _sends(signal.SIGTERM, signal.SIGKILL),
    _sends(signal.SIGHUP),
    _sends(signal.SIGQUIT),
    _sends(signal.SIGABRT),
    _sends(signal.SIGSEGV),
    _sends(signal.SIGUSR1),
    _sends(signal.SIGSTOP, signal.SIGKILL),
    _sends(signal.SIGSTOP, signal.SIGTERM, signal.SIGCONT),
    _starve,
    _stop_writing,
]


@pytest.mark.slow
def test_no_acknowledged_event_is_lost_however_the_service_ends(maker: subprocess.Popen[bytes], tmp_path: Path) -> None:
    load = _Load(maker, tmp_path)
    for end in _ENDINGS:
        load.until_ended(end)
    load.check()
    assert len(load.acknowledged) >= len(_ENDINGS)
