"""The log: an object a line, whatever speaks, beside the lines for people."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.service.live import PATIENCE
from tests.wakeword.terminal import started


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
    assert {line["logger"] for line in lines} >= {"uvicorn.error", "service.hearing.local"}
