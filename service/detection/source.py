"""One stream of samples, from wherever it comes, with an engine of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from featurizer import HOP, SAMPLE_RATE, WINDOW
from featurizer.fixed import ONE_Q15
from featurizer.logmel import Features, Samples
from service.detection.audio_history import AudioHistory
from service.detection.score_history import ScoreHistory
from service.detection.tuning import Setup
from wakeword.audio.level import level_dbfs
from wakeword.inference.detector import Event
from wakeword.inference.engine import open_engine
from wakeword.inference.trace import Trace
from wakeword.model.file import Int16
from wakeword.model.score import as_fraction

HISTORY = 3 * SAMPLE_RATE  # samples: more than the network remembers
_LATE = 10  # frames by which two engines may raise a word apart, when one of them has heard its last seconds only


@dataclass(frozen=True)
class Detection:
    """A word in a stream."""

    word: str
    score: float  # 0 to 1
    frame: int  # counted from the start of the stream
    model: str

    @property
    def position(self) -> int:
        """Samples from the start of the stream to the end of the frame's window."""
        return self.frame * HOP + WINDOW

    @property
    def time(self) -> float:
        """The same in seconds."""
        return self.position / SAMPLE_RATE


@dataclass(frozen=True)
class ProcessedBlock:
    """A block of samples, and what became of it."""

    samples: Samples
    features: Features  # (frames, 32) log2 Q9
    label_scores: Int16  # (frames, labels) smoothed posteriors, Q15
    detections: list[Detection]
    setup: Setup
    position: int  # samples of the stream so far

    @property
    def level(self) -> float:
        """Decibels below full scale."""
        return level_dbfs(self.samples)

    @property
    def scores(self) -> dict[str, float]:
        """The highest score of each word within the block, 0 to 1; empty where it completed no frame."""
        if not len(self.label_scores):
            return {}
        first = self.setup.model.first_word
        highest = self.label_scores[:, first:].max(axis=0) / ONE_Q15
        return dict(zip(self.setup.model.keywords, highest.round(4).tolist(), strict=True))


class Source:
    """A stream under a name. What it hears depends on its samples alone, not on how they are cut into blocks.

    A block is heard in three steps: `prepare` says what its engine is to be pushed, whoever has the engines pushes it,
    and `hear` takes what came of it.
    """

    def __init__(self, name: str, kind: str, setup: Setup) -> None:
        self.name = name
        self.kind = kind
        self.history = AudioHistory(HISTORY)
        self.trouble: str | None = None  # why nothing comes from it at present
        self.trail = ScoreHistory(0)
        self._heard = 0  # frames of the stream so far
        self._quiet_until = 0  # frame of the stream
        self._take(setup, base=0)

    @property
    def setup(self) -> Setup:
        return self._setup

    def prepare(self, samples: Samples, setup: Setup) -> Samples:
        """What `engine` must hear so that these samples, int16 at 16 kHz of shape (n,), are heard by this setup.

        When it is another than before, another engine takes over, which first hears what the other one heard last, so
        a word may span the change.
        """
        if setup is self._setup:
            return samples
        # The first of its frames that begins a step of the network, counted from the stream's own beginning.
        frames_per_step = setup.model.frames_per_step
        base = -(-self.history.start // (HOP * frames_per_step)) * frames_per_step
        if setup.model_name != self._setup.model_name:
            self.trail = ScoreHistory(base)
        self._take(setup, base)
        return np.concatenate([self.history.between(base * HOP, self.history.position), samples])

    def hear(self, samples: Samples, trace: Trace) -> ProcessedBlock:
        """Take the samples, and what the engine made of what `prepare` had returned for them."""
        again = self._heard - self._frame  # frames that the engine before has heard already
        # What a new engine is the first to raise may lie just behind.
        events = [event for event in trace.events if self._base + event.frame >= self._heard - _LATE]
        self.trail.push(self._frame, trace.scores[:, self._setup.model.first_word :])
        self._frame += len(trace.scores)
        self._heard = self._frame
        self.history.push(samples)
        detections = [self._detection(event) for event in events if self._is_due(event)]
        features, scores = trace.features[again:], trace.scores[again:]
        return ProcessedBlock(samples, features, scores, detections, self._setup, self.history.position)

    def _take(self, setup: Setup, base: int) -> None:
        self._setup = setup
        self._base = base  # the stream's frame that the engine counts as zero
        self._frame = base  # the stream's frame that the engine gives next
        self.engine = open_engine(setup.model)

    def _is_due(self, event: Event) -> bool:
        """Whether it comes after the refractory time of the event before; that of words may differ."""
        frame = self._base + event.frame
        if frame < self._quiet_until:
            return False
        self._quiet_until = frame + 1 + self._setup.refractory[event.label]
        return True

    def _detection(self, event: Event) -> Detection:
        word = self._setup.model.labels[event.label]
        return Detection(word, round(as_fraction(event.score), 4), self._base + event.frame, self._setup.model_name)
