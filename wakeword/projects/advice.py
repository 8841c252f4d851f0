"""Advice on phrases before an hour is spent on them: how they sound, who says them, what they are mistaken for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from wakeword.data.keywords import KeywordSet, keyword_set, spoken_in
from wakeword.errors import UsageError, WakewordError, counted, printable
from wakeword.phrases.language import Language
from wakeword.phrases.lexicon import lexicon, said_per_hour
from wakeword.phrases.negatives import MIN_EDIT_COST, Target, hard_negatives, targets
from wakeword.phrases.phonemes import distances, is_vowel, spell
from wakeword.phrases.spoken import Spoken
from wakeword.synth.voices import installed
from wakeword.training.phrase_speech import check_refused

Kind = Literal["short", "frequent", "similar", "holds"]

PHONEMES, SYLLABLES = 6, 3  # of a phrase that is long enough
_FREQUENT = 0.05  # times an hour of talk that a phrase is said, from which on it is worth a word
_ALIKE = 0.15  # phonetic distance of words that are taken for the phrase now and then
_CANDIDATES, _NAMED = 60, 3  # hard negatives that are looked through, and words that are named


@dataclass(frozen=True)
class Warning:
    """What speaks against a phrase, in a line."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Advice:
    """What is known of some phrases.

    phonemes: the ways in which each is said, in IPA. problem: why they can't be trained, or None.
    """

    language: str
    phonemes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    engines: tuple[str, ...] = ()
    warnings: tuple[Warning, ...] = ()
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the fields; the phonemes of all phrases are one text."""
        phonemes = ", ".join(" or ".join(ways) for ways in self.phonemes.values())
        return asdict(self) | {"phonemes": phonemes, "warnings": [asdict(warning) for warning in self.warnings]}


def advise(phrases: Sequence[str], language: str = "", say: Sequence[str] = (), refused: Sequence[str] = ()) -> Advice:
    """Return advice on the phrases of a model; language, say and refused as in a project.

    A phrase that can't be used is told by `problem`; nothing is raised for it.
    """
    try:
        words = spoken_in(keyword_set(",".join(phrases)), language or None, say)
        if len(words.words) != len(phrases) or words.is_preset:
            torn = next((phrase for phrase in phrases if "," in phrase), phrases[0])
            raise UsageError(f"{printable(torn)!r} is no phrase; write what is said, without a comma")
        spoken = words.spoken
        spoken.check(words.words)
        found = {phrase: targets([phrase], spoken) for phrase in words.words}
    except WakewordError as error:
        return Advice(language, problem=str(error))
    problem = None
    try:
        spoken.check(refused)
        check_refused(refused, words.words, spoken)
    except WakewordError as error:
        problem = str(error)
    warnings = plain_warnings(words)
    for phrase, ways in found.items():
        warnings += _similar(phrase, ways, spoken)
    phonemes = {phrase: tuple(spell(way.words) for way in ways) for phrase, ways in found.items()}
    return Advice(spoken.language.code, phonemes, installed(spoken.language), tuple(warnings), problem)


def plain_warnings(words: KeywordSet) -> list[Warning]:
    """Return what speaks against phrases by themselves, but for the words that they sound like: at once."""
    spoken = words.spoken
    warnings = [*_held(words.words, spoken)]
    for phrase in words.words:
        warnings += [*_short(phrase, targets([phrase], spoken)), *_frequent(phrase, spoken.language)]
    return warnings


def is_short(target: Target) -> bool:
    """Return whether a phrase has so few sounds that much else is like it."""
    return len(target.phonemes) < PHONEMES or _syllables(target) < SYLLABLES


def _syllables(target: Target) -> int:
    return sum(map(is_vowel, target.phonemes))


def _short(phrase: str, ways: Sequence[Target]) -> Iterator[Warning]:
    shortest = min(ways, key=lambda way: (_syllables(way), len(way.phonemes)))
    if is_short(shortest):
        has = f"{counted(_syllables(shortest), 'syllable')} and {counted(len(shortest.phonemes), 'sound')}"
        yield Warning(
            "short",
            f"{phrase!r} is short, with {has}: one with {SYLLABLES} syllables and {PHONEMES} sounds or more is "
            "mistaken less often",
        )


def _frequent(phrase: str, language: Language) -> Iterator[Warning]:
    """Warn of a word that people say; that of a phrase of several words is not known."""
    if len(phrase.split()) == 1 and (rate := said_per_hour(phrase, language)) >= _FREQUENT:
        yield Warning("frequent", f"{phrase!r} is said {_often(rate)} of talk, and each time it would wake the model")


def _similar(phrase: str, ways: Sequence[Target], spoken: Spoken) -> Iterator[Warning]:
    """Warn of the words, and pairs of words, that are nearest."""
    language = spoken.language
    words = lexicon(language)
    own = set(phrase.casefold().split())
    near: dict[str, float] = {}
    for way in ways:
        for word, cost in zip(words, map(float, distances(way.phonemes, list(words.values()))), strict=True):
            if cost <= _ALIKE and word not in own:
                near[word] = min(cost, near.get(word, cost))
    for hard in hard_negatives(phrase, _CANDIDATES, spoken=spoken):
        if hard.kind == "phrase" and hard.distance <= _ALIKE:
            near[hard.text] = hard.distance
    for text in sorted(near, key=lambda text: (near[text], text))[:_NAMED]:
        rate = min(said_per_hour(word, language) for word in (text.split() if language.spaced else [text]))
        said = f"is said {_often(rate)}" if " " not in text else f"has a word that is said {_often(rate)}"
        yield Warning("similar", f"{phrase!r} sounds like {text!r}, which {said} of talk")


def _held(phrases: Sequence[str], spoken: Spoken) -> Iterator[Warning]:
    """Warn of phrases that are heard in others."""
    for short, long in itertools.permutations(phrases, 2):
        said = [way.phonemes for way in targets([long], spoken)]
        if any(way.edits_within(said).min() < MIN_EDIT_COST for way in targets([short], spoken)):
            yield Warning("holds", f"{short!r} is heard in {long!r}, which would raise both; leave one of them out")


def _often(rate: float) -> str:
    """Return how often something happens, by its rate in an hour."""
    if rate >= 1.5:
        return f"about {rate:.0f} times an hour"
    if rate < 0.01:
        return "less than once in 100 hours"
    return "about once an hour" if (hours := round(1 / rate)) == 1 else f"about once in {hours} hours"
