"""Networks as large as those of phrases, made up, not trained: cycles and bytes depend on the shape, not on weights."""

from __future__ import annotations

import numpy as np

from featurizer import MEL_BANDS
from wakeword.model.file import MATRICES, DetectorSettings, Model
from wakeword.model.integers import Int8, Int16
from wakeword.training.presets import SIZES, for_phrases, preset


def made_up_phrase(kilobytes: str) -> Model:
    """Return a model of one phrase with random weights of four bits, shaped as `wakeword train --size` shapes it.

    kilobytes: a key of `SIZES`.
    """
    cell = for_phrases(preset("best")).cell
    hidden, rank_w, rank_u = SIZES[kilobytes]
    labels = ("_silence_", "_unknown_", "hey lumen")
    rng = np.random.default_rng(0)

    def weights(rows: int, columns: int) -> Int8:
        return rng.integers(-8, 8, (rows, columns)).astype(np.int8)

    def numbers(low: int, high: int, count: int) -> Int16:
        return rng.integers(low, high, count).astype(np.int16)

    return Model(
        labels=labels,
        first_word=2,
        mean=numbers(2000, 6000, MEL_BANDS),
        scale=numbers(4000, 12000, MEL_BANDS),
        w1=weights(hidden, rank_w),
        w2=weights(rank_w, MEL_BANDS * cell.frames_per_step),
        u1=weights(hidden, rank_u),
        u2=weights(rank_u, hidden),
        bias_gate=numbers(-8000, 8000, hidden),
        bias_update=numbers(-4000, 4000, hidden),
        zeta=16000,
        nu=0,
        head=weights(len(labels), hidden),
        head_bias=numbers(-1000, 1000, len(labels)),
        shifts=dict.fromkeys(MATRICES, 4),
        gate="sigmoid",
        frames_per_step=cell.frames_per_step,
        evidence=cell.evidence,
        detector=DetectorSettings(thresholds=(0, 0, 16384)),
    )
