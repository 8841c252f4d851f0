"""The folder of clips: one FLAC file per event, named by the event's id."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wakeword.files import private_folder, private_opener

_WRITERS = 8  # files written at once: the disk takes little longer for eight than for one


class ClipFolder:
    """Reads, writes and removes clips."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writers = ThreadPoolExecutor(_WRITERS, "clips")

    def path(self, event: int) -> Path:
        """Return the file of an event's clip."""
        return self.folder / f"{event:d}.flac"

    def write(self, clips: Mapping[int, bytes]) -> None:
        """Write the FLAC files of these events, and force them and their names to the disk.

        Raises:
            OSError: a file can't be written.
        """
        if not clips:
            return
        private_folder(self.folder)
        list(self._writers.map(self._write, clips.keys(), clips.values()))
        _sync_folder(self.folder)

    def _write(self, event: int, flac: bytes) -> None:
        part = self.path(event).with_suffix(".part")
        with open(part, "wb", opener=private_opener) as file:
            file.write(flac)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.path(event))

    def read(self, event: int) -> bytes | None:
        """Return an event's FLAC file, or None if it has none."""
        try:
            return self.path(event).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, event: int) -> None:
        """Remove an event's clip, if it has one."""
        self.path(event).unlink(missing_ok=True)

    def events(self, before: float) -> Iterator[int]:
        """Yield the events whose clip was written before a time, in seconds since 1970."""
        return (int(path.stem) for path in self._older(".flac", before) if path.stem.isdecimal())

    def remove_partial(self, before: float) -> None:
        """Remove half-written files that a crash left before a time, in seconds since 1970."""
        for path in self._older(".part", before):
            path.unlink(missing_ok=True)

    def _older(self, suffix: str, before: float) -> Iterator[Path]:
        """Yield files one by one: a folder may hold too many for a list."""
        with contextlib.suppress(FileNotFoundError), os.scandir(self.folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):  # it was removed just now
                    if entry.name.endswith(suffix) and entry.stat().st_mtime < before:
                        yield self.folder / entry.name


def _sync_folder(folder: Path) -> None:
    """Force the names of a folder's files to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
