"""Clips beside the database: a FLAC file for each event, named by its id and nothing that came from outside."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_AT_ONCE = 8  # files on their way to the disk, which takes them together in little more time than one


class ClipFolder:
    """The files of clips."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers = ThreadPoolExecutor(_AT_ONCE, "clips")

    def path(self, event: int) -> Path:
        return self._folder / f"{event:d}.flac"

    def write(self, clips: Mapping[int, bytes]) -> None:
        """Keep the FLAC files of these events. When this returns they are on the disk, whatever happens to it then.

        Raises:
            OSError: one can't be written.
        """
        if not clips:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        list(self._writers.map(self._write, clips.keys(), clips.values()))
        _force_names(self._folder)

    def _write(self, event: int, flac: bytes) -> None:
        part = self.path(event).with_suffix(".part")
        with part.open("wb") as file:
            file.write(flac)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.path(event))

    def read(self, event: int) -> bytes | None:
        """The file, None where there is none."""
        try:
            return self.path(event).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, event: int) -> None:
        self.path(event).unlink(missing_ok=True)

    def events(self, before: float) -> Iterator[int]:
        """The events whose file was written before a time, in seconds since 1970."""
        return (int(path.stem) for path in self._older(".flac", before) if path.stem.isdecimal())

    def remove_torn(self, before: float) -> None:
        """Remove what a crash has left half written before a time, in seconds since 1970."""
        for path in self._older(".part", before):
            path.unlink(missing_ok=True)

    def _older(self, ending: str, before: float) -> Iterator[Path]:
        """One after the other: there may be so many that a list of them would be noticed."""
        with contextlib.suppress(FileNotFoundError), os.scandir(self._folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):  # it was removed just now
                    if entry.name.endswith(ending) and entry.stat().st_mtime < before:
                        yield self._folder / entry.name


def _force_names(folder: Path) -> None:
    """Force to the disk which files a folder holds."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
