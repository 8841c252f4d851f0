"""Sets of keywords: which words a model tells apart, which classes it has beside them, and their folders."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import quote, unquote

from wakeword.errors import UsageError, printable
from wakeword.model.labels import MAX_LABEL, comparable, spelled
from wakeword.phrases.letters import language_named
from wakeword.phrases.spoken import AS_SPELT, Spoken, spoken_as
from wakeword.text import lower_turkish, unprintable, usual_width

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

_REFUSED = re.compile(r'[<>:"/\\|?*%\x00-\x1f\x7f]|^[._ ]|[. ]$')  # by the file systems of today, or by `list_clips`
_SLASHES = re.compile(r"\s*[/\\]+\s*")
_MAX_FILE = 150  # bytes of a file's name, to which endings are added; file systems have room for 255
_SHOWN = 60  # characters of a refused word that are shown
# File names that Windows keeps to itself.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³])(\..*)?", re.IGNORECASE)
_PICTURE = "So"  # the category of emoji, and of signs such as a copyright's


def folder_name(word: str) -> str:
    """Return the name of a word's folder: the word itself, with `%` codes in place of what file systems refuse.

    `matching` finds the word by this name.
    """
    escaped = _REFUSED.sub(lambda found: quote(found[0], safe="").replace(".", "%2E").replace("_", "%5F"), word)
    return f"%{ord(word[0]):02X}{word[1:]}" if _DEVICES.fullmatch(word) else escaped or "%20"


def matching(name: str, words: Iterable[str]) -> str | None:
    """Return the word that a folder's name, or another spelling, stands for; None if it is none of the words."""
    known = tuple(words)
    return spelled(name, known) or spelled(unquote(name), known)


def in_speech_commands(words: Iterable[str]) -> bool:
    """Return whether Speech Commands has clips of all of these words, in any spelling."""
    return RECORDED.issuperset(map(comparable, words))


@dataclass(frozen=True)
class KeywordSet:
    """The keywords of a model, and whether it has classes for other words and for silence.

    spoken: how synthetic voices say them.
    """

    name: str
    words: tuple[str, ...]
    unknown: bool = True
    silence: bool = True
    spoken: Spoken = field(default=AS_SPELT, repr=False, compare=False)

    @classmethod
    def of_labels(cls, labels: Sequence[str]) -> KeywordSet:
        """Return the set of a model that has these labels."""
        words = tuple(label for label in labels if label not in (UNKNOWN, SILENCE))
        return cls(",".join(words), words, unknown=UNKNOWN in labels, silence=SILENCE in labels)

    @property
    def is_preset(self) -> bool:
        """Return whether it is one of the named sets, whose words are English."""
        return self.name in _PRESETS

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the classes in the order of the model's outputs: silence, unknown, words."""
        return (SILENCE,) * self.silence + (UNKNOWN,) * self.unknown + self.words

    @property
    def file_name(self) -> str:
        """Return the name of files on the set: its words, cut with a digest of all if a name has no room for them."""
        name = folder_name(self.name.replace(",", "-"))
        room = name.encode()[:_MAX_FILE].decode(errors="ignore")
        return name if room == name else f"{room}-{zlib.crc32(name.encode()):08x}"

    @property
    def first_word(self) -> int:
        """Return the index of the first word among the labels."""
        return self.silence + self.unknown

    def label_of(self, folder: str) -> str:
        """Return the label of the clips in a folder of this name; any word that is no keyword is unknown."""
        return self._reserved.get(folder.casefold()) or matching(folder, self.words) or UNKNOWN

    @cached_property
    def _reserved(self) -> dict[str, str]:
        return {label: label for label in (SILENCE, UNKNOWN)}


def keyword_set(spec: str) -> KeywordSet:
    """Return the preset set google12, digits10 or google30, else the set of the words in "WORD,WORD,...".

    Raises:
        UsageError: an empty, doubled or reserved word, or one that no folder or no label can be named after.
    """
    if (preset := spec.strip().casefold()) in _PRESETS:
        spec = preset
        rejects = spec not in _WITHOUT_REJECTION
        return KeywordSet(spec, tuple(_PRESETS[spec].split()), unknown=rejects, silence=rejects)
    words = tuple(" ".join(word.split()) for word in usual_width(spec).split(","))
    spellings: dict[str, str] = {}
    for word in words:
        if not word:
            raise UsageError(f"{spec!r} has an empty keyword: give {', '.join(_PRESETS)} or WORD,WORD,...")
        if fault := _fault(word):
            raise UsageError(f"{printable(word, _SHOWN)!r} can't be a keyword: {fault}")
        if words.count(word) > 1:
            raise UsageError(f"the keyword {word!r} is given twice; give it once")
        forms = {comparable(word), comparable(lower_turkish(word))}
        others = [spellings.setdefault(form, word) for form in forms]
        if other := next((each for each in others if each != word), ""):
            raise UsageError(f"the keywords {other!r} and {word!r} are spellings of one word; give it once")
    return KeywordSet(",".join(words), words)


def spoken_in(words: KeywordSet, language: str | None, said: Sequence[str]) -> KeywordSet:
    """Return keywords with how they are said: in a language by its code, and as the options --say tell.

    Raises:
        UsageError: there is no such language, or it is not that of the words; or as `spoken_as`.
    """
    spoken = spoken_as(words.words, None if language is None else language_named(language), said)
    if words.is_preset and not spoken.language.is_english:
        raise UsageError(f"the words of {words.name} are English; name words of {spoken.language.name} in its place")
    return replace(words, spoken=spoken)


def _fault(word: str) -> str:
    """Return why a word can't be a keyword, and the way out; "" if it can be one."""
    if word.startswith(("_", ".")):
        return f"it begins with {word[0]!r}, as folders do that hold no word; leave that out"
    if strange := unprintable(word):
        return f"it contains the character {_described(strange[0])}, which can't be seen; type it anew"
    if pictures := [character for character in word if unicodedata.category(character) == _PICTURE]:
        return f"it contains the picture {_described(pictures[0])}; write what is said instead"
    if not any(map(str.isalnum, word)):
        return "it has no letter; write what is said"
    if _SLASHES.search(word):
        spoken = _SLASHES.sub(" ", word).strip()
        return f"it contains a slash, which the name of a folder can't; write it as it is spoken: {spoken!r}?"
    if len(folder_name(word).encode()) > MAX_LABEL:  # no shorter than the word, as codes stand for some characters
        return f"it is longer than {MAX_LABEL} bytes; give a shorter one"
    return ""


def _described(character: str) -> str:
    """Return the number of a character, and its name if it has one."""
    return " ".join(filter(None, (f"U+{ord(character):04X}", unicodedata.name(character, ""))))
