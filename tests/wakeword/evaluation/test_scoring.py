"""Matching events to annotated words: hits, misses and false accepts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from featurizer import HOP, SAMPLE_RATE, WINDOW
from tests.wakeword.models import random_model
from wakeword.data.annotations import Annotation
from wakeword.evaluation.operating_points import LEVELS
from wakeword.evaluation.scoring import Counts, Detection, EngineOutput, Miss, count_detections, match
from wakeword.inference.detector import Event
from wakeword.model.file import DetectorSettings, Model

YES, NO = Annotation("yes", 1.0, 1.5), Annotation("no", 3.0, 3.5)
WINDOW_SECONDS = 0.5


@pytest.fixture
def model() -> Model:
    made = random_model(words=2)
    settings = DetectorSettings((0, 0, 16_000, 16_000), refractory=60)
    return replace(made, labels=("_silence_", "_unknown_", "yes", "no"), detector=settings)


def frame(seconds: float) -> int:
    """Return the frame that ends at a time."""
    return round((seconds * SAMPLE_RATE - WINDOW) / HOP)


def output(*peaks: tuple[int, float, int], first_frame: int = 0) -> EngineOutput:
    """Return ten seconds with zero scores but for peaks: a word (0 or 1), its start, and its score for 100 ms."""
    scores = np.zeros((1000, 2), np.int16)
    events = []
    for word, seconds, score in peaks:
        start = frame(seconds)
        scores[start : start + 10, word] = score
        if score >= 16_000:
            events.append(Event(word + 2, score, start))
    return EngineOutput(scores, sorted(events, key=lambda event: event.frame), first_frame, 10.0)


def count(model: Model, what: EngineOutput, spans: list[Annotation]) -> Counts:
    return count_detections(model, what, spans, WINDOW_SECONDS, lambda time: ("talk.wav", time))


def test_an_event_matches_from_the_start_of_a_word_to_the_end_of_the_window() -> None:
    assert match([1.0], [YES], WINDOW_SECONDS) == {0: 0}
    assert match([2.0], [YES], WINDOW_SECONDS) == {0: 0}
    assert match([0.99], [YES], WINDOW_SECONDS) == {}
    assert match([2.01], [YES], WINDOW_SECONDS) == {}


def test_a_word_matches_its_first_event_only() -> None:
    assert match([1.2, 1.9, 9.0], [YES], WINDOW_SECONDS) == {0: 0}


def test_words_in_quick_succession_each_need_an_event() -> None:
    again = Annotation("yes", 1.6, 2.0)
    assert match([1.7], [YES, again], WINDOW_SECONDS) == {0: 0}
    assert match([1.4, 2.1], [YES, again], WINDOW_SECONDS) == {0: 0, 1: 1}


def test_hits_misses_and_false_accepts_at_the_model_s_thresholds(model: Model) -> None:
    counted = count(model, output((0, 1.6, 20_000), (0, 6.0, 24_000)), [YES, NO])
    hit, false = counted.detections
    assert hit.word == "yes" and hit.latency == pytest.approx(0.1, abs=0.005)
    assert false == Detection("yes", 24_000 / 32768, "talk.wav", false.time, None)
    assert false.time == pytest.approx(6.0, abs=0.005)
    assert counted.misses == (Miss("no", "talk.wav", 3.5),)
    assert counted.positives.tolist() == [1, 1]


def test_an_event_of_another_word_is_a_false_accept(model: Model) -> None:
    counted = count(model, output((1, 1.2, 20_000)), [YES])
    assert [event.latency for event in counted.detections] == [None]
    assert [miss.word for miss in counted.misses] == ["yes"]


def test_every_threshold_has_its_own_counts(model: Model) -> None:
    counted = count(model, output((0, 1.6, 20_000), (0, 6.0, 24_000)), [YES])
    levels = np.array(LEVELS)
    assert np.array_equal(counted.hits[0], (levels <= 20_000).astype(int))
    assert np.array_equal(counted.false_accepts[0], (levels <= 24_000).astype(int))
    assert not counted.hits[1].any() and not counted.false_accepts[1].any()


def test_events_in_the_warm_up_are_not_counted(model: Model) -> None:
    counted = count(model, output((0, 2.0, 20_000), (0, 6.0, 20_000), first_frame=frame(5.0)), [])
    assert [round(event.time) for event in counted.detections] == [6]
    assert counted.false_accepts[0, 0] == 1


def test_the_hours_leave_out_annotated_words(model: Model) -> None:
    overlapping = Annotation("no", 1.8, 2.5)  # begins in the window of YES, which ends at 2.0
    assert count(model, output(), [YES, overlapping]).seconds == pytest.approx(10 - 2.0)
    assert count(model, output(), [Annotation("maybe", 1.0, 1.5)]).seconds == 10.0


def test_counts_add_up(model: Model) -> None:
    one, other = count(model, output((0, 1.6, 20_000)), [YES]), count(model, output((0, 6.0, 20_000)), [NO])
    both = one + other
    assert both.positives.tolist() == [1, 1] and both.hits[0, 0] == 1 and both.false_accepts[0, 0] == 1
    assert both.seconds == one.seconds + other.seconds
    assert (both.detections, both.misses) == (one.detections + other.detections, other.misses)
