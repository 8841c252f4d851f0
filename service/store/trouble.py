"""Trouble with the disk or the database: what is wrong in one line, and whether the disk is full."""

from __future__ import annotations

import errno
import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DataError as InvalidData
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnection

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SPACE = 256 * 1024  # bytes; with less, SQLite calls a full disk an error of input and output


class Unavailable(OSError):
    """Report that the database or the data folder can't be used now. It may be later."""


@dataclass(frozen=True)
class Trouble:
    """What keeps events, settings or files from being stored."""

    reason: str  # one line
    full: bool = False  # the disk


_FULL_DISK = Trouble("the disk is full", full=True)


def trouble_of(error: BaseException | None, folder: Path | None = None) -> Trouble | None:
    """Return the trouble that an error reports, or None if it reports another kind of fault.

    folder: of the data, to tell a full disk from a broken one.
    """
    if isinstance(error, OSError):
        return _FULL_DISK if error.errno in _FULL else Trouble(error.strerror or str(error))
    if isinstance(error, NoConnection):
        return Trouble("all connections to the database are in use")
    if isinstance(error, DBAPIError) and not isinstance(error, (IntegrityError, ProgrammingError, InvalidData)):
        reason = " ".join(str(error.orig or error).split())
        full = "is full" in reason or ("disk I/O" in reason and folder is not None and _is_full(folder))
        return _FULL_DISK if full else Trouble(reason)
    return None if error is None else trouble_of(error.__cause__, folder)


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _SPACE
    except OSError:
        return False
