"""The log: one JSON object a line from every library, beside the lines for people."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from tests.processes import run
from tests.signals import ROOT
from tests.waits import PATIENCE
from tests.wakeword.terminal import started

WHILE_STDERR_IS_REDIRECTED = """
import os, structlog
from service.logs import log_json
log_json()
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
structlog.get_logger().error("the disk is full")
"""


def test_lines_logged_while_a_library_redirects_stderr_are_not_lost() -> None:
    log = run([sys.executable, "-c", WHILE_STDERR_IS_REDIRECTED], cwd=ROOT).stderr
    assert json.loads(log)["event"] == "the disk is full"


def test_every_line_of_the_log_is_an_object_with_time_level_and_event(tmp_path: Path) -> None:
    with started("serve", "--port", "0", "--data", tmp_path, "--device", "the one on the moon") as process:
        assert process.stderr is not None
        log = b""
        while b"moon" not in log and b"microphone" not in log:
            log += process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        log += process.communicate(timeout=PATIENCE)[1]
    for_people = [line for line in log.decode().splitlines() if line.startswith("wakeword: ")]
    lines = [json.loads(line) for line in log.decode().splitlines() if line not in for_people]
    assert len(for_people) == 1
    assert all({"timestamp", "level", "event", "logger"} <= set(line) for line in lines)
    assert {line["logger"] for line in lines} >= {"uvicorn.error", "service.detection.microphone"}
