"""The trace: everything that an engine computes from a stretch of audio."""

from __future__ import annotations

from dataclasses import dataclass

from featurizer.logmel import Features
from wakeword.inference.detector import Event
from wakeword.model.integers import Int16


@dataclass(frozen=True)
class Trace:
    """One row for each frame, in order, and the events among them."""

    features: Features  # (frames, D) log2 Q9; D is 32, on an Uno 16
    hidden: Int16  # (frames, H) Q12
    posteriors: Int16  # (frames, K) Q15
    scores: Int16  # (frames, K) smoothed posteriors, Q15
    events: list[Event]
