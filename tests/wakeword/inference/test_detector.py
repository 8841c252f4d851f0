"""The detector, from posteriors to events, in NumPy and in C."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.wakeword.models import random_model
from wakeword.inference.c_core import ffi, lib
from wakeword.inference.detector import Event, EventDetector
from wakeword.model.file import DetectorSettings, Model

SILENCE, UNKNOWN, YES, NO, UP, DOWN = range(6)  # first_word is YES
ONE = 32767


class CDetector:
    """ww_detector.c behind the interface of EventDetector."""

    def __init__(self, model: Model) -> None:
        self._thresholds = ffi.new("int16_t[]", model.detector.thresholds)
        self._model = ffi.new("ww_model *")
        self._model.threshold = self._thresholds
        self._model.labels, self._model.first_word = len(model.labels), model.first_word
        self._model.smoothing, self._model.refractory = model.detector.smoothing, model.detector.refractory
        self._detector = ffi.new("ww_detector *")
        self._event = ffi.new("ww_event *")

    def reset(self) -> None:
        lib.ww_detector_reset(self._detector)

    @property
    def scores(self) -> list[int]:
        return [lib.ww_detector_score(self._detector, label) for label in range(self._model.labels)]

    def step(self, posteriors: Any) -> Event | None:
        values = ffi.new("int16_t[]", list(posteriors))
        if not lib.ww_detector_step(self._model, self._detector, values, self._event):
            return None
        return Event(self._event.label, self._event.score, self._event.frame)


def _model(*, threshold: int = 20000, smoothing: int = 0, refractory: int = 5) -> Model:
    """Six labels, of which the last four are words with one threshold."""
    return replace(
        random_model(0),
        detector=DetectorSettings((0, 0) + (threshold,) * 4, smoothing=smoothing, refractory=refractory),
    )


def _frame(**posteriors: int) -> list[int]:
    return [posteriors.get(name, 0) for name in ("silence", "unknown", "yes", "no", "up", "down")]


def _events(detector: EventDetector | CDetector, frames: list[list[int]]) -> list[Event]:
    return [event for frame in frames if (event := detector.step(frame))]


@pytest.fixture(params=[EventDetector, CDetector], ids=["numpy", "c"])
def detector_class(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_a_word_fires_when_it_reaches_its_threshold(detector_class: Any) -> None:
    frames = [_frame(yes=19999), _frame(yes=20000)]
    assert _events(detector_class(_model(smoothing=0)), frames) == [Event(YES, 20000, 1)]


def test_each_word_has_a_threshold_of_its_own(detector_class: Any) -> None:
    settings = DetectorSettings((0, 0, 30000, 10000, 30000, 30000), smoothing=0, refractory=0)
    frames = [_frame(yes=29999), _frame(no=10000)]
    assert _events(detector_class(replace(_model(), detector=settings)), frames) == [Event(NO, 10000, 1)]


def test_silence_and_unknown_words_raise_no_event(detector_class: Any) -> None:
    assert _events(detector_class(_model()), [_frame(silence=ONE), _frame(unknown=ONE)] * 20) == []


def test_an_unknown_word_in_the_lead_does_not_hide_a_keyword(detector_class: Any) -> None:
    assert _events(detector_class(_model(threshold=12000)), [_frame(unknown=18000, up=14000)]) == [Event(UP, 14000, 0)]


def test_the_leading_word_fires_and_a_tie_goes_to_the_first_label(detector_class: Any) -> None:
    assert _events(detector_class(_model(threshold=9000)), [_frame(yes=9000, up=9001)]) == [Event(UP, 9001, 0)]
    assert _events(detector_class(_model(threshold=9000)), [_frame(no=9000, down=9000)]) == [Event(NO, 9000, 0)]


def test_a_posterior_that_stays_high_fires_once(detector_class: Any) -> None:
    assert _events(detector_class(_model(refractory=3)), [_frame(yes=ONE)] * 100) == [Event(YES, ONE, 0)]


def test_the_same_word_fires_again_once_it_was_below_its_threshold(detector_class: Any) -> None:
    frames = [_frame(yes=ONE)] * 10 + [_frame(yes=19999)] + [_frame(yes=ONE)] * 10
    assert [event.frame for event in _events(detector_class(_model(refractory=3)), frames)] == [0, 11]


def test_a_word_that_stays_high_gives_way_to_the_word_that_leads(detector_class: Any) -> None:
    frames = [_frame(yes=25000)] * 10 + [_frame(yes=25000, no=26000)] * 10
    events = _events(detector_class(_model(refractory=3)), frames)
    assert [(event.label, event.frame) for event in events] == [(YES, 0), (NO, 10)]


@pytest.mark.parametrize("refractory", [0, 1, 5])
def test_nothing_fires_within_the_refractory_time(detector_class: Any, refractory: int) -> None:
    frames = [_frame(yes=ONE)] + [_frame(no=ONE)] * 10
    events = _events(detector_class(_model(refractory=refractory)), frames)
    assert [(event.label, event.frame) for event in events] == [(YES, 0), (NO, 1 + refractory)]


def test_a_word_that_falls_below_its_threshold_in_the_pause_may_fire_after_it(detector_class: Any) -> None:
    frames = [_frame(yes=ONE), _frame(), *[_frame(yes=ONE)] * 8]
    assert [event.frame for event in _events(detector_class(_model(refractory=5)), frames)] == [0, 6]


@pytest.mark.parametrize("smoothing", [1, 3, 6])
def test_the_average_closes_63_percent_of_the_gap_in_its_time_constant(detector_class: Any, smoothing: int) -> None:
    detector = detector_class(_model(smoothing=smoothing))
    for _ in range(2**smoothing):
        detector.step(_frame(yes=ONE))
    assert detector.scores[YES] == pytest.approx(ONE * (1 - (1 - 2**-smoothing) ** 2**smoothing), abs=2)


@pytest.mark.parametrize("smoothing", [0, 3, 6])
def test_the_average_reaches_a_constant_posterior(detector_class: Any, smoothing: int) -> None:
    """This needs the eight bits beyond Q15: a gap below half of 2**smoothing stays."""
    detector = detector_class(_model(smoothing=smoothing))
    for level in (ONE, 0):
        for _ in range(20 << smoothing):
            detector.step(_frame(yes=level))
        assert detector.scores[YES] == level


def test_a_reset_forgets_everything(detector_class: Any) -> None:
    detector = detector_class(_model(smoothing=2, refractory=50))
    frames = [_frame(yes=ONE)] * 10
    first = _events(detector, frames)
    detector.reset()
    assert _events(detector, frames) == first != []


def test_an_event_s_time_is_the_end_of_its_frame() -> None:
    assert Event(YES, ONE, frame=0).time == 0.025
    assert Event(YES, ONE, frame=98).time == pytest.approx(1.005)


@pytest.mark.parametrize("smoothing", range(8))
def test_numpy_and_c_agree_on_steps_of_any_length(smoothing: int) -> None:
    model = _model(threshold=14000, smoothing=smoothing, refractory=7)
    rng = np.random.default_rng(smoothing)
    levels = np.repeat(rng.integers(0, ONE, (100, 6)), rng.integers(1, 60, 100), axis=0)  # steps of many lengths
    reference, core = EventDetector(model), CDetector(model)
    happened = 0
    for frame in levels.tolist():
        event = reference.step(frame)
        assert core.step(frame) == event
        assert core.scores == reference.scores.tolist()
        happened += event is not None
    assert happened > 10
