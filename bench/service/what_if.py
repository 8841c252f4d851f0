"""How long the effect of other thresholds takes to count, over as many streams as a large house has."""

from __future__ import annotations

import time

import numpy as np

from featurizer.logmel import Samples
from service.detection.score_history import MAX_FRAMES, ScoreHistory
from service.detection.tuning import tuned, with_threshold
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model

STREAMS = 240
_BLOCK = 10  # frames
_ROUNDS = 5  # the fastest counts: others wait for other processes


def what_if_seconds(model: Model, recording: Samples) -> float:
    """Measure a request, for a low threshold, over streams that keep as many scores as a stream may."""
    scores = open_engine(model).push(np.tile(recording, 12)).scores[:, model.first_word :]
    histories = [ScoreHistory(0) for _ in range(STREAMS)]
    for history in histories:
        for frame in range(0, len(scores), _BLOCK):
            history.push(frame, scores[frame : frame + _BLOCK])
    assert all(history.frame_count >= MAX_FRAMES for history in histories)
    setup = tuned("bench", model, {})
    other = with_threshold(setup, model.first_word, 0.1)
    rounds = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        for history in histories:
            taken = history.scores().prepared()
            taken.simulate(other)
            taken.simulate(setup)
        rounds.append(time.perf_counter() - start)
    return min(rounds)
