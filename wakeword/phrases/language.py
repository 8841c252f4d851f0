"""The languages that can be spoken: their voices, letters and words, and which language a phrase is in."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from wakeword.text import composed, unprintable


@dataclass(frozen=True, eq=False)
class Language:
    """A language.

    code: as given by --language. accents: the paths of espeak-ng's voices in its data, the usual accent first. lexicon:
    the code of its list of words in wordfreq. scripts: how the Unicode names of its letters begin. kokoro: the first
    letters of Kokoro's voices that speak it. spaced: whether spaces part its words. marks: within its words, which are
    letters by Unicode alone.
    """

    code: str
    name: str
    accents: Mapping[str, str]
    lexicon: str
    scripts: tuple[str, ...] = ("LATIN",)
    kokoro: str = ""
    spaced: bool = True
    marks: str = ""

    @property
    def accent(self) -> str:
        """Return the usual accent."""
        return next(iter(self.accents))

    @property
    def is_english(self) -> bool:
        return self.lexicon == "en"

    def reads(self, text: str) -> bool:
        """Return whether a text is in the language's letters, as the voices and the comparison of sounds need it."""
        return not unprintable(text) and any(map(str.isalpha, text)) and not self.foreign_letters(text)

    def foreign_letters(self, text: str) -> str:
        """Return the letters of a text that the language is not written in; marks on its letters are fine."""
        letters = (letter for letter in composed(text) if letter.isalpha() and letter not in self.marks)
        return "".join(letter for letter in letters if not unicodedata.name(letter, "").startswith(self.scripts))


_CYRILLIC, _ARABIC = ("CYRILLIC",), ("ARABIC",)

EN_US = Language(
    "en-us",
    "American English",
    {
        "en-us": "gmw/en-US",
        "en-us-nyc": "gmw/en-US-nyc",
        "en-gb": "gmw/en",
        "en-gb-rp": "gmw/en-GB-x-rp",
        "en-gb-scotland": "gmw/en-GB-scotland",
        "en-gb-lancaster": "gmw/en-GB-x-gbclan",
        "en-gb-west-midlands": "gmw/en-GB-x-gbcwmd",
        "en-caribbean": "gmw/en-029",
    },
    "en",
    kokoro="ab",
)
_EN_GB = Language(
    "en-gb",
    "British English",
    {accent: voice for accent, voice in EN_US.accents.items() if accent.startswith("en-gb")},
    "en",
    kokoro="b",
)

LANGUAGES = {
    language.code: language
    for language in (
        EN_US,
        _EN_GB,
        Language("de", "German", {"de": "gmw/de"}, "de"),
        Language("fr", "French", {"fr": "roa/fr", "fr-be": "roa/fr-BE", "fr-ch": "roa/fr-CH"}, "fr", kokoro="f"),
        Language("es", "Spanish", {"es": "roa/es", "es-419": "roa/es-419"}, "es", kokoro="e"),
        Language("it", "Italian", {"it": "roa/it"}, "it", kokoro="i"),
        Language("nl", "Dutch", {"nl": "gmw/nl"}, "nl"),
        Language("pt-br", "Brazilian Portuguese", {"pt-br": "roa/pt-BR"}, "pt", kokoro="p"),
        Language("pt", "European Portuguese", {"pt": "roa/pt"}, "pt"),
        Language("pl", "Polish", {"pl": "zlw/pl"}, "pl"),
        Language("cs", "Czech", {"cs": "zlw/cs"}, "cs"),
        Language("sk", "Slovak", {"sk": "zlw/sk"}, "sk"),
        Language("sv", "Swedish", {"sv": "gmq/sv"}, "sv"),
        Language("da", "Danish", {"da": "gmq/da"}, "da"),
        Language("nb", "Norwegian", {"nb": "gmq/nb"}, "nb"),
        Language("fi", "Finnish", {"fi": "urj/fi"}, "fi"),
        Language("hu", "Hungarian", {"hu": "urj/hu"}, "hu"),
        Language("ro", "Romanian", {"ro": "roa/ro"}, "ro"),
        Language("ca", "Catalan", {"ca": "roa/ca", "ca-va": "roa/ca-va", "ca-ba": "roa/ca-ba"}, "ca"),
        Language("tr", "Turkish", {"tr": "trk/tr"}, "tr"),
        Language(
            "vi",
            "Vietnamese",
            {"vi": "aav/vi", "vi-central": "aav/vi-VN-x-central", "vi-south": "aav/vi-VN-x-south"},
            "vi",
        ),
        Language("id", "Indonesian", {"id": "poz/id"}, "id"),
        Language("ru", "Russian", {"ru": "zle/ru"}, "ru", _CYRILLIC),
        Language("uk", "Ukrainian", {"uk": "zle/uk"}, "uk", _CYRILLIC, marks="\N{MODIFIER LETTER APOSTROPHE}"),
        Language("bg", "Bulgarian", {"bg": "zls/bg"}, "bg", _CYRILLIC),
        Language("el", "Greek", {"el": "grk/el"}, "el", ("GREEK",)),
        Language("he", "Hebrew", {"he": "sem/he"}, "he", ("HEBREW",)),
        Language("ar", "Arabic", {"ar": "sem/ar"}, "ar", _ARABIC),
        Language("fa", "Persian", {"fa": "ira/fa"}, "fa", _ARABIC),
        Language("hi", "Hindi", {"hi": "inc/hi"}, "hi", ("DEVANAGARI",), kokoro="h"),
        Language("bn", "Bengali", {"bn": "inc/bn"}, "bn", ("BENGALI",)),
        Language("ta", "Tamil", {"ta": "dra/ta"}, "ta", ("TAMIL",)),
        Language("ko", "Korean", {"ko": "ko"}, "ko", ("HANGUL",)),
        Language("ja", "Japanese", {"ja": "jpx/ja"}, "ja", ("HIRAGANA", "KATAKANA"), kokoro="j"),
        Language("zh", "Mandarin Chinese", {"zh": "sit/cmn"}, "zh", ("CJK",), kokoro="z", spaced=False),
    )
}

VOICES = {accent: voice for each in LANGUAGES.values() for accent, voice in each.accents.items()}
"""The paths of espeak-ng's voices, by accent."""

TONAL = frozenset(accent for code in ("vi", "zh") for accent in LANGUAGES[code].accents)
