"""The delay from the end of a word in a room to its event: a real sound server, and the service at its microphone."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.service.process import served
from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from tests.service.pulse import Room

_BLOCK = SAMPLE_RATE // 100  # samples played at a time
_BUFFER = 50  # milliseconds of delay in the sound server, counted as the service's
_PLAYER = f"pacat --playback --raw --rate={SAMPLE_RATE} --channels=1 --format=s16le --latency-msec={_BUFFER}".split()
_NEAR = 1.0  # seconds; an event farther from any word belongs to none
_SETTLE = 2.0  # seconds of silence before the first word


@dataclass(frozen=True)
class WordEnds:
    """The ends of the words in a recording."""

    ends: tuple[tuple[str, float], ...]  # word, seconds

    @classmethod
    def of(cls, labels: Path) -> WordEnds:
        """Read a CSV file of word, start and end, with a header."""
        with labels.open() as file:
            return cls(tuple((word, float(end)) for word, _, end in list(csv.reader(file))[1:]))

    def delay(self, word: str, detected: float) -> float | None:
        """Return the seconds from the end of the nearest such word to its detection, or None if none is near."""
        delays = [detected - end for spoken, end in self.ends if spoken == word]
        nearest = min(delays, key=abs, default=_NEAR)
        return nearest if abs(nearest) < _NEAR else None


def word_delays(recording: Samples, words: WordEnds) -> list[float]:
    """Play a recording in a room. Return the seconds from the end of each detected word to its event."""
    room = Room()
    try:
        with tempfile.TemporaryDirectory() as folder, served(Path(folder), environment=room.environment) as process:
            while room.listeners() == 0:
                time.sleep(0.1)
            events: list[tuple[str, float]] = []
            with httpx.stream("GET", f"{process.url}/api/events/live", timeout=None) as answer:
                lines = answer.iter_lines()
                next(lines)  # ": connected"
                reading = threading.Thread(target=_read_events, args=(lines, events))
                reading.start()
                time.sleep(_SETTLE)
                began = _play(recording, room.environment)
                time.sleep(_NEAR)
                process.end()
                reading.join()
    finally:
        room.remove()
    delays = [words.delay(word, moment - began) for word, moment in events]
    return [delay for delay in delays if delay is not None]


def _read_events(lines: Iterator[str], events: list[tuple[str, float]]) -> None:
    """Append each event's word and arrival."""
    try:
        for line in lines:
            if line.startswith("data: "):
                events.append((json.loads(line.removeprefix("data: "))["word"], time.monotonic()))
    except httpx.TransportError:
        pass  # the service has ended


def _play(recording: Samples, environment: dict[str, str]) -> float:
    """Play each block when its last sample is due. Return when the first began."""
    player = subprocess.Popen(_PLAYER, stdin=subprocess.PIPE, bufsize=0, env={**os.environ, **environment})
    assert player.stdin is not None
    began = time.monotonic()
    for start in range(0, len(recording), _BLOCK):
        time.sleep(max(0.0, began + (start + _BLOCK) / SAMPLE_RATE - time.monotonic()))
        player.stdin.write(recording[start : start + _BLOCK].tobytes())
    player.stdin.close()
    player.wait()
    return began
