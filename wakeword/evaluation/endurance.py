"""Test whether a model returns to rest: compare its state in silence after a long stream with that after reset."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.inference.engine import Engine
from wakeword.model.file import Model

REST = 3.0  # seconds of silence after which no trace of the stream may be left
# Q12, 1/32. With its gate at the limit of 1 - 3/128 a frame, a unit at the end of its range keeps 30, and rounding
# sustains a difference of some 20 forever; units pass such differences on to each other.
LARGEST_STATE = 128
LARGEST_SCORE = 328  # Q15, 1/100: too little to matter at any threshold


@dataclass(frozen=True)
class Remainder:
    """The trace of a stream that a model keeps after some silence, against the same silence after reset."""

    state: int  # largest difference of a hidden unit, Q12
    score: int  # largest difference of a label's smoothed posterior, Q15
    stuck: tuple[str, ...]  # words whose score stayed at or above their threshold for the last second of silence


def remainder(model: Model, engine: Engine, stream: Iterable[Samples], rest: float = REST) -> Remainder:
    """Push a stream and then silence, and compare with silence after reset.

    stream: int16 at 16 kHz, in any pieces.
    rest: seconds of silence, at least one.
    """
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
