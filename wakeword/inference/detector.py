"""From posteriors to events: the readable reference of `ww_detector.c`. Time is counted in frames passed in.

Each posterior is smoothed by an exponential average, its score. The word of the highest score raises an event when the
score reaches the word's threshold. It raises none within the refractory time after any event, nor until its score has
been below its threshold since its own last event: a score that stays high is one word.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from featurizer import HOP, SAMPLE_RATE, WINDOW
from featurizer.fixed import Ints, rshift, shift
from wakeword.model.file import AVERAGE_BITS, Model


@dataclass(frozen=True)
class Event:
    """A detected word, in the engine's units."""

    label: int  # index into the model's labels
    score: int  # smoothed posterior, Q15
    frame: int  # counted from the last reset

    @property
    def time(self) -> float:
        """Return the seconds from the start of the stream to the end of the frame's window."""
        return (self.frame * HOP + WINDOW) / SAMPLE_RATE


class EventDetector:
    """Turn the posteriors of one stream into events."""

    def __init__(self, model: Model) -> None:
        self._first_word = model.first_word
        self._settings = model.detector
        self._thresholds = np.array(model.detector.thresholds, np.int64)
        self.reset()

    def reset(self) -> None:
        """Forget everything, and count frames from zero."""
        self._average: Ints = np.zeros(len(self._thresholds), np.int64)
        self._fired = np.zeros(len(self._thresholds), bool)
        self._pause = 0
        self._frame = 0

    @property
    def scores(self) -> Ints:
        """Return the smoothed posterior of each label, Q15: (K,)."""
        return rshift(self._average, AVERAGE_BITS)

    def step(self, posteriors: npt.ArrayLike) -> Event | None:
        """Take one frame of posteriors (K,), Q15; return its event, or None."""
        frame, self._frame = self._frame, self._frame + 1
        distance = shift(posteriors, -AVERAGE_BITS) - self._average
        self._average = self._average + rshift(distance, self._settings.smoothing)
        scores = self.scores
        self._fired &= scores >= self._thresholds
        if self._pause > 0:
            self._pause -= 1
            return None
        leader = self._first_word + int(np.argmax(scores[self._first_word :]))
        if self._fired[leader] or scores[leader] < self._thresholds[leader]:
            return None
        self._fired[leader] = True
        self._pause = self._settings.refractory
        return Event(leader, int(scores[leader]), frame)
