"""Locks of a run: who works at it holds one, which the system frees when the process ends, even by a kill."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from wakeword.errors import DataError, UsageError

_PATIENCE = 10.0  # seconds to wait for a lock: somebody may just be looking whether it is held


@contextmanager
def held(file: Path, busy: str) -> Iterator[None]:
    """Hold a lock for the length of the block.

    Raises UsageError with the line `busy` if another process holds it, and DataError if its folder can't be written.
    """
    lock = _lock(file)
    try:
        lock.acquire(timeout=_PATIENCE)
    except filelock.Timeout:
        raise UsageError(busy) from None
    except OSError as error:
        raise DataError(f"{file.parent} can't be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


def is_held(file: Path) -> bool:
    """Return whether a process holds a lock just now."""
    if not file.parent.is_dir():  # which the lock would make anew
        return False
    lock = _lock(file)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return True
    except OSError:  # the folder can't be written
        return False
    lock.release()
    return False


def _lock(file: Path) -> filelock.BaseFileLock:
    return filelock.FileLock(file, mode=0o600, is_singleton=False)
