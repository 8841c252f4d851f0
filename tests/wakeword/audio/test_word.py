"""A clip's word is found by its energy, wherever it lies and whatever lies beside it."""

from __future__ import annotations

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from wakeword.audio.word import around_word, word_seconds


def clip(seconds: float, *sounds: tuple[float, float, float], hiss: float = 3) -> np.ndarray:
    """Hiss of some length with tones: where each begins, how long it is and how loud."""
    wave = hiss * np.random.default_rng(0).standard_normal(round(seconds * SAMPLE_RATE))
    for start, length, loudness in sounds:
        at = np.arange(round(start * SAMPLE_RATE), round((start + length) * SAMPLE_RATE))
        wave[at] += loudness * np.sin(2 * np.pi * 440 * at / SAMPLE_RATE)
    return wave.astype(np.int16)


def start_of(cut: np.ndarray, samples: np.ndarray) -> float:
    starts = [i for i in range(0, len(samples) - len(cut) + 1) if np.array_equal(samples[i : i + len(cut)], cut)]
    assert len(starts) == 1
    return starts[0] / SAMPLE_RATE


@pytest.mark.parametrize("hiss", [1, 30, 200])
@pytest.mark.parametrize("start", [0.0, 0.3, 1.2, 2.3, 2.5])
def test_the_word_lies_in_the_middle_of_the_cut_if_the_clip_allows_it(start: float, hiss: float) -> None:
    samples = clip(3, (start, 0.5, 6000), hiss=hiss)
    cut = start_of(around_word(samples, SAMPLE_RATE), samples)
    assert cut == pytest.approx(min(max(0, start - 0.25), 2), abs=0.02)


def test_a_quiet_syllable_counts_nearly_as_much_as_a_loud_one() -> None:
    samples = clip(3, (1.0, 0.2, 12_000), (1.35, 0.4, 2_500))
    cut = start_of(around_word(samples, SAMPLE_RATE), samples)
    assert cut <= 1.0 and cut + 1 >= 1.75


def test_a_click_beside_the_word_counts_little() -> None:
    samples = clip(3, (0.2, 0.02, 30_000), (1.9, 0.5, 3_000))
    cut = start_of(around_word(samples, SAMPLE_RATE), samples)
    assert cut <= 1.9 and cut + 1 >= 2.4


def test_a_short_clip_and_a_silent_one_come_through() -> None:
    samples = clip(0.7, (0.1, 0.4, 6000))
    assert around_word(samples, SAMPLE_RATE) is samples
    assert len(around_word(np.zeros(20_000, np.int16), SAMPLE_RATE)) == SAMPLE_RATE
    assert word_seconds(np.zeros(20_000, np.int16)) == 1.25
    assert word_seconds(np.zeros(10, np.int16)) == 10 / SAMPLE_RATE


def test_a_words_length_leaves_out_other_sounds_beyond_a_pause() -> None:
    assert word_seconds(clip(3, (0.5, 0.3, 6000), (1.0, 0.4, 5000))) == pytest.approx(0.9, abs=0.02)
    assert word_seconds(clip(4, (0.5, 0.3, 6000), (2.0, 0.4, 5000))) == pytest.approx(0.4, abs=0.11)
