"""Sets of keywords: which words a model tells apart, and which classes it has beside them."""

from __future__ import annotations

from dataclasses import dataclass

from wakeword.errors import UsageError

UNKNOWN = "_unknown_"
SILENCE = "_silence_"

_PRESETS = {
    "google12": "yes no up down left right on off stop go",
    "digits10": "zero one two three four five bed cat happy eight",
    "google30": "bed bird cat dog down eight five four go happy house left marvin nine no off on one right "
    "seven sheila six stop three tree two up wow yes zero",
}
# All words of Speech Commands: version 0.02 has five more than the 30 of version 0.01.
RECORDED = frozenset(f"{_PRESETS['google30']} backward follow forward learn visual".split())
_WITHOUT_REJECTION = {"google30"}  # each word is a class of its own; there is no class for unknown or silence


@dataclass(frozen=True)
class KeywordSet:
    """The keywords of a model, and whether it has classes for other words and for silence."""

    name: str
    words: tuple[str, ...]
    unknown: bool = True
    silence: bool = True

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the classes in the order of the model's outputs: silence, unknown, words."""
        return (SILENCE,) * self.silence + (UNKNOWN,) * self.unknown + self.words

    @property
    def first_word(self) -> int:
        """Return the index of the first word among the labels."""
        return self.silence + self.unknown


def keyword_set(spec: str) -> KeywordSet:
    """Return the preset set google12, digits10 or google30, else the set of the words in "WORD,WORD,...".

    Raises:
        UsageError: an empty, doubled or reserved word.
    """
    if spec in _PRESETS:
        rejects = spec not in _WITHOUT_REJECTION
        return KeywordSet(spec, tuple(_PRESETS[spec].split()), unknown=rejects, silence=rejects)
    words = tuple(word.strip() for word in spec.split(","))
    for word in words:
        if not word:
            raise UsageError(f"{spec!r} has an empty keyword: give {', '.join(_PRESETS)} or WORD,WORD,...")
        if word.startswith(("_", ".")) or "/" in word or "\\" in word:
            raise UsageError(f"{word!r} is no keyword: it may not begin with _ or a dot, nor contain a slash")
        if words.count(word) > 1:
            raise UsageError(f"the keyword {word!r} is given twice; give it once")
    return KeywordSet(",".join(words), words)
