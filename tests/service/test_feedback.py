"""Judged clips are filed under the word's own name, which training maps back to the word."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from service.feedback import file_event, file_missed
from service.store.events import Event
from wakeword.audio.files import encode
from wakeword.data.examples import load_examples
from wakeword.data.keywords import UNKNOWN, KeywordSet, keyword_set

FLAC = encode(np.arange(16_000, dtype=np.int16), "flac")


def event(word: str, number: int = 7) -> Event:
    return Event(1.7e9, "kitchen", word, 0.9, 1.5, 148, "model", id=number)


@pytest.mark.parametrize(
    "word", ["hey lumen", "what's up café", "stop", "hey_you", "100%", "mañana", "okay, computer?"]
)
def test_a_clip_judged_right_is_an_example_of_its_word(tmp_path: Path, word: str) -> None:
    file_event(tmp_path, event(word), FLAC, "right", 10)
    file_missed(tmp_path, word, "kitchen", np.arange(16_000, dtype=np.int16), 1.7e9, 10)
    keywords = KeywordSet(word, (word,))
    examples = load_examples(tmp_path, keywords, "all", cut_silence=False, missing_ok=True)
    assert [keywords.labels[label] for label in examples.labels] == [word, word]


def test_the_folder_has_the_words_own_name_with_codes_for_what_file_systems_refuse(tmp_path: Path) -> None:
    names = {"hey lumen": "hey lumen", "what's up café": "what's up café", "../up": "%2E.%2Fup", "con": "%63on"}
    names |= {"_unknown_ x": "%5Funknown_ x", "why?": "why%3F", "end.": "end%2E", "a\\b:c": "a%5Cb%3Ac"}
    for number, (word, folder) in enumerate(names.items()):
        assert file_event(tmp_path, event(word, number), FLAC, "right", 10) == f"{folder}/event-{number}.wav"
    assert sorted(os.listdir(tmp_path)) == sorted(names.values())


def test_clips_join_those_that_were_filed_under_another_spelling(tmp_path: Path) -> None:
    (tmp_path / "hey_lumen").mkdir()
    assert file_event(tmp_path, event("hey lumen"), FLAC, "right", 10) == "hey_lumen/event-7.wav"


def test_a_second_verdict_replaces_the_first_wherever_it_was_filed(tmp_path: Path) -> None:
    file_event(tmp_path, event("hey lumen"), FLAC, "right", 10)
    file_event(tmp_path, event("hey lumen"), FLAC, "wrong", 10)
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.glob("*/*")] == [f"{UNKNOWN}/event-7.wav"]
    assert keyword_set("hey lumen").label_of(UNKNOWN) == UNKNOWN
