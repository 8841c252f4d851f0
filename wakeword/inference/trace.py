"""The trace: everything that an engine computes from a stretch of audio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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


def joined(traces: Sequence[Trace]) -> Trace:
    """Join the traces of one stream, in order; there is at least one."""
    if len(traces) == 1:
        return traces[0]
    features, hidden, posteriors, scores = (
        np.concatenate([getattr(trace, name) for trace in traces])
        for name in ("features", "hidden", "posteriors", "scores")
    )
    return Trace(features, hidden, posteriors, scores, [event for trace in traces for event in trace.events])
