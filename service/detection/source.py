"""A named stream of samples with an engine of its own: turns the engine's traces into detections."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from featurizer import HOP, SAMPLE_RATE, WINDOW
from featurizer.fixed import ONE_Q15
from featurizer.logmel import Features, Samples
from service.detection.audio_history import AudioHistory
from service.detection.score_history import ScoreHistory
from service.detection.setup import Setup
from wakeword.audio.level import level_dbfs
from wakeword.data.event_clip import AFTER
from wakeword.inference.detector import Event
from wakeword.inference.trace import Trace
from wakeword.model.file import Int16
from wakeword.model.score import as_fraction

HISTORY = 3 * SAMPLE_RATE  # samples, and more for long phrases; the network remembers fewer
_LATE = 10  # frames: how much later a new engine, started on the last seconds only, may raise the same word


@dataclass(frozen=True)
class Detection:
    """A word detected in a stream."""

    word: str
    score: float  # 0 to 1
    frame: int  # counted from the start of the stream
    model: str

    @property
    def position(self) -> int:
        """Return the end of the frame's window, in samples from the start of the stream."""
        return self.frame * HOP + WINDOW

    @property
    def time(self) -> float:
        """Return the end of the frame's window, in seconds from the start of the stream."""
        return self.position / SAMPLE_RATE


@dataclass(frozen=True)
class ProcessedBlock:
    """A block of samples, and the engine's results for it."""

    samples: Samples
    features: Features  # (frames, 32) log2 Q9
    column_scores: Int16  # (frames, the setup's columns) smoothed posteriors, Q15
    detections: list[Detection]
    setup: Setup
    position: int  # samples of the stream up to the end of this block

    @property
    def level(self) -> float:
        """Return the level in decibels relative to full scale."""
        return level_dbfs(self.samples)

    @property
    def model_scores(self) -> dict[str, dict[str, float]]:
        """Return the highest score of each word in the block, 0 to 1, by model. Empty if the block completed no
        frame."""
        if not len(self.column_scores):
            return {}
        highest = (self.column_scores.max(axis=0) / ONE_Q15).round(4).tolist()
        return {
            part.name: dict(zip(part.model.keywords, highest[self.setup.word_columns[part.name]], strict=True))
            for part in self.setup.parts
        }

    @property
    def scores(self) -> dict[str, Any]:
        """Return the JSON fields of the scores: `scores` by word, the highest if several models have the word, and
        `model_scores` by model and word if there are several models."""
        by_model = self.model_scores
        by_word: dict[str, float] = {}
        for own in by_model.values():
            for word, score in own.items():
                by_word[word] = max(score, by_word.get(word, 0.0))
        return {"scores": by_word} | ({"model_scores": by_model} if len(self.setup.parts) > 1 else {})


class Source:
    """A stream under a name. Its detections depend on its samples alone, not on how they are cut into blocks.

    Processing a block takes three steps: `prepare` returns the samples to push into `engine`, the caller pushes them,
    and `process` takes the engine's trace.
    """

    def __init__(self, name: str, kind: str, setup: Setup) -> None:
        self.name = name
        self.kind = kind
        self.history = AudioHistory(HISTORY)
        self.trouble: str | None = None  # why no samples come at present
        self.score_histories: dict[Hashable, ScoreHistory] = {}  # by the key of a model
        self._processed = 0  # frames of the stream
        self._refractory_until: dict[str, int] = {}  # frame of the stream, by model
        self._open_engine(setup, base=0)

    @property
    def setup(self) -> Setup:
        """Return the setup of the present engine."""
        return self._setup

    def prepare(self, samples: Samples, setup: Setup) -> Samples:
        """Return the samples to push into `engine`, to process int16 samples at 16 kHz, (n,), under this setup.

        If the setup has changed, open a new engine and put the last seconds before the samples, so that a word may span
        the change. Commands that are heard stay so.
        """
        if setup is self._setup:
            return samples
        # The oldest kept frame that begins a step of every network, counted from the start of the stream.
        base = -(-self.history.start // (HOP * setup.frames_per_step)) * setup.frames_per_step
        wakes = [self._base + frame - base for frame in self.engine.wakes]
        self._open_engine(setup, base)
        self.engine.reset(wakes)
        return np.concatenate([self.history.between(base * HOP, self.history.position), samples])

    def process(self, samples: Samples, trace: Trace) -> ProcessedBlock:
        """Take the samples given to `prepare`, and the trace of pushing its result."""
        setup = self._setup
        repeated = self._processed - self._next_frame  # frames that the engine before has processed already
        # The new engine may be the first to raise a word that lies just behind.
        events = [event for event in trace.events if self._base + event.frame >= self._processed - _LATE]
        for part in setup.listening:
            self.score_histories[part.key].push(self._next_frame, trace.scores[:, setup.word_columns[part.name]])
        self._next_frame += len(trace.scores)
        self._processed = self._next_frame
        self.history.push(samples)
        detections = [self._detection(event) for event in events if self._is_due(event)]
        features, scores = trace.features[repeated:], trace.scores[repeated:]
        return ProcessedBlock(samples, features, scores, detections, setup, self.history.position)

    def _open_engine(self, setup: Setup, base: int) -> None:
        self._setup = setup
        self._base = base  # frame of the stream that the engine counts as zero
        self._next_frame = base  # frame of the stream that the engine gives next
        self.engine = setup.open_engine()
        self.history.length = max(HISTORY, max(setup.samples_before.values()) + AFTER)
        kept = self.score_histories
        self.score_histories = {part.key: kept.get(part.key) or ScoreHistory(base) for part in setup.listening}
        names, until = setup.word_columns.keys(), self._refractory_until
        # A model that replaces another may raise the same word again.
        replaced = max((frame for name, frame in until.items() if name not in names), default=0)
        self._refractory_until = {name: until.get(name, replaced) for name in names}

    def _is_due(self, event: Event) -> bool:
        """Return whether the refractory time of its model's event before is over, and begin that of this event.

        The detector's own refractory time is the shortest of all words; this one is the word's.
        """
        frame, model = self._base + event.frame, self._setup.columns[event.label].model
        if frame < self._refractory_until[model]:
            return False
        self._refractory_until[model] = frame + 1 + self._setup.refractory[event.label]
        return True

    def _detection(self, event: Event) -> Detection:
        column = self._setup.columns[event.label]
        return Detection(column.label, round(as_fraction(event.score), 4), self._base + event.frame, column.model)
