"""Levels in dBFS of samples, of frames and of the speech in a clip."""

from __future__ import annotations

import numpy as np
import pytest

from featurizer.logmel import Samples
from wakeword.audio.level import SILENT_DBFS, active_level, at_level, frame_power, gain, level_dbfs, to_dbfs


def tone(peak: float = 8_000.0, seconds: float = 1.0) -> Samples:
    t = np.arange(round(16_000 * seconds)) / 16_000
    return np.rint(peak * np.sin(2 * np.pi * 500 * t)).astype(np.int16)


def word() -> Samples:
    """A word of 0.4 s amid silence."""
    samples = np.zeros(16_000, np.int16)
    samples[5_000:11_400] = tone(seconds=0.4)
    return samples


@pytest.mark.parametrize(
    ("samples", "dbfs"),
    [
        (np.full(100, -32768, np.int16), 0.0),
        (tone(32_767), -3.01),
        (tone(327.67), -43.01),
        (np.zeros(100, np.int16), SILENT_DBFS),
        (np.zeros(0, np.int16), SILENT_DBFS),
    ],
)
def test_the_level_is_the_root_mean_square_below_full_scale(samples: Samples, dbfs: float) -> None:
    assert level_dbfs(samples) == pytest.approx(dbfs, abs=0.01)


def test_the_power_of_frames_is_their_mean_square_and_leaves_out_a_frame_that_is_not_whole() -> None:
    wave = np.array([1, -1, 3, 3, 0, 0, 7], np.float32)
    assert frame_power(wave, 2).tolist() == [1, 9, 0]
    assert to_dbfs(np.array([32768.0**2, 327.68**2, 0])).tolist() == pytest.approx([0, -40, -np.inf])
    assert not len(frame_power(wave, 8))


def test_the_active_level_is_that_of_the_word_whatever_surrounds_it() -> None:
    level = active_level(tone().astype(np.float32))
    assert level == pytest.approx(level_dbfs(tone()), abs=0.1)
    assert active_level(word().astype(np.float32)) == pytest.approx(level, abs=0.2)
    clicked = word().astype(np.float32)
    clicked[15_000:15_020] = 30_000
    assert active_level(clicked) == pytest.approx(level, abs=2)
    assert active_level(np.zeros(16_000, np.float32)) == -np.inf


def test_at_level_is_rms_in_dbfs() -> None:
    hiss = np.random.default_rng(9).normal(0, 3_000, 80_000).astype(np.float32)
    assert 10 * np.log10(np.mean(at_level(hiss, -33.0) ** 2) / 32768**2) == pytest.approx(-33.0, abs=0.01)
    assert not at_level(np.zeros(100, np.float32), -33.0).any()


def test_a_gain_of_20_db_is_a_factor_of_ten() -> None:
    assert gain(20) == pytest.approx(10)
    assert gain(-40) == pytest.approx(0.01)
