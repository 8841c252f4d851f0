"""Real sentences of a language, out of translations and manuals in Debian's packages; each run fetches them anew.

The story of a game is the source of most languages: it is dialogue, and the same one in all. Where it is not
translated, another text stands in for it.
"""

from __future__ import annotations

import gettext
import gzip
import html
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.packages import unpacked
from wakeword.errors import UsageError
from wakeword.phrases.language import Language
from wakeword.text import composed

_SHORTEST, _LONGEST = 20, 200  # letters of a sentence
_SHORTEST_CJK = 8  # of languages whose letters are syllables or words
_PLAIN = str.maketrans({"“": None, "”": None, "„": None, "«": None, "»": None, '"': None, "…": ".", "–": ",", "—": ","}
                       | {"‘": "'", "’": "'", "\u00a0": " ", "\u00ad": None, "~": " ", "\\": " "})  # fmt: skip
_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？।])|\n+")
_FONT = r"\\f(?:\[\w*\]|\(..|.)"  # of roff
_UNSAYABLE = re.compile(r"[\d<>{}\[\]()|$%&*_=+#@/^`]")


@dataclass(frozen=True)
class Text:
    """A package of Debian, what its text is, and how its paragraphs are found below the folder it was unpacked into."""

    package: str
    content: str
    paragraphs: Callable[[Path], Iterator[str]]


def messages(locale: str) -> Callable[[Path], Iterator[str]]:
    """Yield the translated messages of a game for a locale (gettext's .mo files)."""

    def read(root: Path) -> Iterator[str]:
        for path in sorted(root.glob(f"**/locale/{locale}/LC_MESSAGES/*.mo")):
            with path.open("rb") as file:
                catalog: dict[object, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
            yield from (said for message, said in catalog.items() if message and message != said)

    return read


def dialogue(code: str) -> Callable[[Path], Iterator[str]]:
    """Yield the lines of a game's dialogue, `dialogStr("...")` in its scripts."""

    def read(root: Path) -> Iterator[str]:
        for path in sorted(root.glob(f"**/dialogs_{code}.lua")):
            yield from re.findall(r'dialogStr\("(.*?)"\)', path.read_text("utf-8", "replace"))

    return read


def manual(root: Path) -> Iterator[str]:
    """Yield the paragraphs of a manual in HTML."""
    for path in sorted(root.glob("**/*.html")):
        for paragraph in re.findall(r"<p [^>]*>(.*?)</p>", path.read_text("utf-8", "replace"), re.DOTALL):
            yield html.unescape(re.sub("<[^>]*>", "", paragraph))


def man_pages(root: Path) -> Iterator[str]:
    """Yield the paragraphs of manual pages; those with special characters are left out."""
    for path in sorted(root.glob("**/man/**/*.gz")):
        text = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
        for paragraph in re.split(r"^[.'].*$", re.sub(_FONT, "", text), flags=re.MULTILINE):
            if paragraph.strip() and "\\" not in paragraph:
                yield " ".join(paragraph.split())


_STORY = "wesnoth-1.16-httt"
_LOCALES = {
    code: code.replace("pt-br", "pt_BR")
    for code in ("de", "fr", "es", "it", "pt-br", "pl", "cs", "sk", "sv", "fi", "hu", "ca", "tr", "ru", "bg", "ja")
}
TEXTS = {code: Text(_STORY, "the story of a game", messages(locale)) for code, locale in _LOCALES.items()} | {
    "nl": Text("fillets-ng-data", "the dialogue of a game", dialogue("nl")),
    "hi": Text("libreoffice-help-hi", "the manual of an office suite", manual),
    "uk": Text("manpages-uk", "manual pages", man_pages),
}


def sentences(language: Language, phrase: str) -> list[str]:
    """Return the sentences of a language's text, in its order, each once, none of which holds the phrase.

    Raises:
        UsageError: there is no text of the language.
        DataError: the package can't be fetched.
    """
    if language.code not in TEXTS:
        raise UsageError(f"there is no text in {language.name}; choose from {', '.join(TEXTS)}")
    text = TEXTS[language.code]
    with tempfile.TemporaryDirectory() as folder:
        root = unpacked(text.package, Path(folder))
        return sayable(text.paragraphs(root), language, phrase)


def sayable(paragraphs: Iterable[str], language: Language, phrase: str) -> list[str]:
    """Return the sentences of paragraphs that are of usual length and in the language's letters alone; no digits."""
    kept = []
    shortest = _SHORTEST_CJK if language.code in ("ja", "ko", "zh") else _SHORTEST
    for paragraph in paragraphs:
        for part in _END.split(paragraph.translate(_PLAIN)):
            sentence = " ".join(composed(part).split())
            usual = shortest <= len(sentence) <= _LONGEST and not _UNSAYABLE.search(sentence)
            if usual and _reads(sentence, language) and not _holds(sentence, phrase):
                kept.append(sentence)
    return list(dict.fromkeys(kept))


def _reads(sentence: str, language: Language) -> bool:
    # Japanese is written in Chinese characters too, which its voice reads.
    foreign = language.foreign_letters(sentence) if language.code != "ja" else ""
    return sentence.isprintable() and not foreign


def _holds(sentence: str, phrase: str) -> bool:
    def letters(text: str) -> str:
        return "".join(filter(str.isalnum, composed(text).casefold()))

    return letters(phrase) in letters(sentence)
