"""What a model may take for a phrase: near words, fragments of it, it with a phoneme changed; and any other speech.

Near means near in phonemes, by `wakeword.phrases.phonemes.distance`, as they are said in any of the common accents.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from wakeword.phrases.espeak import espeak
from wakeword.phrases.phonemes import (
    INVENTORY,
    STRESS,
    Vowel,
    Words,
    distance,
    distance_within,
    distances,
    parse,
    phoneme_sequence,
    spell,
)
from wakeword.phrases.sentences import sentences

Kind = Literal["word", "phrase", "fragment", "changed"]
Phonemes = tuple[str, ...]

MIN_EDIT_COST = (
    0.4  # what the changes of all phonemes together cost, at least: below, it is the phrase in another accent
)
SHARES: dict[Kind, float] = {"fragment": 0.2, "changed": 0.3, "phrase": 0.25, "word": 0.25}

_ACCENTS = ("en-us", "en-gb", "en-gb-rp")
_FREQUENT, _MOST_FREQUENT = 12_000, 5_000  # words, of all and for two together
_WORDS = 2_000  # at most, near the phrase
_NEIGHBOURS = 8  # words that each part of the phrase is replaced by
_BEFORE_VOWELS, _AFTER_VOWELS = {"h", "j", "w"}, {"ŋ", "ʒ"}
_INSERTED = ("s", "t", "k")  # consonants that slip in
_PARTNERS = 20  # words that each word of the phrase is followed or led by
_TAKES, _MOST_TAKES = 2, 8  # how often each confusion is there: where there is plenty to choose from, and at most
_APART = 0.2  # from the phrase, for each of its phonemes: what running speech has to keep anywhere


@dataclass(frozen=True)
class HardNegative:
    """Something to be said that isn't the phrase.

    text: what is said, or the name of what is no word. ipa: its phonemes, where it is no word; else empty.
    distance: from the phrase, for each phoneme of the longer of the two: 0 alike, 1 nothing in common.
    """

    text: str
    ipa: str
    kind: Kind
    distance: float


def hard_negatives(phrase: str, count: int, seed: int = 0) -> list[HardNegative]:
    """So many confusions of a phrase in random order, of each kind by `SHARES`; all fragments, else the nearest.

    Where `count` is large, the same confusion is there several times, to be spoken by several voices.

    Raises:
        WakewordError: the phrase holds nothing to say.
    """
    target = Target(phrase)
    pools: dict[Kind, Callable[[Target], Iterator[HardNegative]]] = {
        "fragment": _fragments,
        "changed": _changed,
        "phrase": _near_phrases,
        "word": _near_words,  # the last: there are as many as are asked for
    }
    chosen: list[HardNegative] = []
    share = 0.0
    for kind, pool in pools.items():
        share += SHARES[kind]
        wanted = round(share * count) - len(chosen)  # with what the kinds before it could not give
        kept = list({found.text: found for found in pool(target)}.values())
        if kind != "fragment":  # these are few, and of value far from the phrase too
            kept = sorted(kept, key=lambda found: found.distance)[: max(1, -(-wanted // _TAKES))]
        chosen += itertools.islice(itertools.cycle(kept), min(wanted, _MOST_TAKES * len(kept)))
    rng = np.random.default_rng(seed)
    return [chosen[place] for place in rng.permutation(len(chosen))]


def negative_sentences(phrases: Sequence[str], count: int, seed: int = 0) -> list[str]:
    """So many everyday sentences, no two alike, that hold nothing like any of the phrases."""
    return list(itertools.islice(dissimilar(phrases, sentences(seed)), count))


def negative_words(phrases: Sequence[str], count: int, seed: int = 0) -> list[str]:
    """So many words, no two alike, the more frequent the likelier, none of them like any of the phrases."""
    words = list(_dictionary())
    chances = 1 / np.arange(1, len(words) + 1)  # Zipf's law
    drawn = np.random.default_rng(seed).choice(len(words), len(words), replace=False, p=chances / chances.sum())
    return list(itertools.islice(dissimilar(phrases, (words[place] for place in drawn)), count))


def dissimilar(phrases: Sequence[str], texts: Iterable[str]) -> Iterator[str]:
    """Those of the texts that hold nothing like any of the phrases, nor a word of one."""
    targets = [Target(phrase) for phrase in phrases]
    return (text for text in texts if not any(target.occurs_in(text) for target in targets))


class Target:
    """The phrase, as it is said in several accents."""

    def __init__(self, phrase: str) -> None:
        self.text = phrase
        self.words: Words = parse(espeak().transcribe(phrase))
        self.phonemes: Phonemes = phoneme_sequence(self.words)
        said = {phoneme_sequence(parse(espeak().transcribe(phrase, accent))) for accent in _ACCENTS}
        self._pronunciations = {self.phonemes, *said}

    def confusion(self, kind: Kind, text: str, phonemes: Phonemes, ipa: str = "") -> Iterator[HardNegative]:
        """It as a confusion of the phrase; nothing where it is too near or holds the whole phrase."""
        for said in self._pronunciations:
            if distance_within(said, phonemes) * len(said) < MIN_EDIT_COST:
                return
        yield HardNegative(text, ipa, kind, round(min(distance(said, phonemes) for said in self._pronunciations), 3))

    def occurs_in(self, text: str) -> bool:
        """Whether something like the phrase, or one of its words, is in a longer text."""
        if set(self.text.lower().split()) & set(text.lower().strip(".?!").replace(",", "").split()):
            return True
        phonemes = phoneme_sequence(parse(espeak().transcribe(text)))
        return any(distance_within(said, phonemes) < _APART for said in self._pronunciations)


def _near_words(target: Target) -> Iterator[HardNegative]:
    for word, phonemes in _neighbours(target.phonemes, _FREQUENT, _WORDS):
        yield from target.confusion("word", word, phonemes)


def _near_phrases(target: Target) -> Iterator[HardNegative]:
    """Two words, each like one part of the phrase, wherever it is cut in two."""
    for cut in range(2, len(target.phonemes) - 1):
        parts = target.phonemes[:cut], target.phonemes[cut:]
        ahead, behind = (_neighbours(part, _MOST_FREQUENT, _NEIGHBOURS) for part in parts)
        for (first, one), (second, other) in itertools.product(ahead, behind):
            yield from target.confusion("phrase", f"{first} {second}", one + other)


def _fragments(target: Target) -> Iterator[HardNegative]:
    """The phrase's words alone, swapped, or beside another word; its beginnings and its ends."""
    words = target.text.split()
    texts = [" ".join(order) for size in range(1, len(words)) for order in itertools.permutations(words, size)]
    texts += [" ".join(order) for order in itertools.islice(itertools.permutations(words), 24)]
    frequent = list(_dictionary())[:_PARTNERS]
    if len(words) > 1:
        texts += [f"{words[0]} {other}" for other in frequent] + [f"{other} {words[-1]}" for other in frequent]
    for text in texts:
        yield from target.confusion("fragment", text, phoneme_sequence(parse(espeak().transcribe(text))))
    for size in range(2, len(target.phonemes)):
        for name, part in (("beginning", _cut(target.words, 0, size)), ("end", _cut(target.words, -size, None))):
            yield from target.confusion(
                "fragment", f"{name} {size} of {target.text}", phoneme_sequence(part), spell(part)
            )


def _changed(target: Target) -> Iterator[HardNegative]:
    """The phrase with one phoneme changed for another of its class, left out, or put in."""
    for w, word in enumerate(target.words):
        for p, old in enumerate(word):
            for piece in _pieces(word, p):
                changed = (*target.words[:w], (*word[:p], *piece, *word[p + 1 :]), *target.words[w + 1 :])
                if old not in piece or len(piece) > 1:
                    yield from target.confusion("changed", spell(changed), phoneme_sequence(changed), spell(changed))


def _pieces(word: Sequence[str], place: int) -> Iterator[Phonemes]:
    """What may stand in a word in place of one of its phonemes."""
    yield ()
    old = word[place].lstrip(STRESS)
    mark = word[place].removesuffix(old)
    for new in _full_phonemes():
        if _is_vowel(new) == _is_vowel(old) and _fits(new, word[:place], word[place + 1 :]):
            yield (mark + new,)
    for new in _INSERTED:
        yield (new, word[place])


def _fits(phoneme: str, before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether English has a phoneme in such a place."""
    if phoneme in _BEFORE_VOWELS:
        return bool(after) and _is_vowel(after[0].lstrip(STRESS))
    return phoneme not in _AFTER_VOWELS or (bool(before) and _is_vowel(before[-1].lstrip(STRESS)))


def _cut(words: Words, start: int, stop: int | None) -> Words:
    """The phonemes of a phrase from one to another, still in words."""
    kept = set(range(sum(map(len, words)))[start:stop])
    numbers = itertools.count()
    parts = (tuple(phoneme for phoneme in word if next(numbers) in kept) for word in words)
    return tuple(part for part in parts if part)


def _neighbours(phonemes: Phonemes, frequent: int, count: int) -> list[tuple[str, Phonemes]]:
    """The `count` words nearest to some phonemes, of the most frequent ones."""
    words = list(itertools.islice(_dictionary().items(), frequent))
    apart = distances(phonemes, [said for _, said in words])
    return [words[place] for place in np.argsort(apart, kind="stable")[:count]]


@cache
def _dictionary() -> dict[str, Phonemes]:
    """The phonemes of the most frequent words of English, most frequent first."""
    from wordfreq import top_n_list

    words = (word for word in top_n_list("en", _FREQUENT) if word.isascii() and word.isalpha() and len(word) > 2)
    spelt = (word for word in words if set(word) & set("aeiouy"))  # the others are read letter by letter
    return {word: phoneme_sequence(parse(espeak().transcribe(word))) for word in spelt}


def _full_phonemes() -> list[str]:
    """All but the reduced vowels and what is heard as another's variant."""
    return [ipa for ipa, known in INVENTORY.items() if not getattr(known, "reduced", False) and ipa not in "ʔɾ"]


def _is_vowel(phoneme: str) -> bool:
    return isinstance(INVENTORY[phoneme], Vowel)
