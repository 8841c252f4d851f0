"""Write a section of a Markdown document between two comments, and leave the rest unchanged."""

from __future__ import annotations

from pathlib import Path

from wakeword.errors import DataError
from wakeword.files import write_whole

BEGIN = "<!-- from here on by `wakeword bench accuracy` -->"
END = "<!-- to here by `wakeword bench accuracy` -->"


def write_section(path: Path, section: str) -> None:
    """Replace the section, or append one to a document without it.

    Raises:
        DataError: the document has half a section.
        WakewordError: it can't be written.
    """
    text = path.read_text("utf-8") if path.exists() else ""
    if (text.count(BEGIN), text.count(END)) not in ((0, 0), (1, 1)):
        raise DataError(f"{path} must have both comments of the accuracy bench once, or neither: {BEGIN} and {END}")
    written = f"{BEGIN}\n{section}\n{END}"
    if BEGIN in text:
        before, _, rest = text.partition(BEGIN)
        after = rest.partition(END)[2]
    else:
        before, after = text.rstrip() + "\n\n" if text else "", "\n"
    write_whole(path, f"{before}{written}{after}".encode())
