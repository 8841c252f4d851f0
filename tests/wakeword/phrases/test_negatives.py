"""The negatives of a phrase, found from its spelling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from wakeword.errors import UsageError
from wakeword.phrases.espeak import espeak
from wakeword.phrases.negatives import (
    MIN_EDIT_COST,
    Candidate,
    HardNegative,
    Target,
    dissimilar,
    hard_negatives,
    negative_sentences,
    negative_words,
    parts_without,
)
from wakeword.phrases.phonemes import distance_within, distances, parse, phoneme_sequence

COUNT = 400


@pytest.fixture(scope="module")
def found() -> dict[str, list[HardNegative]]:
    return {phrase: hard_negatives(phrase, COUNT) for phrase in ("hey lumen", "computer")}


def phonemes(negative: HardNegative) -> tuple[str, ...]:
    return phoneme_sequence(parse(negative.ipa or espeak().transcribe(negative.text)))


@pytest.mark.parametrize("phrase", ["hey lumen", "computer"])
def test_the_count_is_met_with_negatives_of_every_kind(found: dict[str, list[HardNegative]], phrase: str) -> None:
    assert len(found[phrase]) == COUNT
    kinds = Counter(negative.kind for negative in found[phrase])
    assert kinds.keys() == {"word", "phrase", "partial", "phoneme"}
    assert max(Counter(negative.text for negative in found[phrase]).values()) <= 8


@pytest.mark.parametrize("phrase", ["hey lumen", "computer"])
def test_no_negative_is_or_contains_the_phrase_in_any_accent(found: dict[str, list[HardNegative]], phrase: str) -> None:
    for accent in ("en-us", "en-gb"):
        pronunciation = phoneme_sequence(parse(espeak().transcribe(phrase, accent)))
        for negative in found[phrase]:
            assert distance_within(pronunciation, phonemes(negative)) * len(pronunciation) >= MIN_EDIT_COST, negative
    texts = {negative.text for negative in found[phrase]}
    assert not texts & {"computer", "computers", "hey lumen", "hay lumen"}


def test_homophones_and_longer_forms_are_not_negatives() -> None:
    target = Target("hey lumen")
    for text in ("hay lumen", "hey lumens", "oh hey lumen please"):
        spoken = Candidate(text, phoneme_sequence(parse(espeak().transcribe(text))))
        assert target.hard_negatives("phrase", [spoken]) == []


def test_similar_words_partial_phrases_and_changed_phonemes_are_negatives(
    found: dict[str, list[HardNegative]],
) -> None:
    texts = {kind: {c.text for c in found["hey lumen"] if c.kind == kind} for kind in ("word", "phrase", "partial")}
    assert {"human", "newman"} <= texts["word"]
    assert {"hey human", "hey woman"} <= texts["phrase"]
    assert {"hey", "lumen", "lumen hey", "they lumen", "hey you"} <= texts["partial"]
    changed = {negative.ipa for negative in found["hey lumen"] if negative.kind == "phoneme"}
    assert {"hˈeɪ dˈuːmɛn", "hˈeɪ lˈuːmɛs"} & changed


# Sets of phrases of which one contains another, shares a word with it, is another spelling of it, or has an accent.
SETS = [
    ("lumen", "hey lumen"),
    ("lumen", "hey lumen", "hey lumen lights"),
    ("hey lumen", "hey teacher"),
    ("lumen lights on", "lumen lights off"),
    ("hey colour", "hey color", "color"),
    ("café", "ok café"),
    ("go", "let's go", "ago"),
]


@pytest.mark.parametrize("phrases", SETS, ids=" + ".join)
def test_no_negative_of_a_phrase_contains_another_phrase_of_the_model(phrases: tuple[str, ...]) -> None:
    for phrase in phrases:
        others = [other for other in phrases if other != phrase]
        negatives = hard_negatives(phrase, 200, others=others)
        assert len(negatives) == 200
        for other in phrases:
            for accent in ("en-us", "en-gb", "en-gb-rp"):
                spoken = phoneme_sequence(parse(espeak().transcribe(other, accent)))
                near = [distance_within(spoken, phonemes(negative)) * len(spoken) for negative in negatives]
                assert min(near) >= MIN_EDIT_COST, (other, negatives[int(np.argmin(near))])


def test_without_the_others_many_negatives_would_contain_one() -> None:
    texts = {negative.text for negative in hard_negatives("hey lumen", COUNT)}
    assert {"lumen", "they lumen", "lumen hey"} <= texts
    kept = {found.text for found in hard_negatives("hey lumen", COUNT, others=["lumen"]) if not found.ipa}
    assert not [text for text in kept if "lumen" in text.split()]
    assert {"hey", "hey you", "hey human"} <= kept
    assert hard_negatives("hey lumen", COUNT, others=["zebra"]) == hard_negatives("hey lumen", COUNT)


@pytest.mark.parametrize(
    ("phrase", "others", "parts"),
    [
        ("hey lumen", [], (True, True)),
        ("hey lumen", ["good morning"], (True, True)),
        ("hey lumen", ["lumen"], (True, False)),  # its end may be "lumen"
        ("lumen", ["hey lumen"], (True, True)),
        ("lumen lights", ["lumen"], (False, True)),
        ("turn on lumen now", ["lumen"], (False, False)),
        ("ok café", ["cafe\u0301"], (True, False)),
        ("hey colour", ["color"], (True, False)),
        ("colour", ["color"], (False, False)),  # a large part of a short word is like the whole
    ],
)
def test_parts_that_may_contain_another_phrase_are_told(
    phrase: str, others: list[str], parts: tuple[bool, bool]
) -> None:
    assert parts_without(phrase, others, 0.75, 0.2) == parts


TWELVE_LONG_WORDS = (
    "international organisation considering responsibility characteristically understanding professionalism "
    "telecommunication university entertainment mathematical encyclopedia"
)


def test_the_work_for_a_phrase_of_twelve_long_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    def counted(phrase: Sequence[str], texts: Sequence[Sequence[str]]) -> npt.NDArray[np.float64]:
        compared.append(len(phrase) * sum(map(len, texts)))
        return distances(phrase, texts)

    monkeypatch.setattr("wakeword.phrases.negatives.distances", counted)
    negatives = hard_negatives(TWELVE_LONG_WORDS, COUNT)
    assert len(negatives) == COUNT
    assert {negative.kind for negative in negatives} == {"word", "phrase", "partial", "phoneme"}
    assert sum(compared) < 300_000_000  # pairs of phonemes, some nanoseconds each


def test_runs_of_words_and_swapped_neighbours_are_negatives_of_a_long_phrase() -> None:
    texts = {found.text for found in hard_negatives("switch all the kitchen lights off", 2_000)}
    assert {"switch all the kitchen lights", "the kitchen lights", "all switch the kitchen lights off"} <= texts
    assert "switch all the kitchen lights off" not in texts


def test_only_negatives_that_are_no_words_have_phonemes(found: dict[str, list[HardNegative]]) -> None:
    for negative in found["computer"]:
        assert bool(negative.ipa) == (negative.kind == "phoneme" or " of computer" in negative.text), negative


def test_the_nearest_words_are_chosen_and_their_distances_are_given(found: dict[str, list[HardNegative]]) -> None:
    words = [negative for negative in found["computer"] if negative.kind == "word"]
    assert max(word.distance for word in words) < 0.4
    assert all(0 < negative.distance < 0.7 for negative in found["computer"])


def test_a_seed_gives_the_same_negatives_in_the_same_order() -> None:
    assert hard_negatives("computer", 60, seed=1) == hard_negatives("computer", 60, seed=1)
    assert hard_negatives("computer", 60, seed=1) != hard_negatives("computer", 60, seed=2)


def test_a_phrase_without_a_word_is_refused() -> None:
    with pytest.raises(UsageError, match="nothing to say"):
        hard_negatives("?!", 10)


def test_sentences_are_varied_and_contain_nothing_like_the_phrases() -> None:
    sentences = negative_sentences(["hey teacher", "garden"], 300)
    assert len(set(sentences)) == 300
    assert not [text for text in sentences if "teacher" in text or "garden" in text]
    assert len({text.split()[0] for text in sentences}) > 30
    assert 4 < sum(len(text.split()) for text in sentences) / 300 < 15


def test_words_are_varied_mostly_frequent_and_unlike_the_phrases() -> None:
    phrases = ["hey teacher", "garden"]
    words = negative_words(phrases, 400, seed=3)
    assert len(set(words)) == 400
    assert {"the", "and", "was"} < set(words)
    assert len(set(negative_words(phrases, 400, seed=4)) - set(words)) > 100  # the others of another seed
    assert not {"hey", "teacher", "garden", "gardens", "guarding"} & set(negative_words(phrases, 11_000))


def test_a_dissimilar_text_neither_contains_a_word_of_the_phrase_nor_sounds_like_it() -> None:
    texts = ["go home", "the gardener", "guarding it", "hey you", "seven"]
    assert list(dissimilar(["hey teacher", "garden"], texts)) == ["go home", "seven"]
