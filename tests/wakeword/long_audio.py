"""Minutes of audio that is hard on a recurrent state: music-like chords, silence of two kinds, words, and noise."""

from __future__ import annotations

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples


def music(seconds: float, rng: np.random.Generator) -> Samples:
    """Chords of a few decaying harmonics each, at changing loudness."""
    parts = []
    for _ in range(round(seconds / 0.5)):
        time = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
        roots = 110 * 2 ** (rng.integers(0, 36, 3) / 12)
        tones = [np.sin(2 * np.pi * root * n * time) / n for root in roots for n in (1, 2, 3, 4)]
        parts.append(np.sum(tones, axis=0) * np.exp(-3 * time) * rng.uniform(500, 4000))
    return np.concatenate(parts).clip(-32768, 32767).astype(np.int16)


def long_audio(minutes: int, words: Samples, seed: int = 0) -> Samples:
    """About so many minutes; a fifth is music, a fifth digital silence, a fifth a quiet room, a fifth noise of all
    levels, and a fifth words."""
    rng = np.random.default_rng(seed)
    length = 12 * SAMPLE_RATE
    parts: list[Samples] = []
    for _ in range(minutes):
        loudness = rng.uniform(1, 12_000)
        parts += [
            music(12, rng),
            np.zeros(length, np.int16),
            rng.normal(0, 20, length).astype(np.int16),
            rng.normal(0, loudness, length).clip(-32768, 32767).astype(np.int16),
            np.resize(words, length),
        ]
    return np.concatenate(parts)
