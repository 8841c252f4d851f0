"""What can be a label of a model: a name that is printed in a line."""

from __future__ import annotations

MAX_LABEL = 200  # bytes in UTF-8; a board's message has room for some more

_JOINERS = "\u200c\u200d"  # within words of some scripts


def unprintable(label: str) -> str:
    """Return the characters of a label that can't be printed in a line, or can't be seen."""
    return "".join(character for character in label if not character.isprintable() and character not in _JOINERS)
