"""How much of the disk the studio may use: its projects with all runs, and its inbox."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from wakeword.errors import WakewordError

_GIGABYTE = 10**9


class NoRoom(WakewordError):
    """Report that the studio holds as much as it may."""


class Quota:
    """Counts the bytes of some folders, and those that are on their way."""

    def __init__(self, folders: Sequence[Path], most: int) -> None:
        """most: bytes that the folders may hold."""
        self._folders = folders
        self._most = most
        self._coming = 0
        self._lock = threading.Lock()

    def used(self) -> int:
        """Count the bytes of all files in the folders; one of several names counts once."""
        return sum(_bytes(folder) for folder in self._folders)

    def check(self, more: int = 0) -> None:
        """Check that there is room for so many bytes more. Raises NoRoom."""
        self._check(self.used(), more)

    @contextmanager
    def coming(self) -> Iterator[Callable[[int], None]]:
        """Count bytes that are on their way, for the length of the block.

        Yields what counts some of them. It raises NoRoom if there is no room for all that are coming.
        """
        used, mine = self.used(), 0

        def count(more: int) -> None:
            nonlocal mine
            mine += more
            with self._lock:
                self._coming += more
            self._check(used, 0)

        try:
            count(0)
            yield count
        finally:
            with self._lock:
                self._coming -= mine

    def _check(self, used: int, more: int) -> None:
        if used + self._coming + more > self._most:
            wanted = f", and {more / _GIGABYTE:.2f} GB more are needed" if more else ""
            raise NoRoom(
                f"the studio holds {used / _GIGABYTE:.2f} GB of the {self._most / _GIGABYTE:g} that it may{wanted}; "
                "delete projects, runs or recordings, or start it with a larger --quota"
            )


def _bytes(folder: Path) -> int:
    """Count the bytes of a folder's files, and of those below; links aren't followed."""
    total, seen = 0, set[tuple[int, int]]()
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                status = os.stat(os.path.join(root, name), follow_symlinks=False)
            except OSError:  # it is gone just now
                continue
            identity = (status.st_dev, status.st_ino)
            if status.st_nlink == 1 or identity not in seen:
                seen.add(identity)
                total += status.st_size
    return total
