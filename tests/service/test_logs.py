"""The log: an object a line, whatever speaks, beside the lines for people."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from tests.service.live import PATIENCE
from tests.signals import ROOT
from tests.wakeword.terminal import started

WHILE_STDERR_IS_TURNED_AWAY = """
import os, structlog
from service.logs import log_json
log_json()
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
structlog.get_logger().error("the disk is full")
"""


def test_what_is_logged_while_a_library_turns_stderr_away_is_kept() -> None:
    said = subprocess.run([sys.executable, "-c", WHILE_STDERR_IS_TURNED_AWAY], cwd=ROOT, capture_output=True).stderr
    assert json.loads(said)["event"] == "the disk is full"


def test_every_line_of_the_log_is_an_object_with_time_level_and_event(tmp_path: Path) -> None:
    process = started("serve", "--port", "0", "--data", tmp_path, "--device", "the one on the moon")
    assert process.stderr is not None
    said = b""
    while b"moon" not in said and b"microphone" not in said:
        said += process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    said += process.communicate(timeout=PATIENCE)[1]
    for_people = [line for line in said.decode().splitlines() if line.startswith("wakeword: ")]
    lines = [json.loads(line) for line in said.decode().splitlines() if line not in for_people]
    assert len(for_people) == 1
    assert all({"timestamp", "level", "event", "logger"} <= set(line) for line in lines)
    assert {line["logger"] for line in lines} >= {"uvicorn.error", "service.detection.microphone"}
