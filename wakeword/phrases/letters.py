"""The letters of a text that English voices can't read, and would name one by one."""

from __future__ import annotations

import unicodedata

from wakeword.errors import UsageError


def foreign_letters(text: str) -> str:
    """Return the letters of a text that are not Latin ones; accents and other marks on Latin letters are fine."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(c for c in composed if c.isalpha() and not unicodedata.name(c, "").startswith("LATIN"))


def check_letters(phrase: str) -> None:
    """Check that English voices can read a phrase.

    Raises:
        UsageError: it has other letters than Latin ones.
    """
    if foreign := foreign_letters(phrase):
        raise UsageError(
            f"the voices, which are English, can't read {foreign!r} in {phrase!r}; spell it in Latin letters as it "
            "sounds, or record it yourself: wakeword record"
        )
