"""Text of any script in the columns of a terminal: its width, padding, lines of a width, and its direction."""

from __future__ import annotations

import io
import re
import textwrap

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_LEFT_TO_RIGHT = "\u200e"  # a mark without width
_RIGHT = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+"  # letters and marks that are written from right to left
_PHRASE = re.compile(f"{_RIGHT}(?: {_RIGHT})*")


def width(text: str) -> int:
    """Return the columns that a line takes: two for a wide character, none for a mark on another."""
    return cell_len(text)


def padded(text: str, columns: int) -> str:
    """Return a text with spaces behind it, so that it takes so many columns, or its own if it is wider."""
    return text + " " * (columns - width(text))


def left_to_right(text: str) -> str:
    """Return text for a terminal, which otherwise moves numbers behind Hebrew or Arabic to its left.

    A program that reads the text should not get the marks.
    """
    return _PHRASE.sub(lambda found: found[0] + _LEFT_TO_RIGHT, text)


def wrapped(text: str, columns: int, first: str, following: str) -> list[str]:
    """Return a text as lines of at most so many columns. first, following: what the lines begin with."""
    if width(text) == len(text):
        return textwrap.wrap(text, columns, initial_indent=first, subsequent_indent=following)
    console = Console(width=columns, file=io.StringIO())
    lines = Text(text).wrap(console, columns - width(following))
    return [f"{following if at else first}{line.plain.rstrip()}" for at, line in enumerate(lines)]
