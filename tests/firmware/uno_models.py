"""A model of the Uno's front end, made up, as large as what the Uno is to run."""

from __future__ import annotations

import numpy as np

from featurizer import uno
from wakeword.model.file import DetectorSettings, Model


def random_uno_model(seed: int = 0, *, hidden: int = 32, rank: int = 8, words: int = 4) -> Model:
    """A dense FastGRNN whose states, posteriors and events move on any audio."""
    rng = np.random.default_rng(seed)

    def dense(*shape: int) -> np.ndarray:
        return rng.integers(-127, 128, shape).astype(np.int8)

    labels = ("_silence_", "_unknown_", *(f"word{i}" for i in range(words)))
    return Model(
        labels=labels,
        first_word=2,
        mean=rng.integers(-4000, 1000, uno.MEL_BANDS).astype(np.int16),
        scale=rng.integers(4000, 12000, uno.MEL_BANDS).astype(np.int16),
        w1=dense(hidden, rank),
        w2=dense(rank, uno.MEL_BANDS),
        u1=dense(hidden, rank),
        u2=dense(rank, hidden),
        bias_gate=rng.integers(-8000, 8000, hidden).astype(np.int16),
        bias_update=rng.integers(-4000, 4000, hidden).astype(np.int16),
        zeta=int(rng.integers(20000, 32768)),
        nu=int(rng.integers(0, 4000)),
        head=dense(len(labels), hidden),
        head_bias=rng.integers(-1000, 1000, len(labels)).astype(np.int16),
        shifts={"w1": 8, "w2": 9, "u1": 8, "u2": 9, "head": 8},
        gate="sigmoid",
        frames_per_step=1,
        evidence=2,
        detector=DetectorSettings(thresholds=(0, 0) + (9000,) * words, smoothing=2, refractory=20),
    )
