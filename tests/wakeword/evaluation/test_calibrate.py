"""Thresholds follow from the scores of foreign clips in an endless stream."""

from unittest.mock import patch

import numpy as np
from models import random_model

from wakeword.data.speech_commands import Examples
from wakeword.evaluation import calibrate as module
from wakeword.evaluation.calibrate import FOREIGN_CLIPS, HIGHEST, LOWEST, calibrate, peak_scores


def examples(clips: int) -> Examples:
    rng = np.random.default_rng(0)
    loudness = rng.uniform(0, 12000, (clips, 1))
    samples = (rng.standard_normal((clips, 16_000)) * loudness).clip(-32768, 32767).astype(np.int16)
    return Examples(samples, rng.integers(0, 6, clips), tuple(map(str, range(clips))))


def test_one_peak_for_each_clip_and_label():
    peaks, labels = peak_scores(random_model(3), examples(9), seed=1)
    assert peaks.shape == (9, 6) and sorted(labels) == sorted(examples(9).labels)
    assert peaks.max() > 0


def test_the_threshold_lets_one_in_so_many_foreign_clips_pass():
    model, word = random_model(0, words=1), 2
    foreign = np.arange(2 * FOREIGN_CLIPS) * 5 + 10_000
    peaks = np.zeros((len(foreign) + 1, 3), np.int64)
    peaks[:-1, word], peaks[-1, word] = foreign, 32_767
    labels = np.array([1] * len(foreign) + [word])
    with patch.object(module, "peak_scores", return_value=(peaks, labels)):
        threshold = calibrate(model, examples(1)).detector.thresholds[word]
    assert (foreign >= threshold).sum() == 2


def test_a_word_whose_score_is_still_up_in_the_next_clip_is_no_false_accept():
    model, word = random_model(0, words=1), 2
    peaks = np.full((500, 3), 12_000, np.int64)
    labels = np.tile([word, 1, 1, 1, 1], 100)
    peaks[(labels == word) | (np.roll(labels, 1) == word), word] = 30_000
    with patch.object(module, "peak_scores", return_value=(peaks, labels)):
        assert calibrate(model, examples(1)).detector.thresholds[word] == 12_001


def test_thresholds_stay_within_their_bounds_and_leave_the_rest_alone():
    model = random_model(4)
    for level, bound in ((0, LOWEST), (32_767, HIGHEST)):
        peaks, labels = np.full((5, 6), level), np.zeros(5, int)
        with patch.object(module, "peak_scores", return_value=(peaks, labels)):
            settings = calibrate(model, examples(1)).detector
        assert settings.thresholds == (0, 0) + (bound,) * 4
        assert (settings.smoothing, settings.refractory) == (model.detector.smoothing, model.detector.refractory)
