"""The errors that users see. Each message is one line, says what is wrong, and names the way out."""

from __future__ import annotations

from collections.abc import Sequence

_LISTED = 5  # names of a kind that a message lists


class WakewordError(Exception):
    """Report wrong use or bad input. The command line prints it in one line and exits with status 2."""


class UsageError(WakewordError):
    """Report an option, a setting or an argument that can't be used, alone or beside the others."""


class ModelError(WakewordError):
    """Report a model that is missing, damaged, of another version, or without a word that is asked of it."""


class DataError(WakewordError):
    """Report audio, clips, labels or other files that can't be read or written, or that hold too little."""


class MissingError(DataError):
    """Report that there is nothing of a name that was asked for."""


class DeviceError(WakewordError):
    """Report a microphone, a board or a serial port that is missing, busy or silent."""


def printable(text: object, most: int = 200) -> str:
    """Return a stranger's text as it may stand in a message or on a terminal.

    It is one line without control characters, and has at most `most` characters before these are escaped.
    """
    whole = str(text)
    kept = whole if len(whole) <= most else f"{whole[:most]}..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in kept)


def counted(count: int, unit: str) -> str:
    """Return a count with its unit: "1 clip", "1,200 clips"."""
    return f"{count:,} {unit}{'' if count == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """Return the first names of many, and how many more there are."""
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
