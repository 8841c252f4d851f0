"""The simulation of other thresholds equals the plain one: frame by frame, word by word, as the detector goes."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from service.detection.score_history import FLOOR, MAX_FRAMES, EndedHistories, ScoreHistory
from wakeword.model.integers import Int16
from wakeword.model.score import as_q15

_WORDS = 4


def _setup(thresholds: list[float], pause: int, refractory: list[int]) -> Any:
    """Thresholds and refractory times of the words, after two labels that are none."""
    detector = SimpleNamespace(thresholds=(0, 0, *map(as_q15, thresholds)), refractory=pause)
    return SimpleNamespace(
        model=SimpleNamespace(first_word=2, detector=detector), refractory=(pause, pause, *refractory)
    )


def _plain(scores: Int16, setup: Any) -> list[tuple[int, int]]:
    """Simulate the detector frame by frame: the reference. Return frames and words of the events."""
    thresholds = np.array(setup.model.detector.thresholds[2:])
    fired = np.zeros(len(thresholds), bool)
    paused_until = ready = 0
    events = []
    for frame, now in enumerate(scores):
        fired &= now >= thresholds
        leader = int(np.argmax(now))
        if frame < paused_until or fired[leader] or now[leader] < thresholds[leader]:
            continue
        fired[leader] = True
        paused_until = frame + 1 + setup.model.detector.refractory
        if frame >= ready:
            ready = frame + 1 + setup.refractory[2 + leader]
            events.append((frame, leader))
    return events


def _wandering(dice: np.random.Generator, frames: int) -> Int16:
    """Scores that rise and fall slowly, pass each other, meet in equal values, and are often below the floor."""
    steps = dice.integers(-4, 5, (frames, _WORDS)).cumsum(axis=0)
    scores = np.abs((steps + dice.integers(0, 40, _WORDS)) % 80 - 40) * 1000 - 4000
    return np.clip(scores, 0, 32767).astype(np.int16)


def _pushed(scores: Int16, cuts: list[int], start: int = 0) -> ScoreHistory:
    history = ScoreHistory(start)
    for first, last in pairwise([0, *cuts, len(scores)]):
        history.push(start + first, scores[first:last])
    return history


@pytest.mark.parametrize("seed", range(60))
def test_the_simulation_equals_the_plain_one(seed: int) -> None:
    dice = np.random.default_rng(seed)
    scores = _wandering(dice, 3000)
    history = _pushed(scores, sorted(dice.integers(0, len(scores), dice.integers(0, 400)).tolist()))
    for lowest, pause in ((FLOOR, 0), (FLOOR, 3), (0.3, 20), (0.6, 60)):
        refractory = (pause + dice.integers(0, 2, _WORDS) * dice.integers(0, 100, _WORDS)).tolist()
        setup = _setup(dice.uniform(lowest, 1, _WORDS).tolist(), pause, refractory)
        expected = _plain(scores, setup)
        assert history.scores().simulate(setup) == expected
        assert len(expected) > 5


def test_a_word_that_stays_above_its_threshold_while_another_leads_raises_one_event() -> None:
    scores = np.zeros((60, _WORDS), np.int16)
    scores[10:50, 0] = 14_000
    scores[20:30, 1] = 18_000
    setup = _setup([0.4] * _WORDS, 2, [2] * _WORDS)
    assert _pushed(scores, []).scores().simulate(setup) == _plain(scores, setup) == [(10, 0), (20, 1)]
    scores[25, 0] = 12_000  # below its threshold, while the other leads
    assert _pushed(scores, []).scores().simulate(setup) == _plain(scores, setup) == [(10, 0), (20, 1), (30, 0)]


def test_scores_that_were_taken_stay_as_they_are_while_the_source_goes_on() -> None:
    scores = _wandering(np.random.default_rng(0), 8000)
    setup = _setup([0.4] * _WORDS, 5, [5] * _WORDS)
    history = _pushed(scores[:2000], list(range(10, 2000, 10)))
    taken, early = history.scores(), history.scores().simulate(setup)
    for at in range(2000, 8000, 10):
        history.push(at, scores[at : at + 10])
    assert taken.simulate(setup) == early
    assert history.scores().simulate(setup)[: len(early)] == early == _plain(scores[:2000], setup)


def test_a_source_keeps_a_limited_number_of_frames() -> None:
    loud = np.full((1000, _WORDS), 9000, np.int16)
    history = ScoreHistory(0)
    for at in range(0, 3 * MAX_FRAMES, len(loud)):
        history.push(at, loud)
    assert MAX_FRAMES <= history.frame_count <= MAX_FRAMES + len(loud)
    assert history.seconds == pytest.approx(history.frame_count / 100)


def test_a_limited_number_of_ended_sources_is_kept() -> None:
    ended = EndedHistories()
    for now in range(3000):
        ended.add("random", _pushed(np.full((1, _WORDS), 9000, np.int16), []), now)
    kept = ended.of("random", now=3000)
    assert len(kept) == 1000 and kept[-1][1] == 1  # the latest
