"""The labels of several models side by side."""

from __future__ import annotations

import pytest

from tests.wakeword.models import random_model
from wakeword.errors import UsageError
from wakeword.model.score import as_q15
from wakeword.model.vocabulary import Column, Vocabulary

FIRST = random_model(words=2).with_thresholds({"word0": 0.25, "word1": 0.5})
SECOND = random_model(1, words=1).with_thresholds({"word0": 0.75})


def test_each_label_has_its_model_and_its_threshold() -> None:
    vocabulary = Vocabulary.of([("first", FIRST), ("second", SECOND)])
    assert [vocabulary.columns[index] for index in vocabulary.words] == [
        Column("word0", "first", True, as_q15(0.25)),
        Column("word1", "first", True, as_q15(0.5)),
        Column("word0", "second", True, as_q15(0.75)),
    ]
    assert [column.label for column in vocabulary.columns if not column.is_word] == ["_silence_", "_unknown_"] * 2
    assert not vocabulary.is_of_one_model
    assert Vocabulary.of([("first", FIRST)]).is_of_one_model


def test_a_word_of_two_models_is_shown_with_its_model() -> None:
    shown = Vocabulary.of([("first", FIRST), ("second", SECOND)]).shown
    assert shown == ("_silence_", "_unknown_", "word0 (first)", "word1", "_silence_", "_unknown_", "word0 (second)")


def test_a_model_cannot_be_given_twice() -> None:
    with pytest.raises(UsageError, match="the model first is given twice; give each once"):
        Vocabulary.of([("first", FIRST), ("first", SECOND)])
