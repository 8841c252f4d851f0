"""Synthetic background noise has its spectrum and its level."""

from __future__ import annotations

import numpy as np

from featurizer import SAMPLE_RATE
from wakeword.data.noise import babble, synthetic_noise


def test_noise_is_made_of_every_colour_and_of_voices() -> None:
    rng = np.random.default_rng(0)
    recordings = synthetic_noise(rng, seconds=1)
    recordings.append(babble([recordings[0], recordings[3]], rng, voices=4, seconds=1))
    for recording in recordings:
        assert recording.shape == (SAMPLE_RATE,) and recording.dtype == np.int16
        assert 2000 < np.sqrt(np.mean(recording.astype(float) ** 2)) < 3100  # a little of it may be clipped
    white, brown = (np.abs(np.fft.rfft(recordings[i])) ** 2 for i in (0, 8))  # power below 200 Hz: bins are of 1 Hz
    assert white[:200].sum() < 0.1 * white.sum() and brown[:200].sum() > 0.5 * brown.sum()
