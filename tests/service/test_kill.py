"""kill -9 under load, again and again: no event that anyone heard of is lost, and the database stays whole."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

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


def test_no_acknowledged_event_is_lost_by_kill_9(maker: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert maker.stdin is not None and maker.stdout is not None
    dice = random.Random(0)
    acknowledged: list[dict[str, Any]] = []
    for _ in range(_KILLS):
        maker.stdin.write(f"{tmp_path} {_TARGET}\n".encode())
        process, url = maker.stdout.readline().decode().split()
        streams = [threading.Thread(target=_listen, args=(url, acknowledged)) for _ in range(_STREAMS)]
        for stream in streams:
            stream.start()
        enough = len(acknowledged) + dice.randint(1, 24)
        until(partial(_has, acknowledged, enough))
        time.sleep(dice.uniform(0, 0.1))  # a kill at any moment between two groups of events
        os.kill(int(process), signal.SIGKILL)
        for stream in streams:
            stream.join(PATIENCE)

    database = sqlite3.connect(tmp_path / "events.sqlite")
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    kept = {row[0]: row[1:] for row in database.execute("SELECT id, word, frame, at FROM events")}
    assert len({event["id"] for event in acknowledged}) == len(acknowledged) > 10 * _KILLS
    lost = [it for it in acknowledged if kept.get(it["id"]) != (it["word"], it["frame"], it["at"])]
    assert lost == []
    undelivered = {row[0] for row in database.execute("SELECT event_id FROM deliveries")}
    assert undelivered == set(kept)
    database.close()
