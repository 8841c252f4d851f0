"""The Uno's front end against its definition in floats."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from featurizer import uno
from featurizer.uno import FFT_SIZE, HOP, MEL_BANDS, MEL_EDGES, WINDOW, UnoFeaturizer, clip_features
from tests.signals import demo_words
from wakeword.inference.uno import sampled


def filters() -> np.ndarray:
    """The triangles as reals: (16, 129)."""
    edges = MEL_EDGES.astype(float)
    bins = np.arange(FFT_SIZE // 2 + 1)
    return np.array([np.interp(bins, edges[band : band + 3], [0, 1, 0]) for band in range(MEL_BANDS)])


def in_floats(samples: np.ndarray) -> np.ndarray:
    """log2 of the mel energies of the samples' differences, (frames, 16)."""
    differences = np.diff(samples.astype(float))
    starts = np.arange(0, len(differences) - WINDOW + 1, HOP)
    frames = np.array([differences[start : start + WINDOW] for start in starts]) * np.hanning(WINDOW)
    energies = np.abs(np.fft.rfft(frames, FFT_SIZE) / 128) ** 2 @ filters().T
    return np.log2(np.maximum(energies, 2.0**-12))


@pytest.mark.parametrize(("quieter", "rms", "most"), [(10, 0.008, 0.05), (20, 0.01, 0.12), (30, 0.02, 0.2)])
def test_a_band_is_within_a_part_of_a_bit_of_its_energy(quieter: int, rms: float, most: float) -> None:
    """`quieter`: by how many dB than the frame's loudest band, at most."""
    samples = sampled(demo_words())
    wanted = in_floats(samples)
    near = wanted > wanted.max(axis=1, keepdims=True) - quieter / 3.01
    near &= wanted > -10  # below is the converter's own rounding
    error = (UnoFeaturizer().push(samples) / 2**uno.FEATURE_BITS - wanted)[near]
    assert np.sqrt((error**2).mean()) < rms
    assert np.abs(error).max() < most


def test_silence_is_the_floor_whatever_the_offset() -> None:
    for offset in (0, 300, 1023):
        features = UnoFeaturizer().push(np.full(1000, offset))
        np.testing.assert_array_equal(features, uno.FEATURE_FLOOR)


def test_an_offset_changes_nothing() -> None:
    samples = sampled(demo_words())[:8000] // 2
    np.testing.assert_array_equal(UnoFeaturizer().push(samples), UnoFeaturizer().push(samples + 400))


@given(st.lists(st.integers(0, 500), max_size=20))
def test_any_chunks_give_the_same_frames(sizes: list[int]) -> None:
    samples = sampled(demo_words())[8000:11000]
    cuts = np.minimum(np.cumsum(sizes, dtype=int), len(samples))
    featurizer = UnoFeaturizer()
    frames = [featurizer.push(chunk) for chunk in np.split(samples, cuts)]
    np.testing.assert_array_equal(np.concatenate(frames), UnoFeaturizer().push(samples))


def test_clips_in_a_batch_equal_clips_one_by_one() -> None:
    clips = sampled(demo_words()).reshape(4, -1)
    np.testing.assert_array_equal(clip_features(clips), [UnoFeaturizer().push(clip) for clip in clips])


@pytest.mark.parametrize("samples", [[1024], [-1], [0.5], [[0, 1]]])
def test_values_outside_10_bits_are_refused(samples: list) -> None:
    with pytest.raises(ValueError, match="0 to 1023"):
        UnoFeaturizer().push(samples)
