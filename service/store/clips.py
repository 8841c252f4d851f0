"""Clips beside the database: a FLAC file for each event, named by its id and nothing that came from outside."""

from __future__ import annotations

import io
from pathlib import Path

import soundfile

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples


class ClipFolder:
    """The files of clips."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, event: int) -> Path:
        return self._folder / f"{event:d}.flac"

    def write(self, event: int, samples: Samples) -> int:
        """Keep int16 samples at 16 kHz; returns the size of the file.

        It isn't forced to the disk: a power cut may cost the last clips, where it costs no event.

        Raises:
            OSError: it can't be written.
        """
        data = encoded(samples, "FLAC")
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self.path(event).with_suffix(".part")
        part.write_bytes(data)
        part.replace(self.path(event))
        return len(data)

    def read(self, event: int) -> bytes | None:
        """The file, None where there is none, or a power cut has left it empty."""
        try:
            return self.path(event).read_bytes() or None
        except FileNotFoundError:
            return None

    def remove(self, event: int) -> None:
        self.path(event).unlink(missing_ok=True)

    def events(self, before: float) -> list[int]:
        """The events whose file was written before a time, in seconds since 1970."""
        return [
            int(path.stem)
            for path in self._folder.glob("*.flac")
            if path.stem.isdecimal() and path.stat().st_mtime < before
        ]


def encoded(samples: Samples, kind: str) -> bytes:
    """Samples as the bytes of a file of 16 bits; `kind` is "FLAC" or "WAV"."""
    file = io.BytesIO()
    soundfile.write(file, samples, SAMPLE_RATE, subtype="PCM_16", format=kind)
    return file.getvalue()


def as_wav(flac: bytes) -> bytes:
    """The same samples as a WAV file."""
    samples, _ = soundfile.read(io.BytesIO(flac), dtype="int16")
    return encoded(samples, "WAV")
