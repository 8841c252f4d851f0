"""From the end of a word in a room to its event on the wire: a real sound server, and the service at its microphone."""

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

_BLOCK = SAMPLE_RATE // 100  # samples that are spoken at a time
_BUFFER = 50  # milliseconds that the sound server may hold back, which counts as the service's own
_SPEAK = f"pacat --playback --raw --rate={SAMPLE_RATE} --channels=1 --format=s16le --latency-msec={_BUFFER}".split()
_NEAR = 1.0  # seconds between a word and its event; what is farther off is an event of no word
_SETTLE = 2.0  # seconds of silence before the first word


@dataclass(frozen=True)
class Words:
    """Where the words of a recording end."""

    ends: tuple[tuple[str, float], ...]  # word, seconds

    @classmethod
    def of(cls, labels: Path) -> Words:
        """From a file of word, start and end, with a line of headings."""
        with labels.open() as file:
            return cls(tuple((word, float(end)) for word, _, end in list(csv.reader(file))[1:]))

    def delay(self, word: str, heard: float) -> float | None:
        """Seconds from the end of the nearest such word to when it was heard; None where there is none nearby."""
        delays = [heard - end for spoken, end in self.ends if spoken == word]
        nearest = min(delays, key=abs, default=_NEAR)
        return nearest if abs(nearest) < _NEAR else None


def word_delays(recording: Samples, words: Words) -> list[float]:
    """Speak a recording in a room in real time; seconds from the end of each word that is detected to its event."""
    room = Room()
    try:
        with tempfile.TemporaryDirectory() as folder, served(Path(folder), environment=room.environment) as process:
            while room.listeners() == 0:
                time.sleep(0.1)
            came: list[tuple[str, float]] = []
            with httpx.stream("GET", f"{process.url}/api/events/live", timeout=None) as answer:
                lines = answer.iter_lines()
                next(lines)  # it is connected
                taking = threading.Thread(target=_take_down, args=(lines, came))
                taking.start()
                time.sleep(_SETTLE)
                began = _speak(recording, room.environment)
                time.sleep(_NEAR)
                process.end()
                taking.join()
    finally:
        room.remove()
    delays = [words.delay(word, moment - began) for word, moment in came]
    return [delay for delay in delays if delay is not None]


def _take_down(lines: Iterator[str], came: list[tuple[str, float]]) -> None:
    """Each event's word, and when it came."""
    try:
        for line in lines:
            if line.startswith("data: "):
                came.append((json.loads(line.removeprefix("data: "))["word"], time.monotonic()))
    except httpx.TransportError:
        pass  # the service has ended


def _speak(recording: Samples, environment: dict[str, str]) -> float:
    """Speak it, each block when its last sample is due; when that began."""
    speaker = subprocess.Popen(_SPEAK, stdin=subprocess.PIPE, bufsize=0, env={**os.environ, **environment})
    assert speaker.stdin is not None
    began = time.monotonic()
    for start in range(0, len(recording), _BLOCK):
        time.sleep(max(0.0, began + (start + _BLOCK) / SAMPLE_RATE - time.monotonic()))
        speaker.stdin.write(recording[start : start + _BLOCK].tobytes())
    speaker.stdin.close()
    speaker.wait()
    return began
