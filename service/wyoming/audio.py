"""The audio of Wyoming's chunks, in the format that each names, as int16 at 16 kHz."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from featurizer.logmel import Samples
from service.wyoming.refused import Refused
from wakeword.audio.files import check_rate
from wakeword.audio.mixing import Mixer
from wakeword.audio.resampling import Resampler
from wakeword.errors import DataError

_KEYS = ("rate", "width", "channels")
_WIDTHS = (1, 2, 4)  # bytes; one byte is unsigned, as in WAV
_MAX_CHANNELS = 8
_PIECE = 0.1  # seconds converted at a time: a chunk at a low rate may be minutes long


@dataclass(frozen=True)
class AudioFormat:
    """The format of PCM audio."""

    rate: int  # samples a second
    width: int  # bytes of a sample
    channels: int

    @property
    def frame_bytes(self) -> int:
        """Return the bytes of one sample of each channel."""
        return self.width * self.channels

    def seconds(self, data: bytes) -> float:
        """Return the length of audio."""
        return len(data) / self.frame_bytes / self.rate


def names_format(data: Mapping[str, Any]) -> bool:
    """Return whether a message's data name a format: those of audio-start may leave that to the chunks."""
    return any(data.get(key) is not None for key in _KEYS)


def audio_format(data: Mapping[str, Any], before: AudioFormat | None = None) -> AudioFormat:
    """Return the format that a message's data name. before: of the stream, for what they leave out.

    Raises:
        Refused: it is none that is understood.
    """
    rate, width, channels = (_number(data, key, getattr(before, key, None)) for key in _KEYS)
    try:
        check_rate(rate, "the stream")
    except DataError as error:
        raise Refused("bad-audio", str(error)) from error
    if width not in _WIDTHS:
        raise Refused("bad-audio", f"samples have 1, 2 or 4 bytes, not {width}; send int16")
    if not 1 <= channels <= _MAX_CHANNELS:
        raise Refused("bad-audio", f"audio has 1 to {_MAX_CHANNELS} channels, not {channels}; send mono")
    return AudioFormat(rate, width, channels)


def _number(data: Mapping[str, Any], key: str, before: int | None) -> int:
    value = data.get(key)
    if value is None:
        value = before
    if type(value) is not int or abs(value) > 1 << 31:
        raise Refused("bad-audio", f"audio has a {key}, a whole number, not {repr(value)[:40]}")
    return value


class Converter:
    """Converts the chunks of a stream. A sample may be cut anywhere by their bounds."""

    def __init__(self, chunk_format: AudioFormat, on_cancelled: Callable[[int], None]) -> None:
        """on_cancelled: as of `Mixer`."""
        self.format = chunk_format
        self._mixer = Mixer(chunk_format.channels, on_cancelled)
        self._resampler = Resampler(chunk_format.rate)
        self._rest = b""  # of the sample that the last chunk began

    def push(self, data: bytes) -> Iterator[Samples]:
        """Yield the samples at 16 kHz that are complete by now, some at a time."""
        data = self._rest + data
        size = self.format.frame_bytes
        whole = len(data) - len(data) % size
        self._rest = data[whole:]
        step = max(1, round(_PIECE * self.format.rate)) * size
        for start in range(0, whole, step):
            yield self._resampler.push(self._mono(data[start : min(start + step, whole)]))

    def finish(self) -> Samples:
        """Return the samples left in the resampler."""
        return self._resampler.finish()

    def _mono(self, data: bytes) -> Samples:
        """Return whole samples as int16, the channels mixed."""
        samples = _int16(data, self.format.width)
        if self.format.channels == 1:
            return samples
        return np.rint(self._mixer.mix(samples.reshape(-1, self.format.channels))).astype(np.int16)


def _int16(data: bytes, width: int) -> Samples:
    if width == 1:
        return (np.frombuffer(data, np.uint8).astype(np.int16) - 128) * 256
    if width == 4:
        return (np.frombuffer(data, "<i4") // 65_536).astype(np.int16)
    return np.frombuffer(data, "<i2").astype(np.int16, copy=False)
