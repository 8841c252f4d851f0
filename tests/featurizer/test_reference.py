"""The error of the integer features against the float reference, python_speech_features.

The reference is its `logfbank` with a Hann window, in log2 instead of the natural logarithm. Two things part the
two: features are rounded to 2**-9 and the logarithm's table is good to 1e-4, which makes 0.002; and the samples of
a frame are rounded to 16 bits below the frame's loudest, whose noise shows in bands far below the loudest band.
"""

from __future__ import annotations

import numpy as np
import pytest
from python_speech_features import base

from featurizer import Featurizer
from featurizer.tables import FEATURE_FLOOR, FFT_SIZE, MEL_BANDS, MEL_EDGES, MEL_RISE, SAMPLE_RATE
from tests.signals import at_level, corner_cases, demo, noise, sweep, tone

# Greatest error in log2 of bands, by their distance in dB below their frame's loudest band.
BOUNDS = {"0 to 30 dB": 0.006, "30 to 40 dB": 0.015, "40 to 50 dB": 0.04, "50 to 60 dB": 0.1, "60 to 80 dB": 0.25}

SIGNALS = {"speech": demo(), "noise": noise(5.0), "sweep": sweep(), "low tone": tone(100), "high tone": tone(7500)}


def _reference(samples: np.ndarray) -> np.ndarray:
    """(samples,) to (frames, 32) log2 energies, as reals; frames that lack samples are left out."""
    energies, _ = base.fbank(samples.astype(float), nfilt=MEL_BANDS, nfft=FFT_SIZE, winfunc=np.hanning)
    return np.log2(energies[: (len(samples) - 400) // 160 + 1])


def _both(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features and reference as reals, and the decibels of each band below its frame's loudest."""
    wanted = _reference(samples)
    below = (wanted.max(axis=1, keepdims=True) - wanted) * 10 * np.log10(2)
    return Featurizer().push(samples) / 2**9, wanted, below


@pytest.mark.parametrize("level", [0, -20, -40, -60])
@pytest.mark.parametrize("name", SIGNALS)
def test_features_are_within_the_stated_error_of_the_reference(name: str, level: int) -> None:
    features, wanted, below = _both(at_level(SIGNALS[name], level))
    error = np.abs(features - wanted)
    above_floor = wanted > FEATURE_FLOOR / 2**9
    for reach, bound in BOUNDS.items():
        low, high = (int(word) for word in reach.split() if word.isdigit())
        assert error[above_floor & (below >= low) & (below < high)].max(initial=0) <= bound, reach


@pytest.mark.parametrize("level", [0, -20, -40, -60])
def test_the_mean_error_on_speech_is_small(level: int) -> None:
    features, wanted, _ = _both(at_level(demo(), level))
    error = (features - wanted)[wanted > FEATURE_FLOOR / 2**9]
    assert np.sqrt(np.mean(error**2)) <= 0.003


@pytest.mark.parametrize("name", ["sweep", "low tone", "high tone"])
def test_a_band_80_decibels_below_the_loudest_band_stays_below_it(name: str) -> None:
    features, _, below = _both(at_level(SIGNALS[name], 0))
    drop = (features.max(axis=1, keepdims=True) - features) * 10 * np.log10(2)
    assert drop[below >= 80].min() >= 79


@pytest.mark.parametrize("name", ["square wave of 125 Hz", "square wave of 1 kHz", "greatest alternation"])
def test_full_scale_square_waves_don_t_overflow(name: str) -> None:
    features, wanted, below = _both(corner_cases()[name])
    assert np.abs(features - wanted)[below < 60].max() <= 0.12


def test_a_quiet_band_below_the_floor_is_at_the_floor() -> None:
    features, wanted, _ = _both(at_level(tone(1000), -60))
    far_below = wanted < FEATURE_FLOOR / 2**9 - 1
    assert far_below.any()
    assert (features[far_below] == FEATURE_FLOOR / 2**9).all()


def test_the_mel_filters_are_those_of_the_reference() -> None:
    mel = np.linspace(0, base.hz2mel(SAMPLE_RATE / 2), MEL_BANDS + 2)
    np.testing.assert_array_equal(MEL_EDGES, np.floor((FFT_SIZE + 1) * base.mel2hz(mel) / SAMPLE_RATE))
    filters = base.get_filterbanks(MEL_BANDS, FFT_SIZE, SAMPLE_RATE)[:, : len(MEL_RISE)]
    rise = MEL_RISE / 2**15
    for band, (begin, peak, end) in enumerate(zip(MEL_EDGES, MEL_EDGES[1:], MEL_EDGES[2:], strict=False)):
        np.testing.assert_allclose(filters[band, begin:peak], rise[begin:peak], atol=2**-16)
        np.testing.assert_allclose(filters[band, peak:end], 1 - rise[peak:end], atol=2**-16)
