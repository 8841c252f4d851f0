"""Text of any script in the columns of a terminal."""

from __future__ import annotations

import pytest

from tests.wakeword.scripts import WORDS, apart
from wakeword.columns import left_to_right, padded, width, wrapped


def test_a_wide_character_takes_two_columns_and_a_mark_none() -> None:
    assert [width(text) for text in ("yes", "你好", "안녕", "é", "e\u0301", "สวัสดี")] == [3, 4, 4, 1, 1, 4]


@pytest.mark.parametrize("word", [*WORDS, *map(apart, WORDS)])
def test_a_padded_word_takes_the_columns_that_it_is_given(word: str) -> None:
    assert width(padded(word, 20)) == 20
    assert padded(word, 2) == word


@pytest.mark.parametrize("text", [", ".join(WORDS), "你好" * 60, "one two three " * 12])
def test_wrapped_lines_hold_all_words_and_fit(text: str) -> None:
    lines = wrapped(text, 60, "  words  ", " " * 9)
    assert all(width(line) <= 60 for line in lines)
    assert lines[0].startswith("  words  ") and all(line.startswith(" " * 9) for line in lines[1:])
    assert "".join(line[9:] for line in lines).replace(" ", "") == text.replace(" ", "")


def test_a_number_stays_behind_a_word_that_is_written_from_right_to_left() -> None:
    """A terminal moves it to the left otherwise. The words of a phrase stay together, in their own direction."""
    assert left_to_right("مرحبا يا نور 0.58, yes 0.70") == "مرحبا يا نور\u200e 0.58, yes 0.70"
    assert left_to_right("你好 0.58") == "你好 0.58"
