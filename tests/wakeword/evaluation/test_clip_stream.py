"""Clips as one stream, and what is counted on it: misses and false accepts of each word."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest

from tests.wakeword.models import random_model
from wakeword.data.examples import Examples
from wakeword.evaluation.clip_stream import ClipStream
from wakeword.evaluation.thresholds import HIGHEST
from wakeword.evaluation.word_figures import WordFigures, word_figures
from wakeword.inference.detector import Event
from wakeword.inference.engine import open_engine

UNKNOWN, WORD = 1, 2
FRAMES = 62  # of a clip of a second


def examples(clips: int) -> Examples:
    rng = np.random.default_rng(0)
    loudness = rng.uniform(0, 12000, (clips, 1))
    samples = (rng.standard_normal((clips, 16_000)) * loudness).clip(-32768, 32767).astype(np.int16)
    return Examples(samples, rng.integers(0, 6, clips), tuple(map(str, range(clips))))


def test_each_clip_has_one_peak_for_each_label() -> None:
    stream = ClipStream.play(random_model(3), examples(9), seed=1)
    assert stream.peaks.shape == (9, 6) and sorted(stream.labels) == sorted(examples(9).labels)
    assert stream.peaks.max() > 0


def test_the_stream_is_that_of_the_engine_without_a_reset() -> None:
    model, clips = random_model(3), replace(examples(6), labels=np.arange(6))  # each label tells its clip
    stream = ClipStream.play(model, clips, seed=1)
    assert np.array_equal(stream.scores, open_engine(model).push(clips.samples[stream.labels].ravel()).scores)


def figures_of(labels: list[int], *frames: int) -> WordFigures:
    """Count the events of the word at these frames of a stream of one-second clips."""
    model = random_model(0, words=1)
    events = [Event(WORD, 30_000, frame) for frame in frames]
    scores = np.zeros((FRAMES * len(labels), 3), np.int16)
    stream = ClipStream(np.array(labels), scores, events, np.arange(len(labels)) * FRAMES, FRAMES)
    clips = Examples(np.zeros((len(labels), 16_000), np.int16), np.array(labels), tuple(map(str, labels)))
    with patch.object(ClipStream, "play", return_value=stream):
        (figures,) = word_figures(model, clips)
    return figures


def test_a_word_that_is_detected_in_its_clip_or_soon_after_is_no_miss() -> None:
    labels = [UNKNOWN, WORD, UNKNOWN, WORD, UNKNOWN]
    figures = figures_of(labels, FRAMES + 10, 4 * FRAMES + 20)
    assert (figures.clips, figures.misses, figures.false_accepts) == (2, 0, 0)


def test_events_in_other_clips_are_false_accepts_by_the_hour_of_these() -> None:
    labels = [WORD, UNKNOWN, UNKNOWN, UNKNOWN]
    figures = figures_of(labels, FRAMES + 40, 2 * FRAMES + 40)
    assert (figures.clips, figures.misses, figures.false_accepts) == (1, 1, 2)
    assert figures.hours == pytest.approx(3 / 3600)
    text = "misses 100.0% of 1 clip, 2 false accepts in 0.00 h: 290.7 to 8669.6 per hour (95 % interval)"
    assert text in figures.as_text()


def test_no_false_accept_in_a_few_minutes_is_no_proof_of_a_low_rate() -> None:
    figures = WordFigures("yes", HIGHEST - 1, clips=10, misses=1, hours=0.1, false_accepts=0)
    assert "0 false accepts in 0.10 h: 0.0 to 36.9 per hour" in figures.as_text()


def test_two_events_of_one_clip_are_one_hit() -> None:
    assert figures_of([WORD, WORD, UNKNOWN], 40, 55).misses == 1


def test_a_threshold_at_its_limit_is_said_to_be_no_good() -> None:
    figures = WordFigures("yes", HIGHEST, clips=85, misses=85, hours=0.5, false_accepts=40)
    assert "threshold 0.99, misses 100.0% of 85 clips" in figures.as_text()
    assert "yes is no good as a wake word yet" in figures.as_text()
    assert "no good" not in replace(figures, threshold=HIGHEST - 1).as_text()


@pytest.mark.parametrize(("misses", "told"), [(42, False), (43, True), (85, True)])
def test_a_word_that_is_missed_more_often_than_heard_is_told(misses: int, told: bool) -> None:
    figures = WordFigures("yes", HIGHEST - 1, clips=85, misses=misses, hours=0.5, false_accepts=0)
    assert ("yes is missed more often than it is heard" in figures.as_text()) == told


def test_figures_without_clips_of_either_kind_have_no_rate() -> None:
    figures = WordFigures("yes", HIGHEST - 1, clips=0, misses=0, hours=0.0, false_accepts=0)
    assert figures.as_text() == "  yes          threshold 0.99"
