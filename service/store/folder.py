"""The data folder: one service uses it at a time, and it holds a reserve for the day when the disk is full."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

import structlog
from filelock import FileLock, Timeout

from service.store.trouble import Unavailable
from wakeword.errors import UsageError
from wakeword.files import make_private, private_opener

_LOCK = "lock"
_RESERVE = "reserve"
_BLOCK = 1 << 16  # bytes that are written at a time
_PLENTY = 4  # times the reserve must be free before it is taken again
_log = structlog.get_logger()


class DataFolder:
    """A folder that belongs to this service. The kernel ends its lock with the process, however that ends."""

    def __init__(self, path: Path, reserve_bytes: int) -> None:
        """Make the folder, or make it private, and lock it.

        reserve_bytes: room in the reserve, more than it takes to delete some hundred events.

        Raises:
            UsageError: another service uses the folder.
            WakewordError: the folder can't be made or written to.
        """
        self.path = path
        self._reserve_bytes = reserve_bytes
        make_private(path)
        self._lock = FileLock(path / _LOCK, mode=0o600, thread_local=False)
        self._identity: tuple[int, int] | None = None
        try:
            self._acquire()
        except OSError as error:
            raise UsageError(f"{path} can't be used: {error.strerror or error}; choose another --data") from error

    def check(self) -> None:
        """If the folder was removed, make and lock it again.

        Raises:
            OSError: it can't be made, or another service uses it by now.
        """
        if self._identity == _identity(self.path / _LOCK):
            return
        self._lock.release(force=True)
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._acquire()
        except UsageError as error:
            raise Unavailable(str(error)) from error

    def take_reserve(self) -> None:
        """Fill the reserve, if there is plenty of room. A disk that is nearly full goes without."""
        file = self.path / _RESERVE
        with contextlib.suppress(OSError):
            if (
                not self._reserve_bytes
                or file.exists()
                or shutil.disk_usage(self.path).free < _PLENTY * self._reserve_bytes
            ):
                return
            try:
                with open(file, "wb", opener=private_opener) as reserve:
                    for _ in range(self._reserve_bytes // _BLOCK):
                        reserve.write(os.urandom(_BLOCK))  # a file system that compresses keeps all of it
            except OSError:
                file.unlink()

    def release_reserve(self) -> bool:
        """Give the reserve's room back to the disk. Return whether there was any."""
        try:
            (self.path / _RESERVE).unlink()
        except OSError:
            return False
        _log.warning("the disk is full: the reserve of the data folder was freed", bytes=self._reserve_bytes)
        return True

    def close(self) -> None:
        """End the lock."""
        self._lock.release(force=True)

    def _acquire(self) -> None:
        try:
            self._lock.acquire(blocking=False)
        except Timeout as error:
            raise UsageError(f"another service uses {self.path}; end it, or choose another --data") from error
        self._identity = _identity(self.path / _LOCK)


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another of its name, or None if there is no file."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
