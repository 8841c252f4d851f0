"""The frequent words of a language, their phonemes, and how often they are said."""

from __future__ import annotations

import unicodedata
from functools import cache

from wakeword.phrases.espeak import espeak
from wakeword.phrases.language import Language
from wakeword.phrases.phonemes import is_vowel, parse, phoneme_sequence, unstressed

SIZE = 12_000  # most frequent words

_WORDS_AN_HOUR = 9000
_UNPARTED = ("ja", "ko", "zh")  # wordfreq parts their texts by dictionaries of other packages; a word needs none
_SHORT = ("LATIN", "CYRILLIC", "GREEK")  # words of one or two of these letters are mostly particles and abbreviations


@cache
def lexicon(language: Language) -> dict[str, tuple[str, ...]]:
    """Return the phonemes of the most frequent words, most frequent first.

    Words that are no words are left out: those in other letters, and those that are read letter by letter or in another
    language.
    """
    from wordfreq import top_n_list

    listed = top_n_list(language.lexicon, SIZE)
    if language.is_english:
        words = (word for word in listed if word.isascii() and word.isalpha() and len(word) > 2)
        pronounced = (word for word in words if set(word) & set("aeiouy"))  # the others are read letter by letter
        return {word: phoneme_sequence(parse(espeak().transcribe(word, language.accent))) for word in pronounced}
    shortest = 3 if language.scripts[0] in _SHORT else 2 if language.spaced else 1
    found = {}
    for word in listed:
        letters = sum(map(str.isalpha, word))
        if letters < shortest or language.foreign_letters(word) or any(map(str.isdigit, word)):
            continue
        if phonemes := _read(word, language):
            found[word] = phonemes
    return found


def said_per_hour(word: str, language: Language) -> float:
    """Return how often a word is said in an hour of talk, at 150 words a minute; 0 for one that is not listed."""
    from wordfreq import get_frequency_dict, word_frequency

    if language.lexicon in _UNPARTED:
        frequency = get_frequency_dict(language.lexicon).get(unicodedata.normalize("NFKC", word).casefold(), 0.0)
    else:
        frequency = word_frequency(word, language.lexicon)
    return float(frequency) * _WORDS_AN_HOUR


def _read(word: str, language: Language) -> tuple[str, ...]:
    """Return the phonemes of a word; () if it is spelt out, or read in another language."""
    ipa = espeak().transcribe(word, language.accent)
    if "(" in ipa or (language.spaced and " " in ipa):
        return ()
    spoken = espeak().phones(word, language.accent)
    phonemes = tuple(unstressed(phone.ipa) for part in spoken for phone in part)
    return phonemes if any(map(is_vowel, phonemes)) else ()
