"""Writing a file whole, or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from wakeword.errors import DataError


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader, a crash or a full disk never meets half of it.

    Raises DataError if it can't be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # there may be no part, or no folder
            part.unlink()
        raise DataError(f"{path} can't be written: {error.strerror}; an earlier file is unchanged") from error
