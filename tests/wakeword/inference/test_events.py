"""An event as a line for programs and as a line for people."""

from __future__ import annotations

import json

from tests.wakeword.scripts import WORDS
from wakeword.columns import width
from wakeword.inference.detector import Event
from wakeword.inference.events import json_line, plain_line

EVENT = Event(label=3, score=24576, frame=95)


def test_json_holds_the_word_the_score_as_a_fraction_the_seconds_and_the_frame() -> None:
    assert json.loads(json_line(EVENT, "yes")) == {"word": "yes", "score": 0.75, "time": 0.975, "frame": 95}


def test_json_holds_a_word_of_any_script_in_any_encoding() -> None:
    for word in WORDS:
        assert json.loads(json_line(EVENT, word).encode("ascii"))["word"] == word


def test_the_scores_behind_words_of_any_script_are_in_a_column() -> None:
    assert {width(plain_line(EVENT, word, 14)) for word in WORDS} == {width(plain_line(EVENT, "yes", 14))}


def test_a_plain_line_holds_time_word_and_score_in_columns() -> None:
    assert plain_line(EVENT, "yes", 5) == "     0.97 s  yes    0.75"
