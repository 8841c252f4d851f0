"""The streaming front end: the times of frames, chunks of any size, and the corners of int16."""

from __future__ import annotations

import zlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from featurizer import FEATURIZER_ID, Featurizer, clip_features, clip_frames, pad_clip
from featurizer.tables import FEATURE_FLOOR, HOP, MEL_BANDS, WINDOW
from tests.signals import corner_cases, demo, demo_words

CORNERS = corner_cases()


def _in_chunks(samples: np.ndarray, size: int) -> np.ndarray:
    featurizer = Featurizer()
    return np.concatenate([featurizer.push(samples[at : at + size]) for at in range(0, len(samples), size)])


def test_the_features_of_the_demo_recording_never_change() -> None:
    """Models are trained on these bits: a change of them must change FEATURIZER_ID too."""
    features = Featurizer().push(demo())
    assert (FEATURIZER_ID, zlib.crc32(features.astype("<i2").tobytes())) == (0x730D9B87, 0x18A093D3)


def test_a_second_has_99_frames_with_its_tail_padded() -> None:
    assert clip_frames(16000) == 99
    assert clip_features(demo()[:16000]).shape == (99, MEL_BANDS)


@pytest.mark.parametrize(("samples", "frames"), [(0, 1), (1, 1), (400, 1), (401, 2), (560, 2), (561, 3)])
def test_padding_fills_the_last_frame_of_a_clip(samples: int, frames: int) -> None:
    padded = pad_clip(np.ones((3, samples), np.int16))
    assert clip_frames(samples) == frames
    assert padded.shape == (3, WINDOW + (frames - 1) * HOP)
    assert padded.sum() == 3 * samples


def test_a_frame_comes_with_its_last_sample() -> None:
    featurizer = Featurizer()
    assert featurizer.push(demo()[:399]).shape == (0, MEL_BANDS)
    assert featurizer.push(demo()[399:400]).shape == (1, MEL_BANDS)
    assert featurizer.push(demo()[400:559]).shape == (0, MEL_BANDS)
    assert featurizer.push(demo()[559:560]).shape == (1, MEL_BANDS)


@pytest.mark.parametrize("size", [1, 160, 999, 16000])
def test_chunks_of_any_size_give_the_same_frames(size: int) -> None:
    np.testing.assert_array_equal(_in_chunks(demo_words(), size), Featurizer().push(demo_words()))


@settings(max_examples=50)
@given(cuts=st.lists(st.integers(0, 8000)))
def test_any_cuts_give_the_same_frames(cuts: list[int]) -> None:
    samples = demo()[12000:20000]
    featurizer = Featurizer()
    pieces = [samples[start:stop] for start, stop in pairwise([0, *sorted(cuts), len(samples)])]
    np.testing.assert_array_equal(
        np.concatenate([featurizer.push(piece) for piece in pieces]), Featurizer().push(samples)
    )


def test_a_reset_forgets_every_sample() -> None:
    featurizer = Featurizer()
    featurizer.push(demo()[:777])
    featurizer.reset()
    np.testing.assert_array_equal(featurizer.push(demo_words()), Featurizer().push(demo_words()))


def test_samples_other_than_int16_are_refused() -> None:
    for wrong in (np.zeros(400), np.zeros(400, np.int32), np.zeros((2, 400), np.int16)):
        with pytest.raises(TypeError, match="int16"):
            Featurizer().push(wrong)


def test_silence_is_at_the_floor() -> None:
    assert (Featurizer().push(CORNERS["silence"]) == FEATURE_FLOOR).all()


def test_pre_emphasis_attenuates_a_constant() -> None:
    features = Featurizer().push(CORNERS["greatest constant"])[1:]  # the first frame has the step from zero
    assert (features[:, 0] == features.max(axis=1)).all()
    assert (features[:, 8:] < features[:, :1] - (15 << 9)).all()


@pytest.mark.parametrize("name", CORNERS)
def test_no_corner_of_int16_leaves_the_range_of_features(name: str) -> None:
    features = Featurizer().push(CORNERS[name])
    assert features.shape == (98, MEL_BANDS)
    assert features.min() >= FEATURE_FLOOR
    assert features.max() < 38 << 9  # all the power of full scale in one band
