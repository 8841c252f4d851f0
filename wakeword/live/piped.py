"""Audio from a pipe: raw PCM, or a file whose format is recognised by its first bytes.

WAV and Ogg are decoded as they come. The library needs to seek in other formats: these are read to their end first,
into a temporary file of bounded size.
"""

from __future__ import annotations

import os
import struct
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from io import RawIOBase
from typing import IO

from featurizer.logmel import Samples
from wakeword.audio.files import open_blocks
from wakeword.errors import DataError
from wakeword.live.frames import is_aac, is_mp3

NAME = "standard input"  # in messages
MAX_SPOOL = 256 << 20  # bytes of a format that can't be decoded as it comes: four hours of FLAC
_MAX_HEADER = 1 << 20  # bytes of a WAV file before its samples
_READ_BYTES = 1 << 16
_MAGIC_BYTES = 12
_BLOCK_SECONDS = 0.05

_SEEKING = (b"fLaC", b"ID3", b"RF64", b"riff\x2e\x91\xcf\x11", b"caff\x00\x01", b".snd\x00\x00\x00", b"RIFX")
_FILES_ALONE = {b"#!AMR": "AMR", b"0&\xb2u\x8ef\xcf\x11": "WMA"}
_AIFF = (b"AIFF", b"AIFC")
_UNKNOWN_SIZES = (0, 0x7FFFF000)  # a WAV file that was streamed: none, or this and more
_PCM, _FLOAT, _A_LAW, _U_LAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_SUBTYPES = {
    (_PCM, 8): "PCM_U8",
    (_PCM, 16): "PCM_16",
    (_PCM, 24): "PCM_24",
    (_PCM, 32): "PCM_32",
    (_FLOAT, 32): "FLOAT",
    (_FLOAT, 64): "DOUBLE",
    (_A_LAW, 8): "ALAW",
    (_U_LAW, 8): "ULAW",
}


class Piped:
    """An unbuffered stream whose first bytes were looked at, and are read again."""

    def __init__(self, stream: RawIOBase) -> None:
        self._stream = stream
        self._ahead = b""

    def peek(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer at the end, and leave them to be read."""
        while len(self._ahead) < count and (data := self._stream.read(count - len(self._ahead))):
            self._ahead += data
        return self._ahead[:count]

    def put_back(self, data: bytes) -> None:
        """Let these bytes be read next."""
        self._ahead = data + self._ahead

    def read(self, size: int) -> bytes:
        """Read what there is, `size` bytes at most; nothing at the end."""
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data
        return self._stream.read(size) or b""


def audio_file(stream: Piped) -> Iterator[Samples] | None:
    """Return the blocks of an audio file, int16 at 16 kHz; None if the stream is none that is known, such as raw PCM.

    Raises (at once or while iterating):
        DataError: the file is of a format that can't be decoded, is damaged, or is too long to be kept.
    """
    magic = stream.peek(_MAGIC_BYTES)
    if kind := _of_files_alone(stream):
        raise DataError(f"{NAME} is {kind}, which no pipe can bring; save it as a file: --input FILE")
    if magic.startswith(b"RIFF") and magic[8:] == b"WAVE":
        return _wav(stream)
    if magic.startswith(b"OggS"):
        return _decoded_as_it_comes(stream)
    if magic.startswith(_SEEKING) or is_mp3(stream.peek) or (magic.startswith(b"FORM") and magic[8:] in _AIFF):
        return _spooled(stream)
    return None


def _of_files_alone(stream: Piped) -> str:
    """Return the format of a file that is read from a disk alone; "" for others."""
    magic = stream.peek(_MAGIC_BYTES)
    if magic[4:8] == b"ftyp" or magic.startswith(b"\x1aE\xdf\xa3"):
        return "MP4 or WebM"
    named = (name for beginning, name in _FILES_ALONE.items() if magic.startswith(beginning))
    return next(named, "AAC" if is_aac(stream.peek) else "")


@dataclass(frozen=True)
class _Raw:
    """The form of samples without a header."""

    subtype: str
    channels: int
    rate: int


def _wav(stream: Piped) -> Iterator[Samples]:
    """Decode a WAV file; if it was streamed, so that its size is not known, all that comes."""
    header = bytearray(stream.read(_MAGIC_BYTES))
    form: _Raw | None = None
    while len(chunk := stream.peek(8)) == 8:
        name, size = struct.unpack("<4sI", chunk)
        if name == b"data":
            if form is not None and (size == _UNKNOWN_SIZES[0] or size >= _UNKNOWN_SIZES[1]):
                stream.read(8)
                return _decoded_as_it_comes(stream, form)
            break
        if len(header) + size > _MAX_HEADER:
            raise DataError(f"{NAME} is a WAV file with no samples in its first {_MAX_HEADER:,} bytes; export it again")
        whole = stream.peek(8 + size + size % 2)
        form = _raw_form(whole[8:]) if name == b"fmt " else form
        header += whole
        _skip(stream, len(whole))
    stream.put_back(bytes(header))
    return _decoded_as_it_comes(stream)


def _skip(stream: Piped, count: int) -> None:
    while count and (data := stream.read(count)):
        count -= len(data)


def _raw_form(chunk: bytes) -> _Raw | None:
    """Return the form of a WAV file's samples, from its chunk `fmt `; None if they are compressed."""
    if len(chunk) < 16:
        return None
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
    if tag == _EXTENSIBLE and len(chunk) >= 26:
        (tag,) = struct.unpack_from("<H", chunk, 24)
    subtype = _SUBTYPES.get((tag, bits))
    return None if subtype is None or not channels or not rate else _Raw(subtype, channels, rate)


def _decoded_as_it_comes(stream: Piped, form: _Raw | None = None) -> Iterator[Samples]:
    """Decode through a pipe, which the library reads without seeking. Without a form, by the file's own header."""
    reader, writer = os.pipe()
    # A daemon, because it may wait for bytes for ever when the program ends.
    threading.Thread(target=_copy, args=(stream, writer), daemon=True).start()
    return open_blocks(reader, NAME, _BLOCK_SECONDS, _layout(form))


def _layout(form: _Raw | None) -> dict[str, object] | None:
    if form is None:
        return None
    names = {"format": "RAW", "subtype": form.subtype, "endian": "LITTLE"}
    return {**names, "channels": form.channels, "samplerate": form.rate}


def _copy(stream: Piped, writer: int) -> None:
    try:
        with open(writer, "wb", buffering=0) as pipe:
            while data := stream.read(_READ_BYTES):
                pipe.write(data)
    except OSError:  # the decoder has stopped, and said why; or the input broke off, which ends the recording
        pass


def _spooled(stream: Piped) -> Iterator[Samples]:
    try:
        with tempfile.TemporaryFile() as file:
            _spool(stream, file)
            yield from open_blocks(file, NAME, 1.0)
    except OSError as error:
        raise DataError(
            f"{NAME} can't be kept in {tempfile.gettempdir()}: {error.strerror}; free space there"
        ) from error


def _spool(stream: Piped, file: IO[bytes]) -> None:
    left = MAX_SPOOL
    while data := stream.read(_READ_BYTES):
        left -= len(data)
        if left < 0:
            raise DataError(f"{NAME} has more than {MAX_SPOOL // (1 << 20)} MB; save it as a file: --input FILE")
        file.write(data)
    file.seek(0)
