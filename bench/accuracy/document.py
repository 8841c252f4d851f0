"""A section of a document that is written by a program, between two comments; the rest is left as it is."""

from __future__ import annotations

from pathlib import Path

from wakeword.errors import WakewordError
from wakeword.files import write_whole

BEGIN = "<!-- from here on by `wakeword bench accuracy` -->"
END = "<!-- to here by `wakeword bench accuracy` -->"


def write_section(path: Path, section: str) -> None:
    """Put a section in the place of the one before it, or at the end of a document that has none, or is new.

    Raises WakewordError for a document with half a section, or which can't be written.
    """
    text = path.read_text("utf-8") if path.exists() else ""
    if (text.count(BEGIN), text.count(END)) not in ((0, 0), (1, 1)):
        raise WakewordError(f"{path} must hold both comments of the accuracy bench once, or neither")
    written = f"{BEGIN}\n{section}\n{END}"
    if BEGIN in text:
        before, _, rest = text.partition(BEGIN)
        after = rest.partition(END)[2]
    else:
        before, after = text.rstrip() + "\n\n" if text else "", "\n"
    write_whole(path, f"{before}{written}{after}".encode())
