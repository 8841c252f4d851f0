"""Push blocks of samples from a source through an engine, and show each event at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.columns import width
from wakeword.inference.engine import Engine
from wakeword.inference.events import json_line, plain_line
from wakeword.inference.trace import Trace
from wakeword.model.vocabulary import Vocabulary


class Output(Protocol):
    """An observer of the stream: it shows events, draws scores or runs commands."""

    def update(self, samples: Samples, trace: Trace) -> None:
        """Take a block of samples, shape (n,), and the engine's trace of it."""


def listen(engine: Engine, source: Iterable[Samples], *outputs: Output) -> None:
    """Push a source through an engine until its end, and update each output after each block.

    Raises:
        WakewordError: as the source; the outputs have been given all blocks before it.
    """
    for samples in source:
        trace = engine.push(samples)
        for output in outputs:
            output.update(samples, trace)


class JsonLines:
    """Print each event at once, as one JSON object a line. If there are several models, it names the event's."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._columns, self._names_models = vocabulary.columns, not vocabulary.is_of_one_model

    def update(self, samples: Samples, trace: Trace) -> None:
        for event in trace.events:
            column = self._columns[event.label]
            print(json_line(event, column.label, column.model if self._names_models else None), flush=True)


class PlainLines:
    """Print each event at once, as a line with time, word and score."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._labels = vocabulary.shown
        self._width = max(map(width, self._labels))
        self._events = 0
        self._samples = 0

    def update(self, samples: Samples, trace: Trace) -> None:
        self._samples += len(samples)
        self._events += len(trace.events)
        for event in trace.events:
            print(plain_line(event, self._labels[event.label], self._width), flush=True)

    def summary(self) -> str:
        """Count the events and the seconds processed, in a line."""
        return f"{self._events} event{'s' * (self._events != 1)} in {self._samples / SAMPLE_RATE:.1f} seconds"
