"""Advice before a training: what is short, frequent, alike or held by another phrase, and what can't be trained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wakeword.projects.advice import _often as often
from wakeword.projects.advice import advise


@pytest.fixture(autouse=True)
def no_other_voices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAKEWORD_KOKORO", str(tmp_path / "kokoro"))
    monkeypatch.setenv("WAKEWORD_PIPER", str(tmp_path / "piper"))


def texts(*phrases: str, kind: str, language: str = "") -> list[str]:
    return [warning.text for warning in advise(phrases, language).warnings if warning.kind == kind]


def test_a_phrase_of_enough_sounds_that_nobody_says_has_its_phonemes_and_engines() -> None:
    advice = advise(["ok nexus"]).as_json()
    assert advice["phonemes"] == "ˌoʊkˈeɪ nˈɛksəs" and advice["language"] == "en-us" and advice["problem"] is None
    assert "espeak-ng" in advice["engines"] and "kokoro" not in advice["engines"]
    assert {warning["kind"] for warning in advice["warnings"]} == {"similar"}


@pytest.mark.parametrize(
    ("phrase", "language", "has"),
    [
        ("lamp", "", "1 syllable and 4 sounds"),
        ("lumen", "", "2 syllables and 5 sounds"),
        ("hey lumen", "", None),
        ("lampe", "de", "2 syllables and 5 sounds"),
        ("hallo lampe", "de", None),
    ],
)
def test_few_sounds_are_told(phrase: str, language: str, has: str | None) -> None:
    told = texts(phrase, kind="short", language=language)
    assert told == ([] if has is None else told) and (has is None or has in told[0])


def test_a_word_that_people_say_is_told_with_how_often() -> None:
    (told,) = texts("computer", kind="frequent")
    assert told == "'computer' is said about once an hour of talk, and each time it would wake the model"
    (often,) = texts("for", kind="frequent")
    assert re.search(r"is said about \d\d times an hour of talk", often)
    assert texts("chrysanthemum", kind="frequent") == [] == texts("hey computer", kind="frequent")


@pytest.mark.parametrize(
    ("phrase", "language"), [("ランプ", "ja"), ("램프", "ko"), ("你好", "zh"), ("あなたの ランプ", "ja")]
)
def test_languages_that_are_written_without_spaces_get_advice_too(phrase: str, language: str) -> None:
    advice = advise([phrase], language)
    assert advice.problem is None and advice.phonemes[phrase]
    assert all(re.search(r"is said (about|less)", text) for text in texts(phrase, kind="similar", language=language))


def test_what_sounds_like_the_phrase_is_told_the_nearest_first() -> None:
    alike = texts("fore", kind="similar")
    assert len(alike) == 3 and all("'four'" in told or "'for'" in told for told in alike[:2])
    assert all("times an hour of talk" in told for told in alike[:2])
    (first, *_) = texts("hey lumen", kind="similar")
    assert first.startswith("'hey lumen' sounds like 'hello men', which has a word that is said about")


def test_a_word_is_as_near_as_the_nearest_way_of_saying_the_phrase() -> None:
    ways = ["better=better", "better=bitter"]
    one, other = (advise(["better"], say=say).warnings for say in (ways, ways[::-1]))
    assert one == other


@pytest.mark.parametrize(
    ("rate", "told"),
    [
        (2.4, "about 2 times an hour"),
        (1.4, "about once an hour"),
        (0.7, "about once an hour"),
        (0.68, "about once an hour"),
        (0.6, "about once in 2 hours"),
        (0.01, "about once in 100 hours"),
        (0.009, "less than once in 100 hours"),
        (0.0, "less than once in 100 hours"),
    ],
)
def test_how_often_a_word_is_said_is_told_in_words(rate: float, told: str) -> None:
    assert often(rate) == told


def test_a_phrase_that_is_heard_in_another_is_told_once() -> None:
    assert texts("hey lumen", "lumen", kind="holds") == [
        "'lumen' is heard in 'hey lumen', which would raise both; leave one of them out"
    ]
    assert texts("hey lumen", "ok nexus", kind="holds") == []
    assert len(texts("hey four", "hey fore", kind="holds")) == 2  # each in the other


@pytest.mark.parametrize(
    ("phrases", "language", "say", "refused", "problem"),
    [
        (["привет"], "en-us", [], [], "can't read"),
        (["hey lumen"], "klingon", [], [], "there is no language 'klingon'"),
        (["hey lumen"], "", ["human=win"], [], "is none of the keywords"),
        (["hey, lumen"], "", [], [], "write what is said, without a comma"),
        (["hey lumen", "a, b"], "", [], [], "'a, b' is no phrase; write what is said, without a comma"),
        (["google12"], "", [], [], "is no phrase"),
        ([""], "", [], [], "has an empty keyword"),
        (["hey lumen"], "", [], ["say hey lumen"], "'say hey lumen' can't be refused: 'hey lumen' is heard in it"),
    ],
)
def test_what_cannot_be_trained_is_a_line(
    phrases: list[str], language: str, say: list[str], refused: list[str], problem: str
) -> None:
    advice = advise(phrases, language, say, refused)
    assert advice.problem is not None and problem in advice.problem and "\n" not in advice.problem


def test_a_pronunciation_is_what_counts() -> None:
    advice = advise(["hey nguyen"], say=["nguyen=win", "nguyen=/ˈŋuːjɛn/"])
    assert len(advice.phonemes["hey nguyen"]) == 2 and " or " in advice.as_json()["phonemes"]
    assert any("'hey nguyen' sounds like" in warning.text for warning in advice.warnings)
