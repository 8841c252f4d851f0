"""Phonemes of English: what espeak-ng writes is understood whole, every engine's spelling is there, near is near."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wordfreq import top_n_list

from wakeword.errors import WakewordError
from wakeword.phrases.espeak import ACCENTS, espeak
from wakeword.phrases.phonemes import (
    INVENTORY,
    distance,
    distance_within,
    distances,
    for_espeak,
    for_kokoro,
    indel_cost,
    parse,
    phoneme_sequence,
    spell,
    substitution_cost,
)
from wakeword.synth.kokoro import TOKENS

PHRASES = st.lists(st.sampled_from(sorted(INVENTORY)), min_size=1, max_size=8).map(tuple)


def said(text: str, accent: str = "en-us") -> tuple[str, ...]:
    return phoneme_sequence(parse(espeak().transcribe(text, accent)))


def test_a_phrase_is_words_of_phonemes_with_their_stress() -> None:
    assert parse(espeak().transcribe("hey lumen")) == (("h", "ˈeɪ"), ("l", "ˈuː", "m", "ɛ", "n"))
    assert said("fire") == ("f", "aɪ", "ɚ")
    assert said("snowboy", "en-gb") == ("s", "n", "əʊ", "b", "ɔɪ")


def test_clauses_are_one_phrase() -> None:
    assert parse(espeak().transcribe("yes. No, stop!")) == parse(espeak().transcribe("yes no stop"))


def test_a_text_without_a_word_is_refused() -> None:
    with pytest.raises(WakewordError, match="there is nothing to say in '…'"):
        espeak().transcribe("…")


@pytest.mark.parametrize("accent", ["en-us", "en-gb"])
def test_nothing_that_espeak_ng_writes_for_frequent_words_is_lost(accent: str) -> None:
    for word in filter(str.isalpha, top_n_list("en", 2000)):
        ipa = espeak().transcribe(word, accent)
        understood = spell(parse(ipa))
        # Two symbols in one, and one symbol for another, are what the inventory makes of them.
        alike = str.maketrans(
            {"a": "æ", "i": "ɪ", "r": "ɹ", "e": "ɛ", "x": "k", "̩": "", "̃": "", "ə": "", "ː": "", " ": ""}
        )
        assert understood.translate(alike) == ipa.translate(alike), word


@given(PHRASES)
def test_what_is_spelt_is_parsed_as_the_sounds_that_it_was(phrase: tuple[str, ...]) -> None:
    assert "".join(phoneme_sequence(parse(" ".join(phrase)))) == "".join(phrase)


@given(PHRASES)
def test_every_engine_can_spell_every_phoneme(phrase: tuple[str, ...]) -> None:
    words = (phrase, phrase)
    assert for_espeak(words).count(" ") == 1
    for british in (False, True):
        assert set(for_kokoro(words, british=british)) <= TOKENS.keys()


def test_kokoro_reads_american_and_british_as_it_was_trained() -> None:
    words = parse(espeak().transcribe("no car, bird, George"))
    assert for_kokoro(words, british=False) == "nˈO kˈɑɹ bˈɜɹd ʤˈɔɹʤ"
    british = parse(espeak().transcribe("no car, bird, George", "en-gb"))
    assert for_kokoro(british, british=True) == "nˈQ kˈɑː bˈɜːd ʤˈɔːʤ"


@pytest.mark.parametrize("text", ["hey lumen", "alexa", "the quick brown fox jumps over a lazy dog"])
@pytest.mark.parametrize("accent", ["en-us", "en-gb"])
def test_phonemes_are_spoken_as_the_text_is(text: str, accent: str) -> None:
    spoken = espeak().speak(text, accent=accent)
    of_phonemes = espeak().speak(for_espeak(parse(espeak().transcribe(text, accent))), accent=accent, phonemes=True)
    assert len(of_phonemes) == pytest.approx(len(spoken), rel=0.05)


@pytest.mark.parametrize("accent", ACCENTS)
def test_every_accent_speaks(accent: str) -> None:
    spoken = espeak().speak("alexa", accent=accent)
    assert 0.3 < len(spoken) / espeak().rate < 1.0
    assert abs(spoken.astype(int)).max() > 3000


def test_quick_and_high_speech_is_shorter_and_its_variant_another_voice() -> None:
    plain = espeak().speak("alexa")
    assert len(espeak().speak("alexa", words_per_minute=260)) < 0.85 * len(plain)
    assert espeak().speak("alexa", variant="f3").tobytes() != plain.tobytes()
    assert len(espeak().speak("alexa")) == pytest.approx(len(plain), rel=0.01)


@given(PHRASES, PHRASES)
def test_the_distance_is_one_of_two_phrases_and_lies_within_0_and_1(
    one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    assert distance(one, one) == 0
    assert distance(one, other) == pytest.approx(distance(other, one))
    assert 0 <= distance(one, other) <= 1


@given(PHRASES, st.lists(PHRASES, max_size=5))
def test_the_distances_to_a_whole_list_are_those_to_each(
    phrase: tuple[str, ...], lexicon: list[tuple[str, ...]]
) -> None:
    assert distances(phrase, lexicon) == pytest.approx([distance(phrase, other) for other in lexicon])


@given(PHRASES, PHRASES)
def test_a_phrase_is_heard_within_any_speech_that_holds_it(speech: tuple[str, ...], phrase: tuple[str, ...]) -> None:
    assert distance_within(phrase, (*speech, *phrase, *speech)) == 0


@pytest.mark.parametrize(
    ("one", "near", "far"),
    [
        ("p", "b", "s"),  # voicing against place and manner
        ("t", "d", "w"),
        ("m", "n", "k"),
        ("s", "ʃ", "l"),
        ("ɪ", "iː", "ɔː"),
        ("oʊ", "əʊ", "eɪ"),
        ("uː", "w", "t"),  # a vowel and its glide against a vowel and a stop
    ],
)
def test_phonemes_that_sound_alike_are_near(one: str, near: str, far: str) -> None:
    assert 0 < substitution_cost(one, near) < substitution_cost(one, far)


def test_words_that_sound_alike_are_nearer_than_those_that_do_not() -> None:
    near = distance(said("alexa"), said("alexis"))
    assert 0 < near < distance(said("alexa"), said("alaska")) < distance(said("alexa"), said("tomorrow"))


def test_a_schwa_is_lost_more_easily_than_a_full_vowel() -> None:
    assert indel_cost("ə") < indel_cost("eɪ")
