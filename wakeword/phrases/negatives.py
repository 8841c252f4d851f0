"""Find the negatives of a phrase from its spelling: speech that a detector must not take for it.

Hard negatives sound like the phrase or share a part with it (`hard_negatives`). Sentences (`negative_sentences`) and
single words (`negative_words`) are ordinary speech that contains nothing like it. How many of each a model is trained
on, and which negatives are cut from audio instead, is in `wakeword.training.phrase_corpus`.

Similarity is the phonetic distance of `wakeword.phrases.phonemes`, to the phrase in any of the common accents of its
language, and in any of its pronunciations.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from wakeword.phrases.inventory import inventory, pronounce, read_ipa
from wakeword.phrases.language import EN_US, Language
from wakeword.phrases.lexicon import SIZE, lexicon
from wakeword.phrases.phonemes import (
    INVENTORY,
    STRESS,
    Words,
    distance,
    distance_within,
    distances,
    distances_within,
    is_vowel,
    phoneme_sequence,
    spell,
)
from wakeword.phrases.sentences import sentences
from wakeword.phrases.spoken import AS_SPELT, Saying, Spoken

Kind = Literal["partial", "phoneme", "phrase", "word"]
Phonemes = tuple[str, ...]
Item = TypeVar("Item")

SHARES: dict[Kind, float] = {"partial": 0.2, "phoneme": 0.3, "phrase": 0.25, "word": 0.25}
MIN_EDIT_COST = 0.4  # of a hard negative; a text below it is the phrase in another accent

_ENGLISH_ACCENTS = ("en-us", "en-gb", "en-gb-rp")
_PAIR_SIZE = 5_000  # most frequent words, for pairs of words
_MAX_WORDS = 2_000  # single words similar to the phrase
_NEIGHBOURS = 8  # words that replace each part of the phrase
_BEFORE_VOWELS, _AFTER_VOWELS = {"h", "j", "w"}, {"ŋ", "ʒ"}  # consonants that English has only there
_INSERTED = ("s", "t", "k")  # consonants that are inserted
_PARTNERS = 20  # frequent words placed before or after each word of the phrase
_REPEATS, _MAX_REPEATS = 2, 8  # of each hard negative: if there are plenty, and at most
_PERMUTED_WORDS = 4  # of a phrase whose words are taken in every order; there are n! of n
_MAX_CUTS, _MAX_CHANGES = 16, 1_000  # of a longer phrase: places where it is cut in two, and changed phonemes
_MIN_DISTANCE = 0.2  # of ordinary speech from the phrase, anywhere in it


@dataclass(frozen=True)
class HardNegative:
    """A text or a sequence of phonemes that sounds like the phrase or shares a part with it.

    text: to be spoken, or a mere name if `ipa` is set. ipa: the phonemes to be spoken, if they are no words.
    distance: to the phrase, for each phoneme of the longer of the two: 0 alike, 1 nothing in common.
    """

    text: str
    ipa: str
    kind: Kind
    distance: float


class Candidate(NamedTuple):
    """What may become a hard negative: its text, its phonemes, and its IPA if it is no words."""

    text: str
    phonemes: Phonemes
    ipa: str = ""


def hard_negatives(
    phrase: str, count: int, seed: int = 0, others: Sequence[str] = (), spoken: Spoken = AS_SPELT
) -> list[HardNegative]:
    """Return `count` hard negatives of a phrase, shuffled: all partial phrases, and the nearest of each other kind.

    The kinds have the fractions `SHARES`. For a large `count` each is repeated, to be spoken by several voices; if
    there are too few even then, the list is shorter. Each pronunciation of the phrase has an equal part.

    others: further phrases of the model; no negative contains one of them either. spoken: how all are said.

    Raises:
        UsageError: a phrase contains nothing that can be pronounced.
    """
    own, wanted_too = targets([phrase], spoken), targets(others, spoken)
    chosen: list[HardNegative] = []
    for number, target in enumerate(own, start=1):
        rest = [other for other in own if other is not target]
        chosen += _nearest(target, round(number * count / len(own)) - len(chosen), [*rest, *wanted_too])
    rng = np.random.default_rng(seed)
    return [chosen[index] for index in rng.permutation(len(chosen))]


def _nearest(target: Target, count: int, others: Sequence[Target]) -> list[HardNegative]:
    candidates: dict[Kind, Callable[[Target], Iterator[Candidate]]] = {
        "partial": _partial_phrases,
        "phoneme": _phoneme_changes,
        "phrase": _similar_phrases,
        "word": _similar_words,  # last, because it never runs short
    }
    chosen: list[HardNegative] = []
    share = 0.0
    for kind, find in candidates.items():
        share += SHARES[kind]
        wanted = round(share * count) - len(chosen)  # with the number that the kinds before it lacked
        hard = target.hard_negatives(kind, find(target), others)
        kept = list({found.text: found for found in hard}.values())
        if kind != "partial":  # these are few, and useful at any distance
            kept = sorted(kept, key=lambda found: found.distance)[: max(1, -(-wanted // _REPEATS))]
        chosen += itertools.islice(itertools.cycle(kept), min(wanted, _MAX_REPEATS * len(kept)))
    return chosen


def parts_without(
    phrase: str, others: Sequence[str], beginning: float = 1.0, end: float = 0.0, spoken: Spoken = AS_SPELT
) -> tuple[bool, bool]:
    """Tell whether the beginning of a phrase and its end contain nothing like any of the others.

    beginning: how far the one extends, and end: where the other begins, as a fraction of the phonemes.
    """
    free = [True, True]
    for target in targets([phrase], spoken):
        said = target.phonemes
        for side, part in enumerate((said[: round(beginning * len(said))], said[round(end * len(said)) :])):
            free[side] &= not any(other.occurs_among(part) for other in targets(others, spoken))
    return free[0], free[1]


def negative_sentences(phrases: Sequence[str], count: int, seed: int = 0, spoken: Spoken = AS_SPELT) -> list[str]:
    """Return `count` different everyday sentences that contain nothing like any of the phrases."""
    return list(itertools.islice(dissimilar(phrases, sentences(seed, spoken.language), spoken), count))


def negative_words(phrases: Sequence[str], count: int, seed: int = 0, spoken: Spoken = AS_SPELT) -> list[str]:
    """Return `count` different words, the more frequent the likelier, none of them like any of the phrases."""
    words = list(lexicon(spoken.language))
    weights = 1 / np.arange(1, len(words) + 1)  # Zipf's law
    drawn = np.random.default_rng(seed).choice(len(words), len(words), replace=False, p=weights / weights.sum())
    return list(itertools.islice(dissimilar(phrases, (words[index] for index in drawn), spoken), count))


def dissimilar(phrases: Sequence[str], texts: Iterable[str], spoken: Spoken = AS_SPELT) -> Iterator[str]:
    """Yield the texts that contain nothing like any of the phrases, and no word of one."""
    wanted = targets(phrases, spoken)
    return (text for text in texts if not any(target.occurs_in(text) for target in wanted))


def targets(phrases: Iterable[str], spoken: Spoken = AS_SPELT) -> list[Target]:
    """Return each pronunciation of some phrases. Raises UsageError if one contains nothing that can be pronounced."""
    return [Target(saying, spoken.language) for phrase in phrases for saying in spoken.sayings(phrase)]


class Target:
    """A phrase in one pronunciation, as several accents say it."""

    def __init__(self, saying: Saying | str, language: Language = EN_US) -> None:
        """Transcribe the phrase. Raises UsageError if it contains nothing that can be pronounced."""
        self.text, self.ipa = (saying, "") if isinstance(saying, str) else saying
        self.language = language
        self.words: Words = self._said(language.accent)
        self.phonemes: Phonemes = phoneme_sequence(self.words)
        accents = _ENGLISH_ACCENTS if language.is_english else tuple(language.accents)
        self._pronunciations = {self.phonemes, *(phoneme_sequence(self._said(accent)) for accent in accents)}
        self.is_long = len(self.text.split()) > _PERMUTED_WORDS

    def _said(self, accent: str) -> Words:
        return read_ipa(self.ipa, accent) if self.ipa else pronounce(self.text, accent)

    def phonemes_of(self, text: str) -> Phonemes:
        """Return the phonemes of another text in the language."""
        return phoneme_sequence(pronounce(text, self.language.accent))

    def hard_negatives(
        self, kind: Kind, candidates: Iterable[Candidate], others: Sequence[Target] = ()
    ) -> list[HardNegative]:
        """Return the candidates that neither contain this phrase or one of the others, nor are too much like it."""
        listed = list(candidates)
        spoken = [candidate.phonemes for candidate in listed]
        edits = np.min([target.edits_within(spoken) for target in (self, *others)], axis=0)
        nearest = np.min([distances(accent, spoken) for accent in self._pronunciations], axis=0)
        return [
            HardNegative(candidate.text, candidate.ipa, kind, round(float(nearest[index]), 3))
            for index, candidate in enumerate(listed)
            if edits[index] >= MIN_EDIT_COST
        ]

    def edits_within(self, spoken: Sequence[Phonemes]) -> npt.NDArray[np.float64]:
        """Return the edit cost between the phrase and the nearest part of each of many texts: (len(spoken),)."""
        costs = [distances_within(accent, spoken) * len(accent) for accent in self._pronunciations]
        return np.asarray(np.min(costs, axis=0))

    def occurs_in(self, text: str) -> bool:
        """Tell whether a longer text contains one of the phrase's words, or anything like the phrase."""
        if set(self.text.lower().split()) & set(text.lower().strip(".?!").replace(",", "").split()):
            return True
        return self.sounds_in(text)

    def sounds_in(self, text: str) -> bool:
        """Tell whether a longer text contains anything like the phrase."""
        return self.occurs_among(self.phonemes_of(text))

    def occurs_among(self, phonemes: Phonemes) -> bool:
        """Tell whether some of these phonemes, one after the other, are like the phrase."""
        return any(distance_within(pronunciation, phonemes) < _MIN_DISTANCE for pronunciation in self._pronunciations)

    def sounds_like(self, text: str) -> bool:
        """Tell whether a text is like the phrase as a whole."""
        phonemes = self.phonemes_of(text)
        return any(distance(pronunciation, phonemes) < _MIN_DISTANCE for pronunciation in self._pronunciations)

    def is_spoken_as(self, phonemes: Phonemes) -> bool:
        """Tell whether some phonemes are the phrase in another spelling or accent."""
        lengths = ((accent, max(len(accent), len(phonemes))) for accent in self._pronunciations)
        return any(distance(accent, phonemes) * length < MIN_EDIT_COST for accent, length in lengths)


def _similar_words(target: Target) -> Iterator[Candidate]:
    for word, phonemes in _neighbours(target, target.phonemes, SIZE, _MAX_WORDS):
        yield Candidate(word, phonemes)


def _similar_phrases(target: Target) -> Iterator[Candidate]:
    """Yield pairs of words, each like one part of the phrase, for every cut of the phrase in two.

    A long phrase is cut at `_MAX_CUTS` places.
    """
    cuts = list(range(2, len(target.phonemes) - 1))
    between = " " if target.language.spaced else ""
    for cut in _spread(cuts, _MAX_CUTS) if target.is_long else cuts:
        parts = target.phonemes[:cut], target.phonemes[cut:]
        heads, tails = (_neighbours(target, part, _PAIR_SIZE, _NEIGHBOURS) for part in parts)
        for (first, head), (second, tail) in itertools.product(heads, tails):
            yield Candidate(f"{first}{between}{second}", head + tail)


def _partial_phrases(target: Target) -> Iterator[Candidate]:
    """Yield the phrase's words alone, swapped, and beside another word; then its beginnings and its ends."""
    words = _single_words(target)
    frequent = [_word(target, word) for word in list(lexicon(target.language))[:_PARTNERS]]
    runs = list(_orders_of_many(words) if target.is_long else _orders(words))
    if len(words) > 1:
        runs += [(words[0], other) for other in frequent] + [(other, words[-1]) for other in frequent]
    for run in runs:
        text, ipa = (" ".join(parts) for parts in zip(*run, strict=True))
        if target.ipa:
            yield Candidate(text, phoneme_sequence(read_ipa(ipa, target.language.accent)), ipa)
        else:
            yield Candidate(text, target.phonemes_of(text))
    for size in range(2, len(target.phonemes)):
        for side, part in (("beginning", _cut(target.words, 0, size)), ("end", _cut(target.words, -size, None))):
            yield Candidate(f"{side} {size} of {target.text}", phoneme_sequence(part), spell(part))


def _single_words(target: Target) -> list[tuple[str, str]]:
    """Return each word of the phrase and, if its phonemes are given, its IPA."""
    texts = target.text.split()
    if not target.ipa:
        return [(text, "") for text in texts]
    spoken = [spell((word,)) for word in target.words]
    return list(zip(texts if len(texts) == len(spoken) else spoken, spoken, strict=True))


def _word(target: Target, word: str) -> tuple[str, str]:
    """Return another word as `_single_words` does."""
    return word, spell(pronounce(word, target.language.accent)) if target.ipa else ""


def _orders(words: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Yield some or all of a short phrase's words, in every order."""
    for size in range(1, len(words) + 1):
        yield from itertools.permutations(words, size)


def _orders_of_many(words: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Yield each run of a long phrase's words, then the phrase with two neighbours swapped: about n²/2 texts."""
    for size in range(1, len(words)):
        for start in range(len(words) - size + 1):
            yield words[start : start + size]
    for place in range(len(words) - 1):
        yield (*words[:place], words[place + 1], words[place], *words[place + 2 :])


def _phoneme_changes(target: Target) -> Iterator[Candidate]:
    """Yield the phrase with one phoneme changed; of a long one `_MAX_CHANGES`, all over the phrase."""
    changes = list(_changes(target))
    yield from _spread(changes, _MAX_CHANGES) if target.is_long else changes


def _spread(items: list[Item], count: int) -> list[Item]:
    """Return at most `count` of the items, evenly spread."""
    if len(items) <= count:
        return items
    return [items[index] for index in np.linspace(0, len(items) - 1, count).astype(int)]


def _changes(target: Target) -> Iterator[Candidate]:
    """Yield the phrase with one phoneme replaced by another of its class, deleted, or inserted."""
    for w, word in enumerate(target.words):
        for p, old in enumerate(word):
            for piece in _replacements(word, p, target.language):
                changed = (*target.words[:w], (*word[:p], *piece, *word[p + 1 :]), *target.words[w + 1 :])
                if old not in piece or len(piece) > 1:
                    ipa = spell(changed)
                    yield Candidate(ipa, phoneme_sequence(changed), ipa)


def _replacements(word: Sequence[str], index: int, language: Language) -> Iterator[Phonemes]:
    """Yield what may replace one phoneme of a word."""
    yield ()
    old = word[index].lstrip(STRESS)
    mark = word[index].removesuffix(old)
    for new in _full_phonemes(language):
        if is_vowel(new) == is_vowel(old) and _is_pronounceable(new, word[:index], word[index + 1 :], language):
            yield (mark + new,)
    for new in _INSERTED:
        if language.is_english or inventory(language).fits(new, word[:index], word[index:]):
            yield (new, word[index])


def _is_pronounceable(phoneme: str, before: Sequence[str], after: Sequence[str], language: Language) -> bool:
    """Tell whether a language has a phoneme between these two parts of a word."""
    if not language.is_english:
        return inventory(language).fits(phoneme, before, after)
    if phoneme in _BEFORE_VOWELS:
        return bool(after) and is_vowel(after[0].lstrip(STRESS))
    return phoneme not in _AFTER_VOWELS or (bool(before) and is_vowel(before[-1].lstrip(STRESS)))


def _cut(words: Words, start: int, stop: int | None) -> Words:
    """Slice a phrase by phonemes, and keep it divided into words."""
    kept = set(range(sum(map(len, words)))[start:stop])
    numbers = itertools.count()
    parts = (tuple(phoneme for phoneme in word if next(numbers) in kept) for word in words)
    return tuple(part for part in parts if part)


def _neighbours(target: Target, phonemes: Phonemes, size: int, count: int) -> list[tuple[str, Phonemes]]:
    """Return the `count` words, with their phonemes, that are nearest to some phonemes, of the `size` most frequent."""
    words = list(itertools.islice(lexicon(target.language).items(), size))
    costs = distances(phonemes, [pronunciation for _, pronunciation in words])
    return [words[index] for index in np.argsort(costs, kind="stable")[:count]]


def _full_phonemes(language: Language) -> list[str]:
    """Return all phonemes; of English, all but the reduced vowels and the allophones of t."""
    if not language.is_english:
        return list(inventory(language).names)
    return [ipa for ipa, known in INVENTORY.items() if not getattr(known, "reduced", False) and ipa not in "ʔɾ"]
