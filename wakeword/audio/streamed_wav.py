"""WAV files whose writer never knew their length: it streamed them, or was killed. Their header says zero samples."""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path

_LARGEST = 0xFFFF_FFFF - 1  # bytes that a header can tell, even


class StreamedWav(io.RawIOBase):
    """A file with another beginning, of the same length."""

    def __init__(self, path: Path, beginning: bytes) -> None:
        self._file = path.open("rb", buffering=0)
        self._beginning = beginning

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        start = self._file.tell()
        count = self._file.readinto(buffer)
        fixed = self._beginning[start : start + count]
        memoryview(buffer).cast("B")[: len(fixed)] = fixed
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def streamed_wav(path: Path) -> StreamedWav | None:
    """Return a WAV file with its length filled in, if its header says that no samples follow, and some do.

    Raises OSError if it can't be read.
    """
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(0)
        if (head := file.read(12))[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        while len(chunk := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", chunk)
            if name == b"data":
                break
            file.seek(size + size % 2, os.SEEK_CUR)
        at = file.tell()
        if len(chunk) < 8 or size or at >= end or _are_chunks(file, end):
            return None
        file.seek(0)
        beginning = bytearray(file.read(at))
    beginning[4:8] = struct.pack("<I", min(end - 8, _LARGEST))
    beginning[-4:] = struct.pack("<I", min(end - at, _LARGEST))
    return StreamedWav(path, bytes(beginning))


def _are_chunks(file: io.BufferedReader, end: int) -> bool:
    """Return whether the rest of a file is chunks of other kinds, as after a recording without samples."""
    while len(chunk := file.read(8)) == 8:
        (size,) = struct.unpack_from("<I", chunk, 4)
        if file.seek(size + size % 2, os.SEEK_CUR) > end:
            return False
    return file.tell() == end and not chunk
