"""Files of telephones, browsers and cameras, which libsndfile doesn't read: FFmpeg decodes them, by PyAV.

FFmpeg knows hundreds of formats, among them playlists, which name other files. So the first bytes of a file must tell
one of a few formats, and only the part of FFmpeg that reads it is asked.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from wakeword.errors import DataError

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

INSTALL = "pip install 'wakeword[formats]'"
UNKNOWN_LENGTH = (1 << 63) - 1  # frames, as libsndfile says of a stream whose header leaves them open

_MAGIC_BYTES = 16
# Decoders that may run, by FFmpeg's names: none of a picture's.
_CODECS = (
    "aac", "alac", "amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb", "flac", "mp3", "mp3float", "opus",
    "libopus", "vorbis", "libvorbis", "wmav1", "wmav2", "wmapro", "wmalossless", "pcm_s8", "pcm_u8", "pcm_s16le",
    "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_alaw",
    "pcm_mulaw", "adpcm_ima_qt",
)  # fmt: skip


class Container(NamedTuple):
    """A kind of file. demuxer: the part of FFmpeg that reads it."""

    name: str
    demuxer: str


_MP4, _MATROSKA = Container("MP4", "mov"), Container("WebM", "matroska")
_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")  # with which MP4 and QuickTime begin
_BEGINNINGS = {
    b"\x1aE\xdf\xa3": _MATROSKA,
    b"#!AMR": Container("AMR", "amr"),
    b"0&\xb2u\x8ef\xcf\x11": Container("WMA", "asf"),
    b"caff\x00\x01": Container("CAF", "caf"),
}
KINDS = frozenset({"MP4", "WebM", "AAC", "AMR", "WMA", "CAF"})  # names of containers


def is_installed() -> bool:
    """Return whether PyAV can be imported."""
    return importlib.util.find_spec("av") is not None


def container(path: Path) -> Container | None:
    """Tell by its first bytes which of the kinds that FFmpeg reads a file is; None if it is none of them.

    Raises OSError if it can't be read.
    """
    with path.open("rb") as file:
        magic = file.read(_MAGIC_BYTES)
    if magic[4:8] in _ATOMS:
        return _MP4
    if len(magic) > 1 and magic[0] == 0xFF and magic[1] & 0xF6 == 0xF0:
        return Container("AAC", "aac")
    return next((kind for beginning, kind in _BEGINNINGS.items() if magic.startswith(beginning)), None)


class AvFile:
    """An open file, as `soundfile.SoundFile` is one: its form, and its samples in order, and no more."""

    frames = UNKNOWN_LENGTH  # what such a file tells of its length is seldom exact

    def __init__(self, path: Path, kind: Container) -> None:
        """Open a file and decode its first samples, which alone tell the rate.

        Raises:
            DataError: the file holds no sound, or none that can be decoded.
            OSError: the file can't be opened.
        """
        import av

        self._path = path
        self.format = kind.name
        self._file = path.open("rb")
        try:
            # With a file, not a path, FFmpeg opens nothing itself.
            options = {"protocol_whitelist": "", "codec_whitelist": ",".join(_CODECS)}
            self._container = av.open(self._file, "r", format=kind.demuxer, options=options, metadata_errors="ignore")
            self._frames = self._decoded()
            first = next(self._frames, None)
            if first is None:
                raise DataError(f"{path} holds no sound that can be decoded; record or export it again")
            self.samplerate, self._layout = first.sample_rate, first.layout.name
            self.channels = len(first.layout.channels)
            self._to_float = av.AudioResampler("flt", self._layout, self.samplerate)
            self._pending = self._floats(first)
        except av.error.FFmpegError as error:
            self._file.close()
            raise _unreadable(path, kind.name, error) from None
        except DataError:
            self.close()
            raise

    def __enter__(self) -> AvFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._container.close()
        self._file.close()

    def read(self, frames: int, dtype: str = "float32", always_2d: bool = True) -> npt.NDArray[np.float32]:
        """Read so many frames, fewer at the end: float32, full scale 1.0, shape (frames, channels).

        Raises:
            DataError: the file can't be read on, or changes its rate or its channels.
        """
        parts, count = [self._pending], len(self._pending)
        while count < frames and (frame := next(self._frames, None)) is not None:
            parts.append(self._floats(frame))
            count += len(parts[-1])
        joined = np.concatenate(parts)
        self._pending = joined[frames:]
        return joined[:frames]

    def _decoded(self) -> Iterator[AudioFrame]:
        """Yield what is decoded of the first stream of sound. A damaged packet is left out, as players do.

        A recorder that was killed leaves half a packet at the end.
        """
        import av

        if not self._container.streams.audio:
            raise DataError(f"{self._path} holds no sound; record or export it again")
        stream = self._container.streams.audio[0]
        # A codec without a decoder has no context.
        if stream.codec_context is None or stream.codec_context.name not in _CODECS:
            raise DataError(f"{self._path} holds sound of a codec that is not read; export it again as WAV")
        try:
            for packet in self._container.demux(stream):
                try:
                    yield from packet.decode()
                except av.error.FFmpegError:
                    continue
        except av.error.FFmpegError as error:
            raise _unreadable(self._path, self.format, error) from None

    def _floats(self, frame: AudioFrame) -> npt.NDArray[np.float32]:
        if (frame.sample_rate, frame.layout.name) != (self.samplerate, self._layout):
            raise DataError(f"{self._path} changes its rate or its channels on the way; export it again as WAV")
        frame.pts = None  # samples follow each other, whatever their times say
        converted = [part.to_ndarray().reshape(-1, self.channels) for part in self._to_float.resample(frame)]
        return np.concatenate([np.empty((0, self.channels), np.float32), *converted])


def _unreadable(path: Path, kind: str, error: Exception) -> DataError:
    """Return the error of a file. It has no cause: some errors of FFmpeg are OSErrors, which would be a disk's."""
    reason = getattr(error, "strerror", None) or str(error)
    return DataError(f"{path} is {kind} that can't be read ({reason}); record or export it again")
