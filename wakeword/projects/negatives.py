"""The negatives of a project: long recordings in which nobody says a phrase, each a FLAC file at 16 kHz."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

import soundfile

from featurizer import SAMPLE_RATE
from wakeword.audio.files import audio_files, audio_seconds, blocks
from wakeword.data.running_speech import MAX_HOURS
from wakeword.data.said import label_file
from wakeword.errors import DataError, MissingError, UsageError, printable
from wakeword.files import private_folder, private_opener
from wakeword.projects.project import Project
from wakeword.projects.stored import check_name
from wakeword.text import file_part

MAX_NEGATIVES = 100  # of a project
MAX_SECONDS = 4 * 3600.0  # of a recording
_BLOCK = 60 * SAMPLE_RATE
_NAME_BYTES = 100
_PART = ".recording.part"  # of which a crash leaves one at most


class NotWrittenError(DataError):
    """Report that a recording can't be written, whatever it is."""


@dataclass(frozen=True)
class Negative:
    """A recording. name: of its file. seconds: None if it can't be read."""

    name: str
    seconds: float | None
    bytes: int


def negatives(project: Project) -> list[Negative]:
    """List the recordings of a project, also those that somebody has put there.

    Raises DataError for a name that can't be told.
    """
    return [_negative(path, project) for path in _paths(project)]


def convert(
    path: Path | str,
    file: IO[bytes],
    on_bytes: Callable[[int], None] = lambda count: None,
    tell: Callable[[str], None] | None = None,
) -> None:
    """Write an audio file of any kind as FLAC at 16 kHz, block by block.

    on_bytes: is told about the bytes that were added. tell: as of `read_audio`.

    Raises DataError for a file that can't be read, AudioTooLong, and NotWrittenError.
    """
    written = 0
    output = _Output(file)
    try:
        with soundfile.SoundFile(output, "w", SAMPLE_RATE, 1, "PCM_16", format="FLAC") as flac:
            for block in blocks(path, _BLOCK, MAX_SECONDS, tell):
                flac.write(block)
                output.check()
                on_bytes(max(0, file.tell() - written))
                written = max(written, file.tell())
        output.check()
    except (AssertionError, soundfile.LibsndfileError):  # so soundfile says that not all was written
        output.check()
        raise


class _Output:
    """A file for soundfile to write, which tells why it couldn't: soundfile loses what its callbacks raise."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._error: OSError | None = None
        self.read, self.seek, self.tell = file.read, file.seek, file.tell

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self._error = error
            return 0

    def check(self) -> None:
        """Raise NotWrittenError if something couldn't be written."""
        if self._error is not None:
            reason = f"the recording can't be written: {self._error.strerror}; make room on the disk"
            raise NotWrittenError(reason) from self._error


def add_negative(project: Project, file: IO[bytes], name: str) -> Negative:
    """Store what `convert` has written, from its begin. name: of the recording, which gets a number if there is one.

    Raises UsageError if there are too many, or more hours than a training takes, and DataError if it can't be written.
    """
    folder, there = project.negatives, negatives(project)
    if len(there) >= MAX_NEGATIVES:
        raise UsageError(f"a project has at most {MAX_NEGATIVES} recordings of negatives; delete some")
    stem = file_part(Path(name).stem, _NAME_BYTES).strip("_") or "recording"
    part, path = folder / _PART, folder / f"{stem}.flac"
    number = 1
    while path.exists() or label_file(path).exists():  # of a recording that was removed by hand
        number += 1
        path = folder / f"{stem}-{number}.flac"
    try:
        private_folder(folder)
        with open(part, "wb", opener=private_opener) as written:
            file.seek(0)
            shutil.copyfileobj(file, written)
        seconds = sum(each.seconds or 0.0 for each in (*there, _negative(part, project)))
        if seconds > MAX_HOURS * 3600:
            part.unlink()
            raise UsageError(
                f"a project has at most {MAX_HOURS:g} hours of negatives, as a training takes; delete some"
            )
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise DataError(f"{path} can't be written: {error.strerror}; make room on the disk") from error
    return _negative(path, project)


def remove_negative(project: Project, name: str) -> None:
    """Remove a recording by its name, and its label file. Raises MissingError, and DataError if its file stays."""
    for path in _paths(project):
        if _name(path, project) == name:
            try:
                path.unlink()
                label_file(path).unlink(missing_ok=True)
            except OSError as error:
                raise DataError(f"{path} can't be removed: {error.strerror}; remove it yourself") from error
            return
    raise MissingError(f"there is no recording {printable(name, 60)!r}")


def _paths(project: Project) -> list[Path]:
    """List the files. Raises DataError for a name that can't be told."""
    found = audio_files(project.negatives, below=True)
    for path in found:
        check_name(path)
    return found


def _name(path: Path, project: Project) -> str:
    return path.relative_to(project.negatives).as_posix()


def _negative(path: Path, project: Project) -> Negative:
    status = path.stat()
    return Negative(_name(path, project), _seconds(path, status.st_mtime_ns, status.st_size), status.st_size)


@lru_cache(1 << 12)
def _seconds(path: Path, changed: int, size: int) -> float | None:
    """Return the length of a file, which may have to be decoded for that; None if it can't be read.

    changed, size: tell the file from another of the name.
    """
    try:
        return audio_seconds(path)
    except DataError:
        return None
