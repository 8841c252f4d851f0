"""The phonemes of a language other than English, as espeak-ng speaks its frequent words.

espeak-ng transcribes a word in IPA and by its own names of phonemes. Both together tell how each phoneme of the
language is named, so that it can be spoken in any place, and which may follow which.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from wakeword.errors import UsageError
from wakeword.phrases.espeak import espeak
from wakeword.phrases.ipa import features
from wakeword.phrases.language import EN_US, LANGUAGES, Language
from wakeword.phrases.lexicon import lexicon
from wakeword.phrases.phonemes import (
    INVENTORY,
    STRESS,
    Words,
    for_espeak,
    parse,
    phoneme_sequence,
    substitution_cost,
    unparsed,
    unstressed,
)

EDGE = "#"  # of a word, beside its first or last phoneme

# What people write besides IPA's own letters: ties, ends of syllables, ligatures, letters of keyboards.
_VARIANTS = {
    "\u0361": "", "\u035c": "", "\u203f": "", ".": "", "ʧ": "tʃ", "ʤ": "dʒ", "ʦ": "ts", "ʣ": "dz", "ʨ": "tɕ", "ʥ": "dʑ",
    "g": "ɡ", "'": "ˈ", ":": "ː", "ɝ": "ɜː",
}  # fmt: skip
_MARKS = str.maketrans("ˈˌ", "',")
_WORDS = 4_000  # most frequent ones, which tell the inventory
_RARE = 0.0002  # of all phonemes: rarer ones are those of foreign words


@dataclass(frozen=True, eq=False)
class Inventory:
    """The phonemes of a language.

    names: in espeak-ng's notation, by their IPA; the most frequent first. pairs: phonemes that follow each other in
    words; `EDGE` stands for the beginning and the end.
    """

    names: Mapping[str, str]
    pairs: frozenset[tuple[str, str]]

    def fits(self, phoneme: str, before: Sequence[str], after: Sequence[str]) -> bool:
        """Tell whether the language has a phoneme between these two parts of a word."""
        left, right = (unstressed(before[-1]) if before else EDGE), (unstressed(after[0]) if after else EDGE)
        return {(left, phoneme), (phoneme, right)} <= self.pairs

    def nearest(self, ipa: str) -> str:
        """Return the phoneme that is most like one of any language: itself, if it is there."""
        return ipa if ipa in self.names else min(self.names, key=lambda own: substitution_cost(ipa, own))

    def name(self, phoneme: str) -> str:
        """Return a phoneme in espeak-ng's notation, with its stress; of a foreign one, the nearest."""
        ipa = unstressed(phoneme)
        mark = phoneme.removesuffix(ipa).translate(_MARKS)
        return mark + self.names[self.nearest(ipa)]

    def parse(self, ipa: str) -> Words:
        """Parse a phrase in IPA into phonemes of the language, or, if it lacks one, a letter with its modifiers."""
        words = (tuple(self._phonemes(word)) for word in unicodedata.normalize("NFC", ipa).split())
        return tuple(word for word in words if word)

    @cached_property
    def _symbol(self) -> re.Pattern[str]:
        longest = sorted(self.names, key=len, reverse=True)
        return re.compile("|".join([*map(re.escape, longest), f"[{STRESS}]", r"\w[\u0300-\u036fʰ-ʸː]*"]))

    def _phonemes(self, word: str) -> list[str]:
        phonemes, stress = [], ""
        for found in self._symbol.findall(word):
            if found in STRESS:
                stress = found
            elif features(found):
                phonemes.append(stress + found)
                stress = ""
        return phonemes


@cache
def inventory(language: Language) -> Inventory:
    """Return the phonemes of a language."""
    named: dict[str, Counter[str]] = defaultdict(Counter)
    pairs: set[tuple[str, str]] = set()
    for text in itertools.islice(lexicon(language), _WORDS):
        for word in espeak().phones(text, language.accent):
            for phone in word:
                if phone.name:
                    named[unstressed(phone.ipa)][phone.name] += 1
            pairs.update(itertools.pairwise([EDGE, *(unstressed(phone.ipa) for phone in word), EDGE]))
    counts = {ipa: names.total() for ipa, names in named.items()}
    least = _RARE * sum(counts.values())
    usual = sorted((ipa for ipa in named if counts[ipa] > least), key=lambda ipa: -counts[ipa])
    return Inventory({ipa: named[ipa].most_common(1)[0][0] for ipa in usual}, frozenset(pairs))


@cache
def _language_of_accent(accent: str) -> Language:
    return EN_US if accent in EN_US.accents else next(each for each in LANGUAGES.values() if accent in each.accents)


def pronounce(text: str, accent: str) -> Words:
    """Return the phonemes of a text in an accent of any language.

    Raises:
        UsageError: the text contains nothing that can be pronounced.
    """
    if accent in EN_US.accents:
        return parse(espeak().transcribe(text, accent))
    espeak().transcribe(text, accent)  # raises
    return tuple(tuple(phone.ipa for phone in word) for word in espeak().phones(text, accent))


def read_ipa(ipa: str, accent: str) -> Words:
    """Parse a phrase in IPA into the phonemes of an accent of any language."""
    return parse(ipa) if accent in EN_US.accents else inventory(_language_of_accent(accent)).parse(ipa)


def in_espeak_notation(words: Words, accent: str) -> str:
    """Return a phrase in espeak-ng's notation for an accent of any language."""
    if accent in EN_US.accents:
        return for_espeak(words)
    known = inventory(_language_of_accent(accent))
    return " ".join("|".join(map(known.name, word)) for word in words)


def _apart(one: str, other: str) -> tuple[bool, float]:
    """Return how far two phonemes are apart for a reader, to whom an l is nearer to any other l than to an n."""
    return _manner(one) != _manner(other), substitution_cost(one, other)


def _manner(phoneme: str) -> tuple[float, bool] | None:
    """Return the sonority of a consonant, and whether it is voiced; None for a vowel."""
    found = features(phoneme)
    return (found.sound.sonority, found.sound.voiced) if found and found.sound else None


def check_ipa(ipa: str, language: Language) -> str:
    """Return IPA as it is parsed: without the marks of ties and syllables, and one letter for each of its variants.

    Raises:
        UsageError: it has a letter of no phoneme of the language, or none at all.
    """
    usual = unicodedata.normalize("NFC", ipa)
    for variant, letter in _VARIANTS.items():
        usual = usual.replace(variant, letter)
    usual = " ".join(usual.split())
    if language.is_english:
        own, lacking = tuple(INVENTORY), [c for c in unparsed(usual) if c != " "]
    else:
        known = inventory(language)
        own, phonemes = tuple(known.names), phoneme_sequence(known.parse(usual))
        lacking = [phoneme for phoneme in phonemes if phoneme not in own]
        lacking += [c for c in usual if c.isalnum() and c not in STRESS and c not in "".join(phonemes)]
    if lacking:
        first = lacking[0]
        near = f"; {min(own, key=lambda each: _apart(first, each))!r} is near" if features(first) else ""
        raise UsageError(f"/{ipa}/ has {first!r}, which is no phoneme of {language.name}{near}; it has {' '.join(own)}")
    if not read_ipa(usual, language.accent):
        raise UsageError(f"/{ipa}/ has no phoneme; write IPA between the slashes, such as /heɪ ˈluːmən/")
    return usual
