"""Spell phrases in Kokoro's notation, and tell which of its voices speak a language.

The tokens are those of the configuration of Kokoro-82M. The spelling of each language is that of misaki, the front end
which the model was trained with: the IPA of espeak-ng, with one letter for an affricate or a diphthong; for Japanese
and Mandarin a notation of its own, to which espeak-ng's phonemes are brought here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from wakeword.phrases.language import EN_US, LANGUAGES, Language
from wakeword.phrases.phonemes import STRESS, Words, for_kokoro, unstressed

TOKENS = {
    " ": 16, ",": 3, ".": 4, "!": 5, "?": 6, "ˈ": 156, "ˌ": 157, "ː": 158, "\u0303": 17, "ʰ": 162, "ʲ": 164, "ᵝ": 22,
    "↓": 169, "→": 171, "↗": 172, "↘": 173,
    "A": 24, "I": 25, "O": 31, "Q": 33, "S": 35, "W": 39, "Y": 41,
    "a": 43, "e": 47, "i": 51, "o": 57, "u": 63, "y": 67, "ɑ": 69, "ɐ": 70, "ɒ": 71, "æ": 72, "ɔ": 76, "ə": 83,
    "ɚ": 85, "ɛ": 86, "ɜ": 87, "ɨ": 101, "ɪ": 102, "ɯ": 110, "ø": 116, "œ": 120, "ʊ": 135, "ʌ": 138, "ɤ": 140,
    "b": 44, "c": 45, "d": 46, "f": 48, "h": 50, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56, "p": 58, "q": 59,
    "r": 60, "s": 61, "t": 62, "v": 64, "w": 65, "x": 66, "z": 68, "β": 75, "ɕ": 77, "ç": 78, "ɖ": 80, "ð": 81,
    "ɟ": 90, "ɡ": 92, "ɥ": 99, "ʝ": 103, "ɰ": 111, "ŋ": 112, "ɳ": 113, "ɲ": 114, "ɴ": 115, "ɸ": 118, "θ": 119,
    "ɹ": 123, "ɾ": 125, "ɻ": 126, "ʁ": 128, "ɽ": 129, "ʂ": 130, "ʃ": 131, "ʈ": 132, "ʋ": 136, "ɣ": 139, "χ": 142,
    "ʎ": 143, "ʒ": 147, "ʔ": 148, "ʣ": 18, "ʥ": 19, "ʦ": 20, "ʨ": 21, "ꭧ": 23, "ʤ": 82, "ʧ": 133,
}  # fmt: skip

NOTATION = 1  # part of each clip's key; raise it when the spelling of another language than English changes
UNSPEAKABLE = ("ar", "vi")  # languages whose pharyngeals and tones Kokoro's tokens lack

_JOINED = {
    "aɪ": "I", "aʊ": "W", "eɪ": "A", "oʊ": "O", "əʊ": "Q", "ɔɪ": "Y", "ss": "S",
    "dz": "ʣ", "dʒ": "ʤ", "ts": "ʦ", "tʃ": "ʧ", "tɕ": "ʨ", "dʑ": "ʥ",
}  # fmt: skip
# The nearest tokens to phonemes that have none.
_NEAREST = {
    "r\u031d\u030a": "rʃ", "r\u031d": "rʒ", "kh": "kʰ", "ph": "pʰ", "th": "tʰ", "ʏ": "y", "ɵ": "ø", "ʉ": "u",
    "ʑ": "ʒ", "ʐ": "ʒ", "ɫ": "l", "ɭ": "l", "ɱ": "m", "ε": "ɛ", "g": "ɡ",
}  # fmt: skip

_JAPANESE = {"ä": "a", "e\u031e": "e", "o\u031e": "o", "ɯᵝ": "ɯ", "tɕ": "ʨ", "dʑ": "ʥ", "ts": "ʦ", "w": "β", "ũ": "ɴ"}
_CENTRAL = re.compile("(?<=[szɕʦʥʨʲ])ɯ")  # after these, the vowel is further forward

_MANDARIN = {
    "tʂh": "ꭧʰ", "tʂ": "ꭧ", "tɕh": "ʨʰ", "tɕ": "ʨ", "tsh": "ʦʰ", "ts": "ʦ", "kh": "kʰ", "ph": "pʰ",
    "th": "tʰ", "ʐ": "ɻ", "χ": "x", "onɡ": "ʊŋ", "o-": "ɤ", "i\u032a": "ɨ", "ər": "ɚ", "uei": "wei",
    "iou": "jou", "uo": "wo", "ua": "wa", "uə": "wə", "iɑ": "ja", "iɛ": "jɛ", "yɛ": "ɥe", "yæ": "ɥɛ", "yə": "ɥə",
    "ɑ": "a",
}  # fmt: skip
_TONES = {"55": "→", "35": "↗", "214": "↓", "51": "↘", "11": ""}


def kokoro_notation(words: Words, accent: str) -> str:
    """Return the tokens of a phrase, spoken in an accent of `wakeword.phrases.language.VOICES`."""
    if accent in EN_US.accents:
        return for_kokoro(words, british=accent != "en-us")
    if accent in LANGUAGES["ja"].accents:
        return " ".join(_CENTRAL.sub("ɨ", "".join(map(_japanese, word))) for word in words)
    if accent in LANGUAGES["zh"].accents:
        return "".join(map(_mandarin, (phoneme for word in words for phoneme in word)))
    return " ".join("".join(map(_general, word)) for word in words)


def voices_of(language: Language, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return Kokoro's voices of a language, and the others, which speak it with an accent."""
    own = sorted(name for name in names if language.kokoro and name[0] in language.kokoro)
    return own, sorted(set(names) - set(own))


def _general(phoneme: str) -> str:
    ipa = unstressed(phoneme)
    return _mark(phoneme) + _known(_replaced(_replaced(ipa, _JOINED), _NEAREST))


def _japanese(phoneme: str) -> str:
    ipa = unicodedata.normalize("NFC", unstressed(phoneme))
    spelt = _replaced(ipa, _JAPANESE)
    if len(spelt) == 2 and spelt[0] == spelt[1]:
        spelt = f"{spelt[0]}ː"
    return _known(spelt)


def _mandarin(phoneme: str) -> str:
    spelt = unstressed(phoneme)
    tone = spelt[len(spelt.rstrip("0123456789")) :]
    return _known(_replaced(spelt.removesuffix(tone), _MANDARIN)) + _TONES.get(tone, "")


def _mark(phoneme: str) -> str:
    return phoneme[0] if phoneme[0] in STRESS else ""


def _replaced(ipa: str, by: dict[str, str]) -> str:
    for old, new in by.items():
        ipa = ipa.replace(old, new)
    return ipa


def _known(spelt: str) -> str:
    """Return the symbols that have a token; marks on letters, such as that of a dental, have none."""
    symbols = (symbol if symbol in TOKENS else unicodedata.normalize("NFD", symbol) for symbol in spelt)
    return "".join(part for symbol in symbols for part in symbol if part in TOKENS)
