"""Parse phrases into English phonemes, spell them for each speech engine, and measure phonetic distance.

The phonemes of other languages, `wakeword.phrases.inventory`, have the features of `wakeword.phrases.ipa`; distance is
the same for all.

A phrase is a tuple of words, and a word a tuple of phonemes in IPA, a stressed one with its mark in front:
"hˈeɪ lˈuːmən" is (("h", "ˈeɪ"), ("l", "ˈuː", "m", "ə", "n")).

The distance is the weighted edit distance of phonetic alignment (Kondrak, "A New Algorithm for the Alignment of
Phonetic Sequences", NAACL 2000): a substitution costs by the features that it changes, and between a vowel and a
consonant it is never cheap.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from wakeword.phrases.ipa import features

Words = tuple[tuple[str, ...], ...]

STRESS = "ˈˌ"


@dataclass(frozen=True)
class Phoneme:
    """One phoneme in each notation.

    ipa: as espeak-ng writes it. espeak: espeak-ng's own notation. kokoro, kokoro_british: Kokoro's notation, and its
    British form if that differs. marks: what changes it, such as "nasal"; English phonemes have none.
    """

    ipa: str
    espeak: str = ""
    kokoro: str = ""
    kokoro_british: str = ""
    marks: frozenset[str] = frozenset()

    def spelt_for_kokoro(self, british: bool) -> str:
        return (british and self.kokoro_british) or self.kokoro


@dataclass(frozen=True)
class Consonant(Phoneme):
    """A consonant. place: 0 at the lips to 1 at the glottis. sonority: 0 for a stop to 1 for a glide."""

    place: float = 0.0
    sonority: float = 0.0
    voiced: bool = False


@dataclass(frozen=True)
class Vowel(Phoneme):
    """A vowel. first, last: positions of the tongue, (openness, backness), 0 to 1; they differ in a diphthong."""

    first: tuple[float, float] = (0.5, 0.5)
    last: tuple[float, float] = (0.5, 0.5)
    rounded: bool = False
    rhotic: bool = False
    reduced: bool = False  # often dropped in fluent speech


def _consonants() -> list[Phoneme]:
    stop, affricate, fricative, nasal, tap, liquid, glide = 0.0, 0.25, 0.4, 0.75, 0.6, 0.9, 1.0
    lips, teeth, ridge, behind, palate, velum, glottis = 0.0, 0.3, 0.4, 0.55, 0.7, 0.85, 1.0
    return [
        Consonant("p", "p", "p", place=lips, sonority=stop),
        Consonant("b", "b", "b", place=lips, sonority=stop, voiced=True),
        Consonant("t", "t", "t", place=ridge, sonority=stop),
        Consonant("d", "d", "d", place=ridge, sonority=stop, voiced=True),
        Consonant("k", "k", "k", place=velum, sonority=stop),
        Consonant("ɡ", "g", "ɡ", place=velum, sonority=stop, voiced=True),
        Consonant("ʔ", "?", "t", place=glottis, sonority=stop),
        Consonant("ɾ", "t#", "ɾ", "t", place=ridge, sonority=tap, voiced=True),
        Consonant("tʃ", "tS", "ʧ", place=behind, sonority=affricate),
        Consonant("dʒ", "dZ", "ʤ", place=behind, sonority=affricate, voiced=True),
        Consonant("f", "f", "f", place=lips + 0.1, sonority=fricative),
        Consonant("v", "v", "v", place=lips + 0.1, sonority=fricative, voiced=True),
        Consonant("θ", "T", "θ", place=teeth, sonority=fricative),
        Consonant("ð", "D", "ð", place=teeth, sonority=fricative, voiced=True),
        Consonant("s", "s", "s", place=ridge, sonority=fricative),
        Consonant("z", "z", "z", place=ridge, sonority=fricative, voiced=True),
        Consonant("ʃ", "S", "ʃ", place=behind, sonority=fricative),
        Consonant("ʒ", "Z", "ʒ", place=behind, sonority=fricative, voiced=True),
        Consonant("h", "h", "h", place=glottis, sonority=fricative),
        Consonant("m", "m", "m", place=lips, sonority=nasal, voiced=True),
        Consonant("n", "n", "n", place=ridge, sonority=nasal, voiced=True),
        Consonant("ŋ", "N", "ŋ", place=velum, sonority=nasal, voiced=True),
        Consonant("l", "l", "l", place=ridge, sonority=liquid, voiced=True),
        Consonant("ɹ", "r", "ɹ", place=behind, sonority=liquid, voiced=True),
        Consonant("j", "j", "j", place=palate, sonority=glide, voiced=True),
        Consonant("w", "w", "w", place=lips, sonority=glide, voiced=True),
    ]


def _vowels() -> list[Phoneme]:
    fleece, kit, dress, trap, strut = (0.0, 0.0), (0.2, 0.2), (0.6, 0.05), (0.85, 0.1), (0.65, 0.7)
    palm, thought, foot, goose, middle = (1.0, 0.9), (0.65, 1.0), (0.2, 0.8), (0.0, 0.95), (0.5, 0.5)
    return [
        Vowel("iː", "i:", "i", "iː", first=fleece, last=fleece),
        Vowel("i", "i", "i", first=fleece, last=fleece),
        Vowel("ɪ", "I", "ɪ", first=kit, last=kit),
        Vowel("ᵻ", "I#", "ɪ", first=(0.25, 0.35), last=(0.25, 0.35), reduced=True),
        Vowel("ɛ", "E", "ɛ", first=dress, last=dress),
        Vowel("æ", "a", "æ", "a", first=trap, last=trap),
        Vowel("ʌ", "V", "ʌ", first=strut, last=strut),
        Vowel("ə", "@", "ə", first=middle, last=middle, reduced=True),
        Vowel("ɐ", "a#", "ə", first=(0.6, 0.5), last=(0.6, 0.5), reduced=True),
        Vowel("ɚ", "3", "əɹ", "ə", first=middle, last=middle, rhotic=True),
        Vowel("ɜː", "3:", "ɜɹ", "ɜː", first=(0.55, 0.5), last=(0.55, 0.5), rhotic=True),
        Vowel("ɑː", "A:", "ɑ", "ɑː", first=palm, last=palm),
        Vowel("ɒ", "0", "ɑ", "ɒ", first=(0.95, 1.0), last=(0.95, 1.0), rounded=True),
        Vowel("ɔː", "O:", "ɔ", "ɔː", first=thought, last=thought, rounded=True),
        Vowel("ʊ", "U", "ʊ", first=foot, last=foot, rounded=True),
        Vowel("uː", "u:", "u", "uː", first=goose, last=goose, rounded=True),
        Vowel("eɪ", "eI", "A", first=(0.4, 0.0), last=kit),
        Vowel("aɪ", "aI", "I", first=(1.0, 0.3), last=kit),
        Vowel("ɔɪ", "OI", "Y", first=thought, last=kit, rounded=True),
        Vowel("oʊ", "oU", "O", "Q", first=(0.4, 1.0), last=foot, rounded=True),
        Vowel("əʊ", "oU", "O", "Q", first=(0.45, 0.7), last=foot, rounded=True),
        Vowel("aʊ", "aU", "W", first=(1.0, 0.3), last=foot),
    ]


INVENTORY = {phoneme.ipa: phoneme for phoneme in (*_consonants(), *_vowels())}

# Other symbols that espeak-ng writes for English, in phonemes of the inventory.
_SPLIT = {
    "əl": "ə l", "n̩": "ə n", "ɑːɹ": "ɑː ɹ", "ɔːɹ": "ɔː ɹ", "ɛɹ": "ɛ ɹ", "ɪɹ": "ɪ ɹ", "ʊɹ": "ʊ ɹ", "iə": "ɪ ə",
    "eə": "ɛ ə", "ʊə": "ʊ ə", "aɪɚ": "aɪ ɚ", "aɪə": "aɪ ə", "iːː": "iː", "ɔ": "ɔː", "ɑ̃": "ɑː", "ɑ": "ɑː", "a": "æ",
    "u": "uː", "e": "ɛ", "o": "oʊ", "r": "ɹ", "x": "k", "g": "ɡ", "ɜ": "ɜː", "ɬ": "l",
}  # fmt: skip
_SPELT = {**{ipa: [ipa] for ipa in INVENTORY}, **{symbol: spelt.split() for symbol, spelt in _SPLIT.items()}}
_SYMBOL = re.compile("|".join([*sorted(_SPELT, key=len, reverse=True), *STRESS]))  # longest first

MIN_SUBSTITUTION = 0.1  # the least cost of a substitution
_VOICING, _PLACE, _SONORITY = 0.25, 0.5, 0.5
_OPENNESS, _BACKNESS, _ROUNDING, _RHOTICITY = 0.5, 0.4, 0.1, 0.15
_MARK = 0.15  # for each mark that only one of two phonemes has
_VOWEL_FOR_CONSONANT = 1.0
_GLIDE_FOR_VOWEL = 0.5
_INDEL, _WEAK_INDEL = 0.7, 0.4
_WEAK = {"h", "ʔ"}
_GLIDES = {("j", "iː"), ("j", "i"), ("j", "ɪ"), ("w", "uː"), ("w", "ʊ")}


def parse(ipa: str) -> Words:
    """Parse a phrase in espeak-ng's IPA; symbols that are not English are left out."""
    return tuple(word for word in map(_parse_word, ipa.split()) if word)


def unparsed(ipa: str) -> str:
    """Return what `parse` leaves out."""
    return _SYMBOL.sub("", ipa)


def spell(words: Words) -> str:
    """Return the phrase in IPA, the inverse of `parse`."""
    return " ".join("".join(word) for word in words)


def phoneme_sequence(words: Words) -> tuple[str, ...]:
    """Return all phonemes of a phrase in one sequence, without stress."""
    return tuple(phoneme.lstrip(STRESS) for word in words for phoneme in word)


def unstressed(phoneme: str) -> str:
    """Return a phoneme without its stress mark."""
    return phoneme.lstrip(STRESS)


def for_espeak(words: Words) -> str:
    """Return the phrase in espeak-ng's own notation."""
    marks = str.maketrans({"ˈ": "'", "ˌ": ","})
    return " ".join(
        # A bar separates phonemes, whose names could merge; an underscore would be a pause.
        "|".join(_mark(phoneme).translate(marks) + _of(phoneme).espeak for phoneme in word)
        for word in words
    )


def for_kokoro(words: Words, *, british: bool) -> str:
    """Return the phrase in Kokoro's notation."""
    spelt = " ".join(
        "".join(_mark(phoneme) + _of(phoneme).spelt_for_kokoro(british) for phoneme in word) for word in words
    )
    return spelt.replace("ɹɹ", "ɹ")  # the r of ɚ and the r that links it to a vowel


@cache
def known(ipa: str) -> Phoneme:
    """Return the features of a phoneme of any language. Raises KeyError if it has no letter of IPA."""
    if ipa in INVENTORY:
        return INVENTORY[ipa]
    found = features(ipa)
    if found is None:
        raise KeyError(ipa)
    if found.sound:
        return Consonant(ipa, marks=found.marks, **found.sound._asdict())
    first, last = found.tongues[0], found.tongues[-1]
    return Vowel(ipa, marks=found.marks, first=first[:2], last=last[:2], rounded=first.rounded or last.rounded)


def is_vowel(ipa: str) -> bool:
    """Tell whether a phoneme of any language is a vowel."""
    return isinstance(known(ipa), Vowel)


@cache
def substitution_cost(one: str, other: str) -> float:
    """Return the cost of replacing one phoneme by another, 0 to 1; 0 if they sound alike."""
    a, b = known(one), known(other)
    if isinstance(a, Consonant) and isinstance(b, Consonant):
        apart = _VOICING * (a.voiced != b.voiced) + _PLACE * abs(a.place - b.place)
        apart += _SONORITY * abs(a.sonority - b.sonority)
    elif isinstance(a, Vowel) and isinstance(b, Vowel):
        apart = (_tongue(a.first, b.first) + _tongue(a.last, b.last)) / 2
        apart += _ROUNDING * (a.rounded != b.rounded) + _RHOTICITY * (a.rhotic != b.rhotic)
    elif (one, other) in _GLIDES or (other, one) in _GLIDES:
        return _GLIDE_FOR_VOWEL
    else:
        return _VOWEL_FOR_CONSONANT
    apart += _MARK * len({mark.split()[0] for mark in a.marks ^ b.marks})  # two tones differ once
    return min(apart + MIN_SUBSTITUTION, 1.0) if apart else 0.0


@cache
def indel_cost(phoneme: str) -> float:
    """Return the cost of deleting or inserting a phoneme."""
    sound = known(phoneme)
    weak = phoneme in _WEAK or (isinstance(sound, Vowel) and sound.reduced)
    return _WEAK_INDEL if weak else _INDEL


def distance(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the edit cost between two sequences per phoneme of the longer: 0 alike, 1 nothing in common."""
    costs = _alignment(one, other, anywhere=False)
    return costs[-1] / max(len(one), len(other), 1)


def distance_within(phrase: Sequence[str], speech: Sequence[str]) -> float:
    """Return the edit cost between a phrase and the nearest part of longer speech, per phoneme of the phrase."""
    return min(_alignment(phrase, speech, anywhere=True)) / max(len(phrase), 1)


def distances(phrase: Sequence[str], lexicon: Sequence[Sequence[str]]) -> npt.NDArray[np.float64]:
    """Return the `distance` to each entry of a lexicon, computed at once: float64 (len(lexicon),)."""
    lengths = _lengths(lexicon)
    costs = np.take_along_axis(_alignments(phrase, lexicon, anywhere=False), lengths[np.newaxis], axis=0)[0]
    return np.asarray(costs / np.maximum(np.maximum(lengths, len(phrase)), 1))


def distances_within(phrase: Sequence[str], speech: Sequence[Sequence[str]]) -> npt.NDArray[np.float64]:
    """Return the `distance_within` of a phrase and each of many texts, computed at once: float64 (len(speech),)."""
    costs = _alignments(phrase, speech, anywhere=True)
    beyond = np.arange(len(costs))[:, np.newaxis] > _lengths(speech)
    return np.asarray(np.where(beyond, np.inf, costs).min(axis=0) / max(len(phrase), 1))


def _lengths(lexicon: Sequence[Sequence[str]]) -> npt.NDArray[np.int64]:
    return np.array([len(entry) for entry in lexicon], np.int64)


def _alignments(phrase: Sequence[str], lexicon: Sequence[Sequence[str]], anywhere: bool) -> npt.NDArray[np.float64]:
    """Return the `_alignment` with each entry of a lexicon as a column; what is below an entry's length is void."""
    names = sorted({phoneme for entry in lexicon for phoneme in entry})
    number = {name: index for index, name in enumerate(names)}
    # A column of phonemes for each entry.
    entries = np.zeros((_lengths(lexicon).max(initial=0), len(lexicon)), np.int64)
    for column, entry in enumerate(lexicon):
        entries[: len(entry), column] = [number[phoneme] for phoneme in entry]
    inserted = np.array([indel_cost(name) for name in names], np.float64)[entries]
    row = np.zeros((len(entries) + 1, len(lexicon)))
    if not anywhere:
        row[1:] = np.cumsum(inserted, axis=0)
    for phoneme in phrase:
        replaced = row[:-1] + np.array([substitution_cost(phoneme, name) for name in names], np.float64)[entries]
        best = np.minimum(replaced, row[1:] + indel_cost(phoneme))
        below = [row[0] + indel_cost(phoneme)]
        for index, cost in enumerate(best):
            below.append(np.minimum(cost, below[-1] + inserted[index]))
        row = np.array(below)
    return row


def _alignment(phrase: Sequence[str], speech: Sequence[str], anywhere: bool) -> list[float]:
    """Return the cost of aligning the phrase with the speech up to each of its phonemes.

    anywhere: the phrase may begin at any phoneme of the speech, at no cost.
    """
    row = [0.0]
    for spoken in speech:
        row.append(0.0 if anywhere else row[-1] + indel_cost(spoken))
    for phoneme in phrase:
        deleted = indel_cost(phoneme)
        below = [row[0] + deleted]
        for column, spoken in enumerate(speech, start=1):
            replaced = row[column - 1] + substitution_cost(phoneme, spoken)
            below.append(min(replaced, row[column] + deleted, below[-1] + indel_cost(spoken)))
        row = below
    return row


def _tongue(one: tuple[float, float], other: tuple[float, float]) -> float:
    return _OPENNESS * abs(one[0] - other[0]) + _BACKNESS * abs(one[1] - other[1])


def _mark(phoneme: str) -> str:
    return phoneme[0] if phoneme[0] in STRESS else ""


def _of(phoneme: str) -> Phoneme:
    return INVENTORY[phoneme.lstrip(STRESS)]


def _parse_word(word: str) -> tuple[str, ...]:
    phonemes: list[str] = []
    stress = ""
    for symbol in _SYMBOL.findall(word):
        if symbol in STRESS:
            stress = symbol
            continue
        first, *others = _SPELT[symbol]
        phonemes += [stress + first, *others]
        stress = ""
    return tuple(phonemes)
