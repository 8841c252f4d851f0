"""One stream of samples, from wherever it comes, with an engine of its own."""

from __future__ import annotations

from dataclasses import dataclass

from featurizer import HOP, SAMPLE_RATE, WINDOW
from featurizer.logmel import Samples
from service.hearing.history import History
from service.hearing.trail import Trail
from service.hearing.tuning import FULL_SCALE, Setup
from wakeword.detector import Event
from wakeword.level import level_dbfs
from wakeword.stream import open_engine
from wakeword.trace import Trace

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
class Heard:
    """A block of samples, and what became of it."""

    samples: Samples
    trace: Trace
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
        if not len(self.trace.scores):
            return {}
        first = self.setup.bundle.first_word
        highest = self.trace.scores[:, first:].max(axis=0) / FULL_SCALE
        return dict(zip(self.setup.bundle.keywords, highest.round(4).tolist(), strict=True))


class Source:
    """A stream under a name. What it hears depends on its samples alone, not on how they are cut into blocks."""

    def __init__(self, name: str, kind: str, setup: Setup) -> None:
        self.name = name
        self.kind = kind
        self.history = History(HISTORY)
        self.trouble: str | None = None  # why nothing comes from it at present
        self.trail = Trail(0)
        self._quiet_until = 0  # frame of the stream
        self._take(setup, base=0)

    @property
    def setup(self) -> Setup:
        return self._setup

    def hear(self, samples: Samples, setup: Setup) -> Heard:
        """Take int16 samples at 16 kHz, shape (n,), as of now by this setup."""
        late = self._change(setup) if setup is not self._setup else []
        self.history.push(samples)
        trace = self._engine.push(samples)
        self.trail.push(trace.scores[:, setup.bundle.first_word :])
        detections = [self._detection(event) for event in [*late, *trace.events] if self._is_due(event)]
        return Heard(samples, trace, detections, setup, self.history.position)

    def _take(self, setup: Setup, base: int) -> None:
        self._setup = setup
        self._base = base  # the stream's frame that the engine counts as zero
        self._engine = open_engine(setup.bundle)

    def _change(self, setup: Setup) -> list[Event]:
        """Let another engine take over; it first hears what the other one heard last, so a word may span the change.

        What the new engine is the first to raise may lie just behind: these events are returned.
        """
        # The first of its frames that begins a step of the network, counted from the stream's own beginning.
        stack = setup.bundle.stack
        base = -(-self.history.start // (HOP * stack)) * stack
        same_scores = setup.model == self._setup.model
        self._take(setup, base)
        trace = self._engine.push(self.history.between(base * HOP, self.history.position))
        if not same_scores:
            self.trail = Trail(base)
            self.trail.push(trace.scores[:, setup.bundle.first_word :])
        return [event for event in trace.events if event.frame >= len(trace.scores) - _LATE]

    def _is_due(self, event: Event) -> bool:
        """Whether it comes after the refractory time of the event before; that of words may differ."""
        frame = self._base + event.frame
        if frame < self._quiet_until:
            return False
        self._quiet_until = frame + 1 + self._setup.refractory[event.label]
        return True

    def _detection(self, event: Event) -> Detection:
        word = self._setup.bundle.labels[event.label]
        return Detection(word, round(event.score / FULL_SCALE, 4), self._base + event.frame, self._setup.model)
