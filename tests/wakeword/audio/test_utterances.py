"""A recording in which a phrase is said several times is cut between its utterances, and not within them."""

from __future__ import annotations

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from tests.spoken_rows import row, times
from wakeword.audio.utterances import Stretch, expected_seconds, room_level, speech, utterances


def found_at(parts: list[float], phrase: str = "hey lumen", room_dbfs: float = -62.0) -> list[tuple[float, float]]:
    """Where utterances were found, in tenths of a second."""
    found = utterances(row(parts, room_dbfs), phrase).found
    return [(round(each.begin / SAMPLE_RATE, 1), round(each.end / SAMPLE_RATE, 1)) for each in found]


@pytest.mark.parametrize("pause", [0.3, 0.5, 0.8, 2.0, 5.0])
@pytest.mark.parametrize("count", [1, 2, 10])
def test_each_utterance_is_found_whatever_the_pause(count: int, pause: float) -> None:
    step = 0.8 + pause
    expected = [(0.5 + step * number, 1.3 + step * number) for number in range(count)]
    assert np.allclose(found_at(times(count, pause=pause)), expected, rtol=0, atol=0.11)


def test_a_rest_between_the_words_of_a_phrase_is_not_its_end() -> None:
    once = [0.3, -0.35, 0.5, -1.0]
    assert len(found_at([-0.5, *once * 5])) == 5
    assert len(found_at([-0.5, *once])) == 1


def test_the_same_pause_parts_words_that_are_said_quickly_one_after_another() -> None:
    assert len(found_at(times(6, 0.55, 0.35), "computer")) == 6


def test_quick_speakers_may_rest_within_the_phrase_as_long_as_others_between() -> None:
    assert len(found_at([-0.5, *[0.35, -0.2, 0.5, -0.45] * 6], "okay computer")) == 6


def test_clicks_and_coughs_are_no_utterances() -> None:
    parts = [-0.5, 0.02, -0.6, *[0.8, -0.7] * 4, 0.15, -0.7, 0.8, -0.5]
    found = utterances(row(parts), "hey lumen")
    assert (len(found.found), len(found.others)) == (5, 1)
    assert found.others[0].seconds == pytest.approx(0.15, abs=0.06)


def test_a_sentence_beside_the_phrase_is_told_apart() -> None:
    found = utterances(row([-0.5, *[0.8, -0.7] * 4, 4.0, -0.5]), "hey lumen")
    assert (len(found.found), len(found.others)) == (4, 1)


@pytest.mark.parametrize("room_dbfs", [-96.0, -70.0, -50.0, -42.0])
def test_a_loud_room_hides_no_utterance(room_dbfs: float) -> None:
    assert len(found_at(times(8), room_dbfs=room_dbfs)) == 8
    samples = row(times(8), room_dbfs)
    assert room_level(samples) == utterances(samples, "hey lumen").room == pytest.approx(room_dbfs, abs=2.5)


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(100), np.zeros(32_000), row([-3.0])])
def test_nothing_is_found_where_nothing_sounds(samples: np.ndarray) -> None:
    found = utterances(samples.astype(np.int16), "hey lumen")
    assert (found.found, found.others, found.all) == ([], [], None)


def test_longer_phrases_are_expected_to_last_longer_in_any_script() -> None:
    assert expected_seconds("hi") < expected_seconds("hey lumen") < expected_seconds("turn on the kitchen lights")
    assert 0.5 < expected_seconds("你好小明") < 1.2
    assert 0.5 < expected_seconds("안녕하세요") < 1.2


def test_other_speech_is_cut_at_its_pauses_and_no_piece_is_longer_than_allowed() -> None:
    found = speech(row([-0.5, 1.5, -0.6, 7.0, -0.6, 0.4, -0.5]), 3.0).found
    assert len(found) == 5 or len(found) == 6
    assert all(0.3 < each.seconds <= 3.0 for each in found)
    assert sum(each.seconds for each in found) == pytest.approx(8.9, abs=0.3)


def test_a_stretch_tells_its_length() -> None:
    assert Stretch(8_000, 24_000).seconds == 1.0
