"""Phrases that English voices can't read are refused before anything is spoken."""

from __future__ import annotations

import pytest

from wakeword.errors import UsageError
from wakeword.phrases.letters import check_letters, foreign_letters


@pytest.mark.parametrize(
    "phrase", ["hey lumen", "caf\u00e9", "cafe\u0301", "\u00d6l & wei\u00df", "don\u2019t", "100%", "R2-D2"]
)
def test_latin_letters_marks_and_digits_are_read(phrase: str) -> None:
    check_letters(phrase)


@pytest.mark.parametrize(
    ("phrase", "foreign"),
    [
        ("\u65e5\u672c", "\u65e5\u672c"),
        ("hey \u043fete", "\u043f"),
        ("\uff28ey", "\uff28"),
        ("hey \u02bclumen", "\u02bc"),
    ],
)
def test_other_letters_are_refused_since_the_voices_name_them_one_by_one(phrase: str, foreign: str) -> None:
    assert foreign_letters(phrase) == foreign
    with pytest.raises(UsageError, match=f"can't read '{foreign}' in .*wakeword record"):
        check_letters(phrase)
