"""How the phrases of a model are said: in which language, and in which pronunciations if not as they are spelt."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from wakeword.errors import UsageError, listed
from wakeword.phrases.language import EN_US, Language
from wakeword.text import is_letter, lower_turkish, usual_width

MAX_WAYS = 20  # to say a phrase, by the ways of its words


class Saying(NamedTuple):
    """One pronunciation of a phrase: a text to speak, or phonemes in IPA, which the text then only names."""

    text: str
    ipa: str = ""


@dataclass(frozen=True)
class Spoken:
    """The language of some phrases, and the pronunciations of those that are not said as they are spelt."""

    language: Language = EN_US
    said: Mapping[str, tuple[Saying, ...]] = field(default_factory=dict)

    def sayings(self, phrase: str) -> tuple[Saying, ...]:
        """Return the pronunciations of a phrase."""
        return self.said.get(phrase) or (Saying(phrase),)

    def reads(self, phrase: str) -> bool:
        """Return whether a phrase has letters of the language, or a pronunciation that was given."""
        return phrase in self.said or self.language.reads(phrase)

    def check(self, phrases: Iterable[str]) -> None:
        """Check that voices can say phrases. Raises UsageError, as `check_phrase`."""
        from wakeword.phrases.letters import check_phrase

        for phrase in phrases:
            if phrase not in self.said:
                check_phrase(phrase, self.language)

    def provenance(self) -> dict[str, Any]:
        """Return what a model file tells of them."""
        said = {phrase: [f"/{ipa}/" if ipa else text for text, ipa in each] for phrase, each in self.said.items()}
        return {"language": self.language.code, **({"said": said} if said else {})}


AS_SPELT = Spoken()
"""American English, as it is spelt."""


def spoken_as(phrases: Sequence[str], language: Language | None, options: Sequence[str]) -> Spoken:
    """Return how phrases are said, by the options --say: "PHRASE=/IPA/", "WORD=respelling".

    A word of several phrases is said so in each. What is given several times is said in each of these ways.

    language: None is that of the letters of what is spoken.

    Raises:
        UsageError: an option is no such pair, names none of the phrases or words, or can't be said; or the words of a
            phrase can be said in more than `MAX_WAYS` ways together.
    """
    from wakeword.phrases.letters import language_of

    pairs = [(_known(name, phrases), how) for name, how in map(_pair, options)]
    if language is None:
        named = {name for name, _ in pairs}
        texts = [
            " ".join(word for word in phrase.split() if _folded(word) not in named)
            for phrase in phrases
            if _folded(phrase) not in named
        ]
        language = language_of(texts + [how for _, how in pairs if not _is_ipa(how)] or phrases)
    given: dict[str, dict[str, None]] = {}  # each way once, in order
    for name, how in pairs:
        given.setdefault(name, {})[_checked(how, language, name)] = None
    said = {phrase: _sayings(phrase, given, language) for phrase in phrases}
    return Spoken(language, {phrase: sayings for phrase, sayings in said.items() if sayings})


def _pair(option: str) -> tuple[str, str]:
    name, _, how = option.partition("=")
    how = usual_width(how.strip())
    if not (name.strip() and how.strip(" /[]")):
        raise UsageError(f"--say {option!r} is no pair; give a phrase and how it sounds: nguyen=win or hey=/heɪ/")
    if how[0] == "[" and how[-1] == "]":  # as a closer transcription is written
        how = f"/{how[1:-1]}/"
    if (how[0] == "/") != (how[-1] == "/"):
        raise UsageError(f"--say {option!r} has one slash; IPA stands between two: hey=/heɪ/")
    return name.strip(), how


def _known(name: str, phrases: Sequence[str]) -> str:
    """Return the phrase or word that a name means, also in the capitals of Turkish. Raises UsageError for none."""
    for form in (_folded, _folded_turkish):
        for phrase in phrases:
            for part in (phrase, *phrase.split()):
                if form(part) == form(name):
                    return _folded(part)
    raise UsageError(f"--say {name!r} is none of the keywords, nor a word of one: {listed(list(phrases))}")


def _sayings(phrase: str, given: Mapping[str, Iterable[str]], language: Language) -> tuple[Saying, ...]:
    """Return the pronunciations given for a phrase or for its words; () if there are none."""
    from wakeword.phrases.letters import check_phrase

    if whole := given.get(_folded(phrase)):
        return tuple(_saying(phrase, said, language=language) for said in whole)
    words = phrase.split()
    rest = [word for word in words if _folded(word) not in given]
    if len(rest) == len(words):
        return ()
    if rest:
        check_phrase(" ".join(rest), language)
    ways = [tuple(given.get(_folded(word), (word,))) for word in words]
    if (count := math.prod(map(len, ways))) > MAX_WAYS:
        raise UsageError(f"{phrase!r} would be said in {count:,} ways, of {MAX_WAYS} at most; give fewer --say for it")
    return tuple(_saying(phrase, *way, language=language) for way in itertools.product(*ways))


def _saying(phrase: str, *said: str, language: Language) -> Saying:
    """Return a phrase said as its words, some of them in IPA between slashes."""
    from wakeword.phrases.inventory import pronounce
    from wakeword.phrases.phonemes import spell

    if not any(map(_is_ipa, said)):
        return Saying(" ".join(said))
    ipa = [word.strip("/") if _is_ipa(word) else spell(pronounce(word, language.accent)) for word in said]
    return Saying(phrase, " ".join(ipa))


def _checked(said: str, language: Language, name: str) -> str:
    """Check that a pronunciation of a name can be said; IPA is returned as it is parsed, between slashes."""
    from wakeword.phrases.inventory import check_ipa
    from wakeword.phrases.letters import check_phrase

    if _is_ipa(said):
        return f"/{check_ipa(said.strip('/'), language)}/"
    check_phrase(said, language, name)
    return said


def _is_ipa(said: str) -> bool:
    return len(said) > 2 and said[0] == said[-1] == "/"


def _folded(text: str) -> str:
    """Return the form in which names are compared: without cases, and without punctuation at the ends of words."""
    words = usual_width(text).casefold().replace("i\u0307", "i").split()  # of a capital with a dot
    return " ".join(_without_signs(word) or word for word in words)


def _folded_turkish(text: str) -> str:
    return _folded(lower_turkish(text))


def _without_signs(word: str) -> str:
    letters = [index for index, character in enumerate(word) if is_letter(character)]
    return word[letters[0] : letters[-1] + 1] if letters else ""
