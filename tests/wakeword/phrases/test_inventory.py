"""Languages other than English: their phonemes, lexicons, negatives and sentences."""

from __future__ import annotations

from collections import Counter

import pytest

from wakeword.phrases.espeak import espeak
from wakeword.phrases.inventory import in_espeak_notation, inventory, pronounce, read_ipa
from wakeword.phrases.ipa import features
from wakeword.phrases.language import LANGUAGES
from wakeword.phrases.lexicon import lexicon
from wakeword.phrases.negatives import MIN_EDIT_COST, hard_negatives, negative_sentences, negative_words, targets
from wakeword.phrases.phonemes import distance_within, is_vowel, phoneme_sequence, spell, substitution_cost
from wakeword.phrases.spoken import Spoken

PHRASES = {"de": "hallo lampe", "fr": "bonjour lumière", "ru": "привет дом", "ko": "안녕 컴퓨터", "zh": "小爱同学"}


@pytest.fixture(params=PHRASES)
def spoken(request: pytest.FixtureRequest) -> Spoken:
    return Spoken(LANGUAGES[request.param])


def test_the_phonemes_of_german_are_named_as_espeak_ng_names_them() -> None:
    names = inventory(LANGUAGES["de"]).names
    assert {"ʃ": "S", "ç": "C", "yː": "y:", "ts": "ts", "aɪ": "aI", "ʊ": "U"}.items() <= names.items()
    assert {"θ", "ð", "w"} & names.keys() == set()


def test_palatal_consonants_and_tones_belong_to_their_phonemes() -> None:
    assert pronounce("нет", "ru") == (("nʲ", "ˈe", "t"),)
    assert [word[1] for word in pronounce("妈麻马骂", "zh")] == ["ˈɑ55", "ˈɑ35", "ˈɑ214", "ˈɑ51"]


@pytest.mark.parametrize("code", PHRASES)
def test_a_phrase_spelt_by_phonemes_sounds_as_it_does_in_letters(code: str) -> None:
    words = pronounce(PHRASES[code], code)
    assert read_ipa(spell(words), code) == words
    spelt = espeak().speak(in_espeak_notation(words, code), accent=code, phonemes=True)
    assert len(spelt) == pytest.approx(len(espeak().speak(PHRASES[code], accent=code)), rel=0.1)


def test_words_in_another_language_have_phonemes_and_no_marks() -> None:
    assert "(" in espeak().transcribe("Baby", "de")
    assert phoneme_sequence(pronounce("Baby", "de")) == ("b", "eɪ", "b", "i")
    assert in_espeak_notation(pronounce("Baby", "de"), "de").startswith("b|'")  # by the nearest of German's


def test_a_lexicon_has_no_word_that_is_spelt_out_or_read_in_another_language() -> None:
    for code in ("de", "ru", "ja"):
        words = list(lexicon(LANGUAGES[code]))
        assert len(words) > 2_000
        assert not [word for word in words[:2_000] if "(" in espeak().transcribe(word, code)]
        assert not LANGUAGES[code].foreign_letters("".join(words))


def test_every_kind_of_hard_negative_is_found_and_none_is_the_phrase(spoken: Spoken) -> None:
    phrase = PHRASES[spoken.language.code]
    (target,) = targets([phrase], spoken)
    negatives = hard_negatives(phrase, 200, spoken=spoken)
    assert Counter(found.kind for found in negatives).keys() == {"word", "phrase", "partial", "phoneme"}
    accent = spoken.language.accent
    for found in negatives:
        said = phoneme_sequence(read_ipa(found.ipa, accent) if found.ipa else pronounce(found.text, accent))
        assert distance_within(target.phonemes, said) * len(target.phonemes) >= MIN_EDIT_COST, found


def test_changed_phonemes_are_those_of_the_language() -> None:
    phrase = PHRASES["de"]
    changed = [
        each.ipa for each in hard_negatives(phrase, 400, spoken=Spoken(LANGUAGES["de"])) if each.kind == "phoneme"
    ]
    phonemes = {phoneme for ipa in changed for phoneme in phoneme_sequence(read_ipa(ipa, "de"))}
    assert phonemes <= inventory(LANGUAGES["de"]).names.keys()
    assert not any(ipa.startswith("ŋ") for ipa in changed)  # no German word begins so


def test_sentences_and_words_are_of_the_language(spoken: Spoken) -> None:
    phrase = PHRASES[spoken.language.code]
    sentences = negative_sentences([phrase], 50, spoken=spoken)
    assert len(set(sentences)) == 50
    assert negative_sentences([phrase], 50, spoken=spoken) == sentences
    assert {sentence[-1] for sentence in sentences} == {".", "?", "!"}
    assert not [text for text in sentences if spoken.language.foreign_letters(text)]
    words = negative_words([phrase], 100, spoken=spoken)
    assert len(set(words)) == 100 and set(words) <= lexicon(spoken.language).keys()


def test_features_tell_vowels_consonants_and_what_changes_them() -> None:
    assert [is_vowel(ipa) for ipa in ("yː", "ɐ̃ʊ̃", "onɡ35", "ju", "tɕ", "r̝", "nʲ")] == [True] * 4 + [False] * 3
    assert features("7") is None
    assert substitution_cost("s", "ʃ") < substitution_cost("s", "m")
    assert substitution_cost("ɛ", "ɛ̃") < substitution_cost("ɛ", "u")
    assert 0 < substitution_cost("ɑ51", "ɑ35") < MIN_EDIT_COST  # another tone alone makes no negative
    assert substitution_cost("t", "tʲ") > 0
