"""Tell which language a phrase is in, and whether the voices of a language can say it.

The voices name the letters that they can't read one by one, or read them in another language.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable

from wakeword.errors import UsageError, listed, printable
from wakeword.phrases.espeak import espeak
from wakeword.phrases.language import EN_US, LANGUAGES, Language
from wakeword.text import composed, is_letter

# Languages by how the Unicode names of their letters begin; letters of others are in no language that is known here.
_BY_SCRIPT = {
    "HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja", "DEVANAGARI": "hi", "BENGALI": "bn", "TAMIL": "ta",
    "GREEK": "el", "HEBREW": "he", "ARABIC": "ar", "CYRILLIC": "ru",
}  # fmt: skip
# Letters that their neighbours lack. Romanian may be written with ş.
_BY_LETTER = {
    "uk": f"іїєґ{LANGUAGES['uk'].marks}", "fa": "پچژگ", "de": "ß", "pl": "ąćęłńśźż", "cs": "ěřů", "sk": "ĺľŕ",
    "hu": "őű", "ro": "șțţ", "tr": "ğıİ",
    "vi": "đĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
}  # fmt: skip
_NO_READING = "əː1"  # what espeak-ng says for a Chinese character that it does not know
_SHORTEST_SPELT = 4  # letters of a word that is not said as one
# What else a language is called: by its code of three letters, a code of former times, or that of its country.
_ALIASES = {
    "en": "en-us", "eng": "en-us", "us": "en-us", "gb": "en-gb", "english": "en-us", "no": "nb", "nor": "nb",
    "nob": "nb", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "nld": "nl", "dut": "nl",
    "por": "pt", "portuguese": "pt", "pol": "pl", "ces": "cs", "cze": "cs", "cz": "cs", "slk": "sk", "slo": "sk",
    "swe": "sv", "dan": "da", "dk": "da", "fin": "fi", "hun": "hu", "ron": "ro", "rum": "ro", "cat": "ca", "tur": "tr",
    "vie": "vi", "ind": "id", "in": "id", "rus": "ru", "ukr": "uk", "ua": "uk", "bul": "bg", "ell": "el",
    "gre": "el", "gr": "el", "heb": "he", "iw": "he", "ara": "ar", "fas": "fa", "per": "fa", "farsi": "fa",
    "hin": "hi", "ben": "bn", "tam": "ta", "kor": "ko", "kr": "ko", "jpn": "ja", "jp": "ja",
    "zho": "zh", "chi": "zh", "cmn": "zh", "cn": "zh",
    "chinese": "zh", "mandarin": "zh",
    **{language.name.lower(): code for code, language in LANGUAGES.items()},
}  # fmt: skip


def language_named(code: str) -> Language:
    """Return the language of a code such as "de", "pt-BR" or "jpn", or an English name; UsageError if there is none."""
    usual = code.strip().lower().replace("_", "-")
    for name in (usual, usual.partition("-")[0]):
        if found := LANGUAGES.get(_ALIASES.get(name, name)):
            return found
    raise UsageError(
        f"there is no language {printable(code, 40)!r}; choose from {', '.join(LANGUAGES)}; "
        "phrases of any other can be recorded: wakeword record"
    )


def language_of(phrases: Iterable[str]) -> Language:
    """Return the language of phrases by their letters; American English if these don't tell one."""
    letters = {letter for phrase in phrases for letter in composed(phrase) if letter.isalpha()}
    codes = set()
    for letter in letters.difference(*(language.marks for language in LANGUAGES.values())):
        script = next((script for script in _BY_SCRIPT if unicodedata.name(letter, "").startswith(script)), "")
        if script or not LANGUAGES["zh"].reads(letter):  # Chinese characters stand in Japanese too
            codes.add(_BY_SCRIPT.get(script, "en-us"))
    # Those of two languages tell none.
    told = [code for code, own in _BY_LETTER.items() if letters & _both_cases(own)]
    for scripts in {LANGUAGES[code].scripts for code in told}:
        if len(same := [code for code in told if LANGUAGES[code].scripts == scripts]) == 1:
            codes = {same[0] if LANGUAGES[each].scripts == scripts else each for each in codes}
    return LANGUAGES[codes.pop()] if len(codes) == 1 else EN_US


def _both_cases(letters: str) -> set[str]:
    """Return letters with their capitals, but for an ASCII one, as of the i without a dot."""
    return {*letters, *(letter for letter in letters.upper() if not letter.isascii())}


def check_phrase(phrase: str, language: Language, name: str = "") -> None:
    """Check that the voices of a language can say a phrase.

    name: of the phrase or word that is said so, if it is not the phrase itself.

    Raises:
        UsageError: it has other letters, or words that they would spell out, or nothing that can be pronounced.
    """
    if not (unread := _unread(phrase, language)):
        espeak().transcribe(phrase, language.accent)  # raises
        return
    is_japanese = language is LANGUAGES["ja"]  # whose kanji are letters of Chinese
    others = [
        code
        for code, other in LANGUAGES.items()
        if other is not language and not _unread(phrase, other) and not (is_japanese and code == "zh")
    ]
    if others and not language.foreign_letters(phrase):
        what = f"the voices, which speak {language.name}, spell {unread!r} in {phrase!r} letter by letter"
    else:
        what = f"the voices, which speak {language.name}, can't read {unread!r} in {phrase!r}"
    anew = ""
    if odd := _odd_letter(phrase, language):
        what += f", a {unicodedata.name(odd, 'letter').lower()} among other letters"
        anew = "type it anew, or "
    give = f"give its language (--language {listed(others)}), or " if others else ""
    kana = " in kana" if is_japanese else " (in kana, if it is Japanese)" if others == ["zh"] else ""
    say = f"say how it sounds{kana}: --say '{name or phrase}=...'"
    raise UsageError(f"{what}; {anew}{give}{say}, or record it yourself: wakeword record")


def can_say(phrase: str, language: Language) -> bool:
    """Return whether the voices of a language can say a phrase."""
    return language.reads(phrase) and not _unread(phrase, language)


def _unread(phrase: str, language: Language) -> str:
    """Return the letters of a phrase that a language has not, or else the words that its voices spell out."""
    if foreign := language.foreign_letters(phrase):
        return _with_signs(phrase, foreign)
    if not language.spaced:
        accent = language.accent
        return "".join(c for c in phrase if c.isalpha() and espeak().transcribe(c, accent).startswith(_NO_READING))
    return ", ".join(word for word in _words(phrase) if _is_spelt_out(word, language))


def _with_signs(phrase: str, letters: str) -> str:
    """Return the letters of a phrase that are among some, with the vowel signs on them, which are none by Unicode."""
    found = ""
    for before, each in itertools.pairwise(f" {composed(phrase)}"):
        if each in letters or (unicodedata.category(each).startswith("M") and found.endswith(before)):
            found += each
    return found


def _odd_letter(phrase: str, language: Language) -> str:
    """Return the first letter of another script within a word of the language, which its looks may hide; or ""."""
    if not language.spaced or language is LANGUAGES["ja"]:
        return ""
    for word in _words(phrase):
        foreign = language.foreign_letters(word)
        if foreign and len(foreign) < sum(map(str.isalpha, word)):
            return foreign[0]
    return ""


def _words(phrase: str) -> list[str]:
    """Return the runs of letters, with the marks on them."""
    runs = itertools.groupby(composed(phrase), lambda character: is_letter(character) and not character.isdigit())
    return ["".join(run) for is_word, run in runs if is_word]


def _is_spelt_out(word: str, language: Language) -> bool:
    """Tell whether a word is read letter by letter; abbreviations in capitals are meant to be.

    An unknown letter is read as its code, or in another language; a word that is none, as one word for each letter.
    """
    if word.isupper() and word.isascii():
        return False
    ipa, is_latin = espeak().transcribe(word, language.accent), language.scripts == EN_US.scripts
    by_letters = len(word) >= _SHORTEST_SPELT and len(ipa.split()) >= len(word) - 1
    return by_letters or ("(" in ipa and not is_latin) or espeak().names_codes(word, language.accent)
