"""Judging takes: a good one is cut to its word, and a faulty one is given its reason."""

from __future__ import annotations

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from tests.wakeword.live.takes import ROOM_SECONDS, TAKE_SECONDS, hiss, take, word
from wakeword.audio.word import longest_pause
from wakeword.live.take import Fault, Take, judge


def test_a_good_take_is_cut_to_a_second_with_the_word_in_its_middle() -> None:
    outcome = judge(take(word()), hiss(ROOM_SECONDS))
    assert isinstance(outcome, Take)
    assert len(outcome.clip) == pytest.approx(SAMPLE_RATE, abs=2)
    assert outcome.level == pytest.approx(-20, abs=1)
    loud = np.flatnonzero(np.abs(outcome.clip.astype(int)) > 300)
    assert (loud[0] + loud[-1]) / 2 == pytest.approx(len(outcome.clip) / 2, abs=400)


def test_a_long_phrase_with_a_pause_stays_whole() -> None:
    phrase = np.concatenate([word(0.5), hiss(0.2), word(0.7)])
    outcome = judge(take(phrase, at=0.6), hiss(ROOM_SECONDS))
    assert isinstance(outcome, Take)
    assert 1.4 + 0.2 < len(outcome.clip) / SAMPLE_RATE < 1.4 + 0.4


def test_a_rest_between_the_words_of_a_phrase_belongs_to_it() -> None:
    phrase = np.concatenate([word(0.4), hiss(0.5), word(0.4)])
    whole, part = (judge(take(phrase, at=0.6), hiss(ROOM_SECONDS), longest_pause(text)) for text in ("hey you", "hey"))
    assert isinstance(whole, Take) and isinstance(part, Take)
    assert len(whole.clip) / SAMPLE_RATE > 1.3 + 0.2 and len(part.clip) / SAMPLE_RATE < 1.1


def test_a_click_beside_the_word_is_left_out() -> None:
    samples = take(word(), at=1.5)
    samples[1600:1760] = 20_000
    outcome = judge(samples, hiss(ROOM_SECONDS))
    assert isinstance(outcome, Take)
    assert np.abs(outcome.clip).max() < 19_000


@pytest.mark.parametrize("at", [0.1, 1.75])
def test_a_clip_has_a_second_even_if_its_word_is_near_an_end_of_the_take(at: float) -> None:
    outcome = judge(take(word(0.5), at=at), hiss(ROOM_SECONDS))
    assert isinstance(outcome, Take)
    assert len(outcome.clip) >= SAMPLE_RATE


@pytest.mark.parametrize(
    ("samples", "fault"),
    [
        (hiss(TAKE_SECONDS), Fault.SILENT),
        (np.zeros(round(TAKE_SECONDS * SAMPLE_RATE), np.int16), Fault.SILENT),
        (take(word(0.03)), Fault.SILENT),
        (take(word(dbfs=-50)), Fault.QUIET),
        (take(word(dbfs=-28), room_dbfs=-38), Fault.QUIET),
        (take(word(dbfs=0)), Fault.CLIPPED),
        (take(word(), at=0), Fault.CUT),
        (take(word(), at=2.2), Fault.CUT),
    ],
)
def test_a_faulty_take_is_given_its_reason(samples: Samples, fault: Fault) -> None:
    room = -38.0 if fault is Fault.QUIET and np.abs(samples[:8000]).max() > 500 else -60.0
    assert judge(samples, hiss(ROOM_SECONDS, room)) is fault
