"""The errors that users see. Each message is one line, says what is wrong, and names the way out."""

from __future__ import annotations


class WakewordError(Exception):
    """Report wrong use or bad input. The command line prints it in one line and exits with status 2."""


class UsageError(WakewordError):
    """Report an option, a setting or an argument that can't be used, alone or beside the others."""


class ModelError(WakewordError):
    """Report a model that is missing, damaged, of another version, or without a word that is asked of it."""


class DataError(WakewordError):
    """Report audio, clips, labels or other files that can't be read or written, or that hold too little."""


class DeviceError(WakewordError):
    """Report a microphone, a board or a serial port that is missing, busy or silent."""


def printable(text: object, most: int = 200) -> str:
    """Return a stranger's text as it may stand in a message or on a terminal.

    It is one line without control characters, and has at most `most` characters before these are escaped.
    """
    whole = str(text)
    kept = whole if len(whole) <= most else f"{whole[:most]}..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in kept)
