"""Phonetic features of any phoneme in IPA, on the scales of `wakeword.phrases.phonemes`.

A symbol is one letter with its modifiers ("tʲ"), or several that are one phoneme: an affricate ("ts"), a diphthong
("aɪ"), or a vowel with what follows it in its syllable ("ong").
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

STOP, AFFRICATE, FRICATIVE, TAP, NASAL, LIQUID, GLIDE = 0.0, 0.25, 0.4, 0.6, 0.75, 0.9, 1.0
_LIPS, _TEETH, _RIDGE, _BEHIND, _CURLED, _PALATE, _VELUM, _UVULA, _PHARYNX, _GLOTTIS = (
    0.0, 0.3, 0.4, 0.55, 0.6, 0.7, 0.85, 0.92, 0.96, 1.0,
)  # fmt: skip


class Sound(NamedTuple):
    """A consonant: place, 0 at the lips to 1 at the glottis; sonority, 0 for a stop to 1 for a glide; its voicing."""

    place: float
    sonority: float
    voiced: bool


class Tongue(NamedTuple):
    """A vowel: openness and backness, 0 to 1, and whether the lips are rounded."""

    openness: float
    backness: float
    rounded: bool


# The letters of each place and manner, a voiceless one and a voiced one; a dot where there is none.
_CONSONANTS = {
    (_LIPS, STOP): "pb", (_RIDGE, STOP): "td", (_CURLED, STOP): "ʈɖ", (_PALATE, STOP): "cɟ", (_VELUM, STOP): "kɡ",
    (_UVULA, STOP): "qɢ", (_GLOTTIS, STOP): "ʔ.",
    (_LIPS, STOP + 0.1): ".ɓ", (_RIDGE, STOP + 0.1): ".ɗ", (_PALATE, STOP + 0.1): ".ʄ", (_VELUM, STOP + 0.1): ".ɠ",
    (_RIDGE, AFFRICATE): "ʦʣ", (_BEHIND, AFFRICATE): "ʧʤ", (_CURLED, AFFRICATE): "ꭧ.", (_PALATE, AFFRICATE): "ʨʥ",
    (_LIPS, FRICATIVE): "ɸβ", (0.1, FRICATIVE): "fv", (_TEETH, FRICATIVE): "θð", (_RIDGE, FRICATIVE): "sz",
    (_BEHIND, FRICATIVE): "ʃʒ", (_CURLED, FRICATIVE): "ʂʐ", (_PALATE - 0.05, FRICATIVE): "ɕʑ",
    (_PALATE, FRICATIVE): "çʝ", (_VELUM, FRICATIVE): "xɣ", (_UVULA, FRICATIVE): "χʁ", (_PHARYNX, FRICATIVE): "ħʕ",
    (_GLOTTIS, FRICATIVE): "hɦ", (_RIDGE + 0.1, FRICATIVE): "ɬɮ", (_BEHIND + 0.1, FRICATIVE): "ɧ.",
    (_LIPS, NASAL): ".m", (0.1, NASAL): ".ɱ", (_RIDGE, NASAL): ".n", (_CURLED, NASAL): ".ɳ", (_PALATE, NASAL): ".ɲ",
    (_VELUM, NASAL): ".ŋ", (_UVULA, NASAL): ".ɴ",
    (_RIDGE, TAP): ".ɾ", (_CURLED, TAP): ".ɽ", (_RIDGE, TAP + 0.1): ".r", (_UVULA, TAP + 0.1): ".ʀ",
    (_RIDGE, LIQUID): ".l", (_CURLED, LIQUID): ".ɭ", (_PALATE, LIQUID): ".ʎ", (_VELUM, LIQUID): ".ʟ",
    (_RIDGE + 0.1, LIQUID): ".ɫ", (_BEHIND, LIQUID): ".ɹ", (_CURLED, LIQUID + 0.05): ".ɻ",
    (0.1, GLIDE): ".ʋ", (_PALATE, GLIDE): ".j", (_PALATE - 0.2, GLIDE): ".ɥ", (_VELUM, GLIDE): ".ɰ",
    (_LIPS, GLIDE): "ʍw",
}  # fmt: skip
_SOUNDS = {
    letter: Sound(place, sonority, voiced)
    for (place, sonority), pair in _CONSONANTS.items()
    for letter, voiced in zip(pair, (False, True), strict=True)
}

# The vowels of each openness and backness, an unrounded one and a rounded one.
_VOWELS = {
    (0.0, 0.0): "iy", (0.0, 0.5): "ɨʉ", (0.0, 0.95): "ɯu", (0.2, 0.2): "ɪʏ", (0.2, 0.8): ".ʊ", (0.25, 0.35): "ᵻᵿ",
    (0.35, 0.0): "eø", (0.4, 0.5): "ɘɵ", (0.4, 0.95): "ɤo", (0.5, 0.5): "ə.", (0.6, 0.05): "ɛœ", (0.55, 0.5): "ɜɞ",
    (0.65, 0.7): "ʌ.", (0.65, 1.0): ".ɔ", (0.85, 0.1): "æ.", (0.7, 0.5): "ɐ.", (0.9, 0.3): "aɶ", (1.0, 0.9): "ɑ.",
    (0.95, 1.0): ".ɒ", (0.45, 0.5): "ɚ.", (0.55, 0.45): "ɝ.",
}  # fmt: skip
_TONGUES = {
    letter: Tongue(*place, rounded)
    for place, pair in _VOWELS.items()
    for letter, rounded in zip(pair, (False, True), strict=True)
}
del _SOUNDS["."], _TONGUES["."]

_MARKS = {
    "ː": "long", "\u0303": "nasal", "ʲ": "palatal", "ʰ": "aspirated", "ʱ": "aspirated", "ʷ": "rounded",
    "ˤ": "pharyngeal", "\u031d": "raised", "\u0329": "syllabic", "ʼ": "ejective", "ᵝ": "rounded",
}  # fmt: skip

# What espeak-ng or a user may write for a letter: a Greek epsilon, a Latin g.
_OTHER_SPELLINGS = {"c\u0327": "ç", "ε": "ɛ", "g": "ɡ"}


class Features(NamedTuple):
    """The features of a phoneme: of a consonant, or of a vowel's beginning and end; and the marks that change it."""

    sound: Sound | None
    tongues: tuple[Tongue, ...]
    marks: frozenset[str]


@lru_cache(4096)
def features(symbol: str) -> Features | None:
    """Return the features of a phoneme; None if it has no letter that is known."""
    spelt = unicodedata.normalize("NFD", symbol)
    for other, usual in _OTHER_SPELLINGS.items():
        spelt = spelt.replace(other, usual)
    letters = [c for c in spelt if c in _SOUNDS or c in _TONGUES]
    if not letters:
        return None
    marks = {_MARKS[c] for c in spelt if c in _MARKS}
    if tone := "".join(c for c in spelt if c.isdigit()):
        marks.add(f"tone {tone}")
    tongues = tuple(_TONGUES[c] for c in letters if c in _TONGUES)
    consonants = [c for c in letters if c in _SOUNDS]
    if tongues:  # with what is before and after it in its syllable
        return Features(None, tongues, frozenset(marks | {f"with {c}" for c in consonants}))
    first, last = _SOUNDS[consonants[0]], _SOUNDS[consonants[-1]]
    if len(consonants) > 1 and consonants[-1] == "h":
        marks.add("aspirated")
        last = _SOUNDS[consonants[-2]]
    if first.sonority == STOP and last.sonority == FRICATIVE:
        last = Sound(last.place, AFFRICATE, last.voiced)
    return Features(last, (), frozenset(marks))
