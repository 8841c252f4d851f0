"""English phonemes: parsing of espeak-ng's output, the notation of each engine, phonetic distance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wordfreq import top_n_list

from wakeword.errors import UsageError
from wakeword.phrases.espeak import espeak
from wakeword.phrases.language import VOICES
from wakeword.phrases.phonemes import (
    INVENTORY,
    distance,
    distance_within,
    distances,
    distances_within,
    for_espeak,
    for_kokoro,
    indel_cost,
    parse,
    phoneme_sequence,
    spell,
    substitution_cost,
)
from wakeword.synth.kokoro_notation import TOKENS

PHRASES = st.lists(st.sampled_from(sorted(INVENTORY)), min_size=1, max_size=8).map(tuple)


def phonemes(text: str, accent: str = "en-us") -> tuple[str, ...]:
    return phoneme_sequence(parse(espeak().transcribe(text, accent)))


def test_a_phrase_is_parsed_into_words_of_phonemes_with_stress() -> None:
    assert parse(espeak().transcribe("hey lumen")) == (("h", "ˈeɪ"), ("l", "ˈuː", "m", "ɛ", "n"))
    assert phonemes("fire") == ("f", "aɪ", "ɚ")
    assert phonemes("snowboy", "en-gb") == ("s", "n", "əʊ", "b", "ɔɪ")


def test_clauses_form_one_phrase() -> None:
    assert parse(espeak().transcribe("yes. No, stop!")) == parse(espeak().transcribe("yes no stop"))


def test_a_text_without_a_word_is_refused() -> None:
    with pytest.raises(UsageError, match="there is nothing to say in '…'"):
        espeak().transcribe("…")


@pytest.mark.parametrize("accent", ["en-us", "en-gb"])
def test_no_symbol_that_espeak_ng_writes_for_frequent_words_is_lost(accent: str) -> None:
    for word in filter(str.isalpha, top_n_list("en", 2000)):
        ipa = espeak().transcribe(word, accent)
        understood = spell(parse(ipa))
        # The inventory merges some symbols and replaces others.
        alike = str.maketrans(
            {"a": "æ", "i": "ɪ", "r": "ɹ", "e": "ɛ", "x": "k", "̩": "", "̃": "", "ə": "", "ː": "", " ": ""}
        )
        assert understood.translate(alike) == ipa.translate(alike), word


@given(PHRASES)
def test_parsing_returns_the_phonemes_that_were_spelled(phrase: tuple[str, ...]) -> None:
    assert "".join(phoneme_sequence(parse(" ".join(phrase)))) == "".join(phrase)


@given(PHRASES)
def test_every_engine_has_a_notation_for_every_phoneme(phrase: tuple[str, ...]) -> None:
    words = (phrase, phrase)
    assert for_espeak(words).count(" ") == 1
    for british in (False, True):
        assert set(for_kokoro(words, british=british)) <= TOKENS.keys()


def test_kokoro_gets_its_own_notation_in_american_and_british() -> None:
    words = parse(espeak().transcribe("no car, bird, George"))
    assert for_kokoro(words, british=False) == "nˈO kˈɑɹ bˈɜɹd ʤˈɔɹʤ"
    british = parse(espeak().transcribe("no car, bird, George", "en-gb"))
    assert for_kokoro(british, british=True) == "nˈQ kˈɑː bˈɜːd ʤˈɔːʤ"


@pytest.mark.parametrize("text", ["hey lumen", "alexa", "the quick brown fox jumps over a lazy dog"])
@pytest.mark.parametrize("accent", ["en-us", "en-gb"])
def test_phonemes_take_as_long_to_speak_as_their_text(text: str, accent: str) -> None:
    spoken = espeak().speak(text, accent=accent)
    of_phonemes = espeak().speak(for_espeak(parse(espeak().transcribe(text, accent))), accent=accent, phonemes=True)
    assert len(of_phonemes) == pytest.approx(len(spoken), rel=0.05)


@pytest.mark.parametrize("accent", VOICES)
def test_every_accent_speaks(accent: str) -> None:
    spoken = espeak().speak("alexa", accent=accent)
    assert 0.3 < len(spoken) / espeak().rate < 2.0  # Japanese names the letters
    assert abs(spoken.astype(int)).max() > 3000


def test_a_higher_rate_shortens_speech_and_a_variant_changes_the_voice() -> None:
    plain = espeak().speak("alexa")
    assert len(espeak().speak("alexa", words_per_minute=260)) < 0.85 * len(plain)
    assert espeak().speak("alexa", variant="f3").tobytes() != plain.tobytes()
    assert len(espeak().speak("alexa")) == pytest.approx(len(plain), rel=0.01)


@given(PHRASES, PHRASES)
def test_the_distance_is_symmetric_and_between_0_and_1(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert distance(one, one) == 0
    assert distance(one, other) == pytest.approx(distance(other, one))
    assert 0 <= distance(one, other) <= 1


@given(PHRASES, st.lists(PHRASES, max_size=5))
def test_the_distances_to_a_lexicon_equal_the_distance_to_each_entry(
    phrase: tuple[str, ...], lexicon: list[tuple[str, ...]]
) -> None:
    assert distances(phrase, lexicon) == pytest.approx([distance(phrase, other) for other in lexicon])
    assert distances_within(phrase, lexicon).tolist() == [distance_within(phrase, other) for other in lexicon]


@given(PHRASES, PHRASES)
def test_the_distance_within_speech_that_contains_the_phrase_is_0(
    speech: tuple[str, ...], phrase: tuple[str, ...]
) -> None:
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
def test_similar_phonemes_cost_less_to_replace(one: str, near: str, far: str) -> None:
    assert 0 < substitution_cost(one, near) < substitution_cost(one, far)


def test_similar_words_are_nearer_than_others() -> None:
    near = distance(phonemes("alexa"), phonemes("alexis"))
    assert (
        0 < near < distance(phonemes("alexa"), phonemes("alaska")) < distance(phonemes("alexa"), phonemes("tomorrow"))
    )


def test_a_schwa_costs_less_to_delete_than_a_full_vowel() -> None:
    assert indel_cost("ə") < indel_cost("eɪ")
