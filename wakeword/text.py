"""Letters of any script: the one form in which names are kept, and what is a letter."""

from __future__ import annotations

import itertools
import unicodedata

_JOINERS = "\u200c\u200d"  # within words of some scripts
_WIDTHS = ("<wide>", "<narrow>")


def composed(text: str) -> str:
    """Return a name in the form in which all are kept: with composed accents (NFC), as most keyboards type them.

    File systems, other programs and pasted text may have them apart.
    """
    return unicodedata.normalize("NFC", text)


def usual_width(text: str) -> str:
    """Return a text with letters of full or half width, which keyboards of Japanese type too, in their usual width.

    The voices read no others. Signs stay: a wide comma parts no words.
    """
    runs = itertools.groupby(text, _has_odd_width)
    return composed("".join(unicodedata.normalize("NFKC" if odd else "NFC", "".join(run)) for odd, run in runs))


def _has_odd_width(character: str) -> bool:
    return character.isalnum() and unicodedata.decomposition(character).startswith(_WIDTHS)


def lower_turkish(text: str) -> str:
    """Return a text with the two letters I in lower case as Turkish has them, one without a dot; others stay."""
    return text.replace("I", "ı").replace("İ", "i")


def is_letter(character: str) -> bool:
    """Return whether a character is a letter or a digit, or a part of one, as vowel signs and accents are.

    The `\\w` of regular expressions takes no signs, without which Hindi and Thai can't be written.
    """
    return character.isalnum() or unicodedata.category(character).startswith("M") or character in _JOINERS


def file_part(text: str, room: int = 100) -> str:
    """Return a name as a part of a file's name: its letters and dashes, with _ for what is between them.

    room: bytes that it takes at most. File systems have room for 255 bytes, and a letter may have four.
    """
    kept = "".join(each if is_letter(each) or each == "-" else " " for each in composed(text))
    return "_".join(kept.split()).encode()[:room].decode(errors="ignore") or "_"


def unprintable(text: str) -> str:
    """Return the characters that can't be printed in a line, or can't be seen."""
    return "".join(character for character in text if not character.isprintable() and character not in _JOINERS)
