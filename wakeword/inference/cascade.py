"""The cascade: a small model listens all the time, and a larger one verifies each of its events."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

import numpy as np

from featurizer import HOP, SAMPLE_RATE, WINDOW
from featurizer.logmel import Samples
from featurizer.samples import as_samples
from wakeword.errors import ModelError
from wakeword.inference.detector import Event
from wakeword.inference.engine import Engine, EngineName, open_engine
from wakeword.inference.trace import Trace
from wakeword.model.file import Model

# Seconds around an event of the first model: the verifier's audio begins BEFORE it; an event of the verifier from
# RECENT before it until AFTER it confirms it.
BEFORE, RECENT, AFTER = 2.0, 0.5, 0.5


@dataclass(frozen=True)
class _Candidate:
    """An event of the first model that is neither confirmed nor refused yet."""

    event: Event
    audio: Samples  # from its first frame on
    first_frame: int


class CascadeEngine:
    """Run one stream through both models.

    For each event of the first model, the verifier starts from reset and gets the audio from two seconds before it to
    half a second after it. The event is raised as soon as the verifier raises the same word, at the earliest half a
    second before the first model's event.
    """

    def __init__(self, model: Model, verifier: Model, which: EngineName = "auto") -> None:
        """Open both engines.

        Raises:
            ModelError: The verifier lacks a word of the first model.
            UsageError: As `open_engine`.
        """
        if missing := [word for word in model.keywords if word not in verifier.keywords]:
            known = ", ".join(verifier.keywords)
            raise ModelError(f"the verifier lacks the word {missing[0]!r}; choose one with all words, it has: {known}")
        self._lock = threading.Lock()
        self._first: Engine = open_engine(model, which)
        self._verifier: Engine = open_engine(verifier, which)
        self._labels = {model.labels.index(word): verifier.labels.index(word) for word in model.keywords}
        self._step = HOP * verifier.frames_per_step
        self.name = self._first.name
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._first.reset()
            self._past = np.zeros(0, np.int16)  # the last samples, beginning with a step of the verifier
            self._start = 0  # index of the first of them in the stream
            self._candidates: list[_Candidate] = []

    def push(self, samples: Samples) -> Trace:
        """Take samples, int16 at 16 kHz, shape (n,); return the first model's trace with the confirmed events.

        The score of a confirmed event is the verifier's.

        Raises:
            TypeError: The samples have another type or shape, and none was taken; the message says how to convert them.
        """
        samples = as_samples(samples)
        with self._lock:
            return self._push(samples)

    def _push(self, samples: Samples) -> Trace:
        trace = self._first.push(samples)
        self._past = np.concatenate([self._past, samples])
        waiting = [
            replace(candidate, audio=np.concatenate([candidate.audio, samples])) for candidate in self._candidates
        ]
        waiting += [self._candidate(event) for event in trace.events]
        confirmed: list[Event] = []
        self._candidates = []
        for candidate in waiting:
            if event := self._confirmation(candidate):
                confirmed.append(event)
            elif len(candidate.audio) < self._end(candidate):
                self._candidates.append(candidate)
        self._forget()
        return replace(trace, events=confirmed)

    def _candidate(self, event: Event) -> _Candidate:
        begin = event.frame * HOP + WINDOW - round(BEFORE * SAMPLE_RATE)
        first = max(self._start, begin - begin % self._step)
        return _Candidate(event, self._past[first - self._start :], first // HOP)

    def _end(self, candidate: _Candidate) -> int:
        """Return how many samples of a candidate can confirm it."""
        return (candidate.event.frame - candidate.first_frame) * HOP + WINDOW + round(AFTER * SAMPLE_RATE)

    def _confirmation(self, candidate: _Candidate) -> Event | None:
        self._verifier.reset()
        earliest = candidate.event.frame - candidate.first_frame - round(RECENT * SAMPLE_RATE) // HOP
        for event in self._verifier.push(candidate.audio[: self._end(candidate)]).events:
            if event.label == self._labels[candidate.event.label] and event.frame >= earliest:
                frame = max(candidate.event.frame, candidate.first_frame + event.frame)
                return Event(candidate.event.label, event.score, frame)
        return None

    def _forget(self) -> None:
        """Drop the samples that no later event needs, in whole steps of the verifier."""
        excess = len(self._past) - round(BEFORE * SAMPLE_RATE) - WINDOW - self._step
        dropped = max(0, excess) // self._step * self._step
        self._past, self._start = self._past[dropped:], self._start + dropped
