"""Listening: blocks of samples from a source through an engine, and every event to an output as it comes.

A source is an iterator of int16 blocks at 16 kHz, of any sizes: a file, raw PCM from a pipe, or the microphone.
How it is cut into blocks changes no event.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from io import RawIOBase
from pathlib import Path
from typing import Protocol

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio import files as audio
from wakeword.errors import WakewordError
from wakeword.inference.detector import Event
from wakeword.inference.engine import Engine
from wakeword.inference.trace import Trace
from wakeword.model.file import Model
from wakeword.model.score import as_fraction

LIVE_BLOCK = SAMPLE_RATE // 20  # samples: 50 ms, which the eye takes for at once
_FAST_BLOCK = SAMPLE_RATE  # a second at a time, where nobody waits for a block to fill
_READ_BYTES = 1 << 16


class Output(Protocol):
    """Where it is told what was heard."""

    def heard(self, samples: Samples, trace: Trace) -> None:
        """Take a block of samples, shape (n,), and what the engine computed from it."""


def listen(engine: Engine, source: Iterable[Samples], *outputs: Output) -> None:
    """Push a source through an engine until its end, and tell each output of it.

    Raises:
        WakewordError: what the source raises; all that was heard before has reached the outputs.
    """
    for samples in source:
        trace = engine.push(samples)
        for output in outputs:
            output.heard(samples, trace)


def file_source(path: Path, realtime: bool = False) -> Iterator[Samples]:
    """The blocks of an audio file of any format: as fast as they are read, or as they would be heard.

    Raises (while iterating):
        WakewordError: as `audio.blocks`.
    """
    return paced(audio.blocks(path, LIVE_BLOCK)) if realtime else audio.blocks(path, _FAST_BLOCK)


def stdin_source() -> Iterator[Samples]:
    """The blocks of raw PCM that come through standard input.

    Raises (while iterating):
        WakewordError: it can't be read, or holds not one sample.
    """
    empty = True
    try:
        with open(0, "rb", buffering=0, closefd=False) as stream:
            for samples in raw_source(stream):
                empty = False
                yield samples
    except OSError as error:
        raise WakewordError(f"cannot read standard input: {error.strerror}") from error
    if empty:
        raise WakewordError("standard input holds no samples")


def raw_source(stream: RawIOBase) -> Iterator[Samples]:
    """The blocks of raw PCM (16 bits, little endian, mono, 16 kHz): whatever has come, as soon as it has come.

    stream: unbuffered, as a buffer would wait until it is full. If it ends within a sample, that one is left out.
    """
    split = b""  # the first byte of a sample whose second is still to come
    while data := stream.read(_READ_BYTES):
        data = split + data
        whole = len(data) - len(data) % 2
        split = data[whole:]
        if whole:
            yield np.frombuffer(data[:whole], "<i2").astype(np.int16)


def paced(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """The same blocks, each when its last sample would have been heard, had the first come now."""
    start = time.monotonic()
    count = 0
    for samples in blocks:
        count += len(samples)
        time.sleep(max(0.0, start + count / SAMPLE_RATE - time.monotonic()))
        yield samples


class JsonLines:
    """An object a line for each event, at once."""

    def __init__(self, model: Model) -> None:
        self._labels = model.labels

    def heard(self, samples: Samples, trace: Trace) -> None:
        for event in trace.events:
            line = {
                "word": self._labels[event.label],
                "score": round(as_fraction(event.score), 4),
                "time": event.time,
                "frame": event.frame,
            }
            print(json.dumps(line), flush=True)


class PlainLines:
    """A line for each event, at once: time, word, score."""

    def __init__(self, model: Model) -> None:
        self._labels = model.labels
        self._events = 0
        self._samples = 0

    def heard(self, samples: Samples, trace: Trace) -> None:
        self._samples += len(samples)
        self._events += len(trace.events)
        for event in trace.events:
            print(event_line(event, self._labels), flush=True)

    def summary(self) -> str:
        """How much was heard, in a line."""
        return f"{self._events} event{'s' * (self._events != 1)} in {self._samples / SAMPLE_RATE:.1f} seconds"


def event_line(event: Event, labels: tuple[str, ...]) -> str:
    """An event for people to read."""
    width = max(map(len, labels))
    return f"{event.time:9.2f} s  {labels[event.label]:<{width}}  {as_fraction(event.score):.2f}"
