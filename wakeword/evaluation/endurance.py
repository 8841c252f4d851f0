"""Does a model come back to rest after any stream? What its recurrent state keeps of hours shows in silence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.inference.engine import Engine
from wakeword.model.file import Model

REST = 3.0  # seconds of silence after which nothing of the stream may be left
# Q12, so a 32nd of one. With its gate at the limit of 1 - 3/128 a frame, a unit at the end of its range has 30 left,
# and rounding upholds a difference of some 20 for good; units pass such differences on to each other.
LARGEST_STATE = 128
LARGEST_SCORE = 328  # Q15: a hundredth, which moves no threshold that matters


@dataclass(frozen=True)
class Remainder:
    """What a stream has left in a model after some silence."""

    state: int  # the largest difference of a hidden unit from that of a fresh start, Q12
    score: int  # the largest such difference of a label's smoothed posterior, Q15
    stuck: tuple[str, ...]  # words whose score has not been below their threshold in all of the silence's last second


def remainder(model: Model, engine: Engine, stream: Iterable[Samples], rest: float = REST) -> Remainder:
    """Push a stream, int16 at 16 kHz in any pieces, and then so many seconds of silence, at least one; compare with
    silence from reset."""
    silence = np.zeros(round(rest * SAMPLE_RATE), np.int16)
    engine.reset()
    fresh = engine.push(silence)
    engine.reset()
    for samples in stream:
        engine.push(samples)
    after = engine.push(silence)
    state, score = (
        int(np.abs(one[-1].astype(int) - other[-1].astype(int)).max())
        for one, other in ((after.hidden, fresh.hidden), (after.scores, fresh.scores))
    )
    lowest = after.scores[-100:].min(axis=0)
    words = range(model.first_word, len(model.labels))
    stuck = tuple(model.labels[word] for word in words if lowest[word] >= model.detector.thresholds[word])
    return Remainder(state, score, stuck)
