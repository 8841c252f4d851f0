"""Labelled clips as one stream, in random order, without a reset of the engine between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wakeword.data.examples import Examples
from wakeword.inference.detector import Event
from wakeword.inference.front_end import LOG_MEL, FrontEnd
from wakeword.model.file import Model
from wakeword.model.integers import Int16

_DELAY = 30  # frames by which the smoothed posterior lags behind a clip

_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ClipStream:
    """The output of an engine for a stream of n clips."""

    labels: _Ints  # (n,) of the clips, in the order of the stream
    scores: Int16  # (frames, K) smoothed posteriors, Q15
    events: Sequence[Event]  # at the model's thresholds
    first_frames: _Ints  # (n,) at which each clip begins
    clip_frames: int  # of each clip

    @classmethod
    def play(cls, model: Model, examples: Examples, seed: int = 0, front_end: FrontEnd = LOG_MEL) -> ClipStream:
        """Run the clips through one engine. The labels of the examples index `model.labels`."""
        order = np.random.default_rng(seed).permutation(len(examples))
        engine = front_end.engine(model)
        scores, events = [np.zeros((0, len(model.labels)), np.int16)], []
        for index in order:
            trace = engine.push(examples.samples[index])
            scores.append(trace.scores)
            events += trace.events
        length = examples.samples.shape[1]
        frames = sum(map(len, scores))
        first_frames = np.arange(len(order)) * length // front_end.hop
        clip_frames = length // front_end.hop if len(order) > 1 else frames
        return cls(examples.labels[order], np.concatenate(scores), events, first_frames, clip_frames)

    @property
    def peaks(self) -> _Ints:
        """The highest score of each label during each clip, `_DELAY` later, (n, K) in Q15."""
        peaks = np.zeros((len(self.labels), self.scores.shape[1]), np.int64)
        for peak, first in zip(peaks, self.first_frames + _DELAY, strict=True):
            peak[:] = self.scores[first : first + self.clip_frames].max(axis=0, initial=0)
        return peaks

    def without(self, word: int) -> npt.NDArray[np.bool_]:
        """Tell which clips are negatives of a word, (n,). In the clip after the word its score may still be high."""
        before = np.concatenate([[-1], self.labels])[:-1]
        return (self.labels != word) & (before != word)

    def clips_of(self, event: Event) -> _Ints:
        """Return the numbers of the clips that an event may be a detection of: one, or two neighbors."""
        frames = [max(0, event.frame - _DELAY), event.frame]
        return np.unique(np.searchsorted(self.first_frames, frames, side="right") - 1)
