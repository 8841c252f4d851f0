"""Recordings in which something is said several times: shaped noise, as loud as speech and with its pauses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples


def utterance(seconds: float, seed: int = 0, dbfs: float = -18.0) -> np.ndarray:
    """A word: noise in syllables of a fifth of a second, int16 values as floats."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    syllables = 0.55 - 0.45 * np.cos(2 * np.pi * time * round(seconds / 0.2) / seconds)
    return 32_768 * 10 ** (dbfs / 20) * syllables * rng.normal(size=len(time))


def row(parts: Sequence[float], room_dbfs: float = -62.0, dbfs: float = -18.0) -> Samples:
    """A recording of seconds of sound (positive) and of pauses (negative), in a room's noise."""
    rng = np.random.default_rng(1)
    sounds = [
        utterance(part, seed, dbfs) if part > 0 else np.zeros(round(-part * SAMPLE_RATE))
        for seed, part in enumerate(parts)
    ]
    whole = np.concatenate(sounds)
    whole += 32_768 * 10 ** (room_dbfs / 20) * rng.normal(size=len(whole))
    return np.clip(np.round(whole), -32_768, 32_767).astype(np.int16)


def times(count: int, seconds: float = 0.8, pause: float = 0.7) -> list[float]:
    """The parts of a row of equal utterances."""
    return [-0.5, *([seconds, -pause] * count)]
