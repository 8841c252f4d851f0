"""Which event belongs to which word that was said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from models import random_model

from featurizer import HOP, SAMPLE_RATE, WINDOW
from wakeword.evaluation.annotations import Span
from wakeword.evaluation.operating_points import LEVELS
from wakeword.evaluation.scoring import Heard, Missed, Pass, Tally, claims, tally
from wakeword.inference.detector import Event
from wakeword.model.file import DetectorSettings, Model

YES, NO = Span("yes", 1.0, 1.5), Span("no", 3.0, 3.5)
WINDOW_SECONDS = 0.5


@pytest.fixture
def model() -> Model:
    made = random_model(words=2)
    settings = DetectorSettings((0, 0, 16_000, 16_000), refractory=60)
    return replace(made, labels=("_silence_", "_unknown_", "yes", "no"), detector=settings)


def frame(seconds: float) -> int:
    """The frame that ends at a time."""
    return round((seconds * SAMPLE_RATE - WINDOW) / HOP)


def heard(*peaks: tuple[int, float, int], first_frame: int = 0) -> Pass:
    """Ten seconds in which a word (0 or 1) has a score for 100 ms from a time on, and else none."""
    scores = np.zeros((1000, 2), np.int16)
    events = []
    for word, seconds, score in peaks:
        start = frame(seconds)
        scores[start : start + 10, word] = score
        if score >= 16_000:
            events.append(Event(word + 2, score, start))
    return Pass(scores, sorted(events, key=lambda event: event.frame), first_frame, 10.0)


def count(model: Model, what: Pass, spans: list[Span]) -> Tally:
    return tally(model, what, spans, WINDOW_SECONDS, lambda time: ("talk.wav", time))


def test_a_word_claims_an_event_until_the_window_has_passed() -> None:
    assert claims([1.0], [YES], WINDOW_SECONDS) == {0: 0}
    assert claims([2.0], [YES], WINDOW_SECONDS) == {0: 0}
    assert claims([0.99], [YES], WINDOW_SECONDS) == {}
    assert claims([2.01], [YES], WINDOW_SECONDS) == {}


def test_a_word_claims_its_first_event_and_no_other() -> None:
    assert claims([1.2, 1.9, 9.0], [YES], WINDOW_SECONDS) == {0: 0}


def test_words_in_quick_succession_each_need_an_event() -> None:
    again = Span("yes", 1.6, 2.0)
    assert claims([1.7], [YES, again], WINDOW_SECONDS) == {0: 0}
    assert claims([1.4, 2.1], [YES, again], WINDOW_SECONDS) == {0: 0, 1: 1}


def test_hits_misses_and_false_accepts_at_the_model_s_thresholds(model: Model) -> None:
    counted = count(model, heard((0, 1.6, 20_000), (0, 6.0, 24_000)), [YES, NO])
    hit, false = counted.events
    assert (hit.word, hit.latency) == ("yes", pytest.approx(0.1, abs=0.005))
    assert false == Heard("yes", 24_000 / 32768, "talk.wav", pytest.approx(6.0, abs=0.005), None)
    assert counted.missed == (Missed("no", "talk.wav", 3.5),)
    assert counted.said.tolist() == [1, 1]


def test_another_word_s_event_is_no_hit(model: Model) -> None:
    counted = count(model, heard((1, 1.2, 20_000)), [YES])
    assert [event.latency for event in counted.events] == [None]
    assert [miss.word for miss in counted.missed] == ["yes"]


def test_every_threshold_has_its_own_counts(model: Model) -> None:
    counted = count(model, heard((0, 1.6, 20_000), (0, 6.0, 24_000)), [YES])
    levels = np.array(LEVELS)
    assert np.array_equal(counted.hits[0], (levels <= 20_000).astype(int))
    assert np.array_equal(counted.unclaimed[0], (levels <= 24_000).astype(int))
    assert not counted.hits[1].any() and not counted.unclaimed[1].any()


def test_what_lies_in_the_warm_up_does_not_count(model: Model) -> None:
    counted = count(model, heard((0, 2.0, 20_000), (0, 6.0, 20_000), first_frame=frame(5.0)), [])
    assert [round(event.time) for event in counted.events] == [6]
    assert counted.unclaimed[0, 0] == 1


def test_the_hours_leave_out_where_words_are_said(model: Model) -> None:
    overlapping = Span("no", 1.8, 2.5)  # begins in the window of YES, which ends at 2.0
    assert count(model, heard(), [YES, overlapping]).seconds == pytest.approx(10 - 2.0)
    assert count(model, heard(), [Span("maybe", 1.0, 1.5)]).seconds == 10.0


def test_tallies_add_up(model: Model) -> None:
    one, other = count(model, heard((0, 1.6, 20_000)), [YES]), count(model, heard((0, 6.0, 20_000)), [NO])
    both = one + other
    assert both.said.tolist() == [1, 1] and both.hits[0, 0] == 1 and both.unclaimed[0, 0] == 1
    assert both.seconds == one.seconds + other.seconds
    assert (both.events, both.missed) == (one.events + other.events, other.missed)
