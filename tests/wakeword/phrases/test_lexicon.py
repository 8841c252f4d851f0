"""How often words are said."""

from __future__ import annotations

import pytest

from wakeword.phrases.language import LANGUAGES
from wakeword.phrases.lexicon import said_per_hour


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("en-us", "people"),
        ("ja", "あなた"),
        ("ko", "사람"),
        ("zh", "你好"),
        ("ja", "ランプ"),
        ("ja", "ﾗﾝﾌﾟ"),
        ("vi", "người"),
    ],
)
def test_a_frequent_word_is_said_in_an_hour_of_talk(code: str, word: str) -> None:
    assert 0.01 < said_per_hour(word, LANGUAGES[code]) < 1000


@pytest.mark.parametrize("code", ["en-us", "ja", "ko", "zh"])
def test_a_word_that_is_not_listed_is_never_said(code: str) -> None:
    assert said_per_hour("qqxzqqxz", LANGUAGES[code]) == 0
