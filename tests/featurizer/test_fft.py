"""The integer FFT against NumPy's.

Each product with a twiddle factor is rounded to an integer, and a factor is itself off by up to 2**-16: errors of
an amplitude are a few tens of units however quiet the frame, plus 2**-15 of the frame's loudest bin.
"""

from __future__ import annotations

import numpy as np
import pytest

from featurizer.fft import power_spectrum

RANDOM = np.random.default_rng(0)
COSINES = np.cos(2 * np.pi * np.outer(np.arange(1, 256), np.arange(512)) / 512)

FRAMES = {
    "full-scale noise": RANDOM.integers(-32768, 32768, (500, 512)),
    "quiet noise": RANDOM.integers(-30, 31, (500, 512)),
    "noise of one bit": RANDOM.integers(-1, 2, (500, 512)),
    "a cosine in each bin": np.round(32767 * COSINES).astype(np.int64),
    "a square wave in each bin": np.where(COSINES >= 0, 32767, -32768),
    "a pulse at each sample": np.eye(512, dtype=np.int64) * -32768,
}


@pytest.mark.parametrize("frames", FRAMES.values(), ids=FRAMES)
def test_amplitudes_are_those_of_a_float_fft(frames: np.ndarray) -> None:
    wanted = np.abs(np.fft.rfft(frames, axis=1))[:, 1:256]
    amplitude = np.sqrt(power_spectrum(frames)[:, 1:].astype(np.float64)) / 2  # the power is given four times
    assert (np.abs(amplitude - wanted) <= 25 + wanted.max(axis=1, keepdims=True) * 2**-15).all()


def test_four_times_the_power_stays_below_2_to_the_51() -> None:
    in_phase = np.where(COSINES >= 0, 32767, -32768)
    assert power_spectrum(in_phase).max() < 2**51


def test_the_power_of_bin_zero_is_zero() -> None:
    assert power_spectrum(np.full((1, 512), 32767))[0].tolist() == [0] * 256
