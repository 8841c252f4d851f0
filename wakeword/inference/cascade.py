"""Two models in a row: a small one that always listens, and a larger one that is asked only about what it raises."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from featurizer import HOP, SAMPLE_RATE, WINDOW
from featurizer.logmel import Samples
from wakeword.errors import ModelError
from wakeword.inference.detector import Event
from wakeword.inference.engine import Engine, open_engine
from wakeword.inference.trace import Trace
from wakeword.model.file import Model

BEFORE, RECENT, AFTER = 2.0, 0.5, 0.5  # seconds around an event: heard from; may confirm from, and until


@dataclass(frozen=True)
class _Hit:
    """What the small model has raised, as long as it is neither confirmed nor refused."""

    event: Event
    audio: Samples  # from its first frame on
    first_frame: int


class CascadeEngine:
    """One stream through both models.

    The second hears, from reset, the two seconds before an event of the first, and what follows. Where it raises the
    same word, half a second before that event or up to half a second after, the event comes: then, or at once.
    """

    def __init__(self, model: Model, verifier: Model, which: Literal["auto", "c", "numpy"] = "auto") -> None:
        """Raises ModelError where the second model doesn't know a word of the first, or as `open_engine`."""
        if strange := [word for word in model.keywords if word not in verifier.keywords]:
            known = ", ".join(verifier.keywords)
            raise ModelError(f"the second model doesn't know {strange[0]!r}; it knows {known}")
        self._first: Engine = open_engine(model, which)
        self._second: Engine = open_engine(verifier, which)
        self._labels = {model.labels.index(word): verifier.labels.index(word) for word in model.keywords}
        self._step = HOP * verifier.frames_per_step
        self.name = self._first.name
        self.reset()

    def reset(self) -> None:
        self._first.reset()
        self._past = np.zeros(0, np.int16)  # the last samples, from a step of the second model on
        self._start = 0  # the first of them
        self._hits: list[_Hit] = []

    def push(self, samples: Samples) -> Trace:
        """The small model's trace, with the events that the larger one confirms by now; their score is its own."""
        trace = self._first.push(samples)
        self._past = np.concatenate([self._past, samples])
        waiting = [replace(hit, audio=np.concatenate([hit.audio, samples])) for hit in self._hits]
        waiting += [self._hit(event) for event in trace.events]
        confirmed: list[Event] = []
        self._hits = []
        for hit in waiting:
            if event := self._verified(hit):
                confirmed.append(event)
            elif len(hit.audio) < self._end(hit):
                self._hits.append(hit)
        self._forget()
        return replace(trace, events=confirmed)

    def _hit(self, event: Event) -> _Hit:
        heard = event.frame * HOP + WINDOW - round(BEFORE * SAMPLE_RATE)
        first = max(self._start, heard - heard % self._step)
        return _Hit(event, self._past[first - self._start :], first // HOP)

    def _end(self, hit: _Hit) -> int:
        """How many samples of a hit may confirm it."""
        return (hit.event.frame - hit.first_frame) * HOP + WINDOW + round(AFTER * SAMPLE_RATE)

    def _verified(self, hit: _Hit) -> Event | None:
        self._second.reset()
        earliest = hit.event.frame - hit.first_frame - round(RECENT * SAMPLE_RATE) // HOP
        for event in self._second.push(hit.audio[: self._end(hit)]).events:
            if event.label == self._labels[hit.event.label] and event.frame >= earliest:
                return Event(hit.event.label, event.score, max(hit.event.frame, hit.first_frame + event.frame))
        return None

    def _forget(self) -> None:
        """Keep what the next event may need, from a step of the second model on."""
        excess = len(self._past) - round(BEFORE * SAMPLE_RATE) - WINDOW - self._step
        dropped = max(0, excess) // self._step * self._step
        self._past, self._start = self._past[dropped:], self._start + dropped
