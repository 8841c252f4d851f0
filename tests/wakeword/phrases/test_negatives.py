"""What is taken for a phrase, found from its spelling."""

from __future__ import annotations

from collections import Counter

import pytest

from wakeword.errors import WakewordError
from wakeword.phrases.espeak import espeak
from wakeword.phrases.negatives import (
    MIN_EDIT_COST,
    HardNegative,
    Target,
    dissimilar,
    hard_negatives,
    negative_sentences,
    negative_words,
)
from wakeword.phrases.phonemes import distance_within, parse, phoneme_sequence

COUNT = 400


@pytest.fixture(scope="module")
def found() -> dict[str, list[HardNegative]]:
    return {phrase: hard_negatives(phrase, COUNT) for phrase in ("hey lumen", "computer")}


def phonemes(confusion: HardNegative) -> tuple[str, ...]:
    return phoneme_sequence(parse(confusion.ipa or espeak().transcribe(confusion.text)))


@pytest.mark.parametrize("phrase", ["hey lumen", "computer"])
def test_there_are_as_many_as_asked_for_of_every_kind(found: dict[str, list[HardNegative]], phrase: str) -> None:
    assert len(found[phrase]) == COUNT
    kinds = Counter(confusion.kind for confusion in found[phrase])
    assert kinds.keys() == {"word", "phrase", "fragment", "changed"}
    assert max(Counter(confusion.text for confusion in found[phrase]).values()) <= 8


@pytest.mark.parametrize("phrase", ["hey lumen", "computer"])
def test_none_is_the_phrase_or_holds_it_in_any_accent(found: dict[str, list[HardNegative]], phrase: str) -> None:
    for accent in ("en-us", "en-gb"):
        said = phoneme_sequence(parse(espeak().transcribe(phrase, accent)))
        for confusion in found[phrase]:
            assert distance_within(said, phonemes(confusion)) * len(said) >= MIN_EDIT_COST, confusion
    texts = {confusion.text for confusion in found[phrase]}
    assert not texts & {"computer", "computers", "hey lumen", "hay lumen"}


def test_homophones_and_longer_forms_are_no_confusions() -> None:
    target = Target("hey lumen")
    for text in ("hay lumen", "hey lumens", "oh hey lumen please"):
        assert list(target.confusion("phrase", text, phoneme_sequence(parse(espeak().transcribe(text))))) == []


def test_near_words_fragments_and_the_phrase_with_another_phoneme_are_among_them(
    found: dict[str, list[HardNegative]],
) -> None:
    texts = {kind: {c.text for c in found["hey lumen"] if c.kind == kind} for kind in ("word", "phrase", "fragment")}
    assert {"human", "newman"} <= texts["word"]
    assert {"hey human", "hey woman"} <= texts["phrase"]
    assert {"hey", "lumen", "lumen hey", "they lumen", "hey you"} <= texts["fragment"]
    changed = {confusion.ipa for confusion in found["hey lumen"] if confusion.kind == "changed"}
    assert {"hˈeɪ dˈuːmɛn", "hˈeɪ lˈuːmɛs"} & changed


def test_only_what_is_no_word_has_phonemes(found: dict[str, list[HardNegative]]) -> None:
    for confusion in found["computer"]:
        assert bool(confusion.ipa) == (confusion.kind == "changed" or " of computer" in confusion.text), confusion


def test_the_nearest_come_and_their_distance_says_how_near(found: dict[str, list[HardNegative]]) -> None:
    words = [confusion for confusion in found["computer"] if confusion.kind == "word"]
    assert max(word.distance for word in words) < 0.4
    assert all(0 < confusion.distance < 0.7 for confusion in found["computer"])


def test_a_seed_gives_the_same_confusions_in_the_same_order() -> None:
    assert hard_negatives("computer", 60, seed=1) == hard_negatives("computer", 60, seed=1)
    assert hard_negatives("computer", 60, seed=1) != hard_negatives("computer", 60, seed=2)


def test_a_phrase_that_says_nothing_is_refused() -> None:
    with pytest.raises(WakewordError, match="nothing to say"):
        hard_negatives("?!", 10)


def test_running_speech_is_varied_and_holds_nothing_like_the_phrases() -> None:
    sentences = negative_sentences(["hey teacher", "garden"], 300)
    assert len(set(sentences)) == 300
    assert not [text for text in sentences if "teacher" in text or "garden" in text]
    assert len({text.split()[0] for text in sentences}) > 30
    assert 4 < sum(len(text.split()) for text in sentences) / 300 < 15


def test_common_words_are_varied_mostly_frequent_and_nothing_like_the_phrases() -> None:
    phrases = ["hey teacher", "garden"]
    words = negative_words(phrases, 400, seed=3)
    assert len(set(words)) == 400
    assert {"the", "and", "was"} < set(words)
    assert len(set(negative_words(phrases, 400, seed=4)) - set(words)) > 100  # the others of another seed
    assert not {"hey", "teacher", "garden", "gardens", "guarding"} & set(negative_words(phrases, 11_000))


def test_a_text_is_apart_from_a_phrase_that_it_neither_holds_nor_sounds_like() -> None:
    texts = ["go home", "the gardener", "guarding it", "hey you", "seven"]
    assert list(dissimilar(["hey teacher", "garden"], texts)) == ["go home", "seven"]
