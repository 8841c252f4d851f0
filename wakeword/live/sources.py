"""Sources of samples other than the microphone: audio files, and a pipe.

A source is an iterator of int16 blocks at 16 kHz, of any sizes. How it is cut into blocks changes no event.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import blocks, to_int16
from wakeword.audio.mixing import Mixer, cancelled_text
from wakeword.audio.resampling import Resampler
from wakeword.errors import DataError
from wakeword.live.piped import NAME, Piped, audio_file

_LIVE_BLOCK = SAMPLE_RATE // 20  # samples: 50 ms, too short to be noticed
_FAST_BLOCK = SAMPLE_RATE  # a second: larger blocks cost less, and nobody waits for one to fill
_READ_BYTES = 1 << 16
_WATCHED_SECONDS = 4
_CLIPPED_SHARE = 0.05  # of all samples, pauses included


class Stream(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes | None:
        """Read what there is, `size` bytes at most; nothing at the end."""


def file_source(path: Path, realtime: bool = False) -> Iterator[Samples]:
    """Read blocks of an audio file of any format, as fast as possible or at the speed of the recording.

    Raises (while iterating):
        DataError: as `audio.files.blocks`.
    """
    return paced(blocks(path, _LIVE_BLOCK)) if realtime else blocks(path, _FAST_BLOCK)


def stdin_source(rate: int | None = None, channels: int | None = None) -> Iterator[Samples]:
    """Read blocks of standard input: of an audio file that is recognised by its first bytes, else of raw PCM.

    rate, channels: of raw PCM; None is 16 kHz, mono.

    Raises (while iterating):
        DataError: standard input can't be read, holds not one sample, is damaged, or is a file and a rate is given.
    """
    empty = True
    try:
        with open(0, "rb", buffering=0, closefd=False) as stream:
            for samples in piped_source(Piped(stream), rate, channels):
                empty = False
                yield samples
    except OSError as error:
        raise DataError(f"cannot read standard input: {error.strerror}") from error
    if empty:
        raise DataError("standard input holds no samples; pipe an audio file or raw 16-bit PCM into it")


def piped_source(stream: Piped, rate: int | None = None, channels: int | None = None) -> Iterator[Samples]:
    """Read blocks of an audio file or of raw PCM; the arguments are those of `stdin_source`.

    Raises (while iterating):
        DataError: as `audio_file`; or the stream is a file and a rate or channels are given, or none has such a rate.
    """
    file = audio_file(stream)
    if file is None:
        yield from raw_source(stream, rate or SAMPLE_RATE, channels or 1)
    elif rate is not None or channels is not None:
        raise DataError(
            f"{NAME} is an audio file, which tells its own rate and channels; leave out --rate and --channels"
        )
    else:
        yield from file


def raw_source(stream: Stream, rate: int = SAMPLE_RATE, channels: int = 1) -> Iterator[Samples]:
    """Read blocks of raw PCM (16 bits, little endian), mixed to mono at 16 kHz, each as soon as its bytes arrive.

    stream: unbuffered, since a buffer waits until it is full. Half a sample at its end is dropped.

    Raises (while iterating):
        DataError: audio has no such rate.
    """
    resampler = Resampler(rate, "--rate")
    mixer = Mixer(channels, lambda channel: warnings.warn(f"{NAME}: {cancelled_text(channel)}", stacklevel=2))
    size = 2 * channels
    split = b""  # the first bytes of samples whose last byte has not arrived
    while data := stream.read(_READ_BYTES):
        data = split + data
        whole = len(data) - len(data) % size
        split = data[whole:]
        if whole:
            samples = np.frombuffer(data[:whole], "<i2").astype(np.int16)
            mono = samples if channels == 1 else to_int16(mixer.mix(samples.reshape(-1, channels)))
            if len(done := resampler.push(mono)):
                yield done
    if len(rest := resampler.finish()):
        yield rest


def watched(blocks: Iterable[Samples], say: Callable[[str], None]) -> Iterator[Samples]:
    """Yield the blocks; say once if seconds are digital silence, and once if they are clipped all along."""
    messages = {
        "silent": f"{_WATCHED_SECONDS} seconds of digital silence: is the microphone muted?",
        "clipped": "samples are clipped all along: lower the input volume, or check the format of the samples",
    }
    count = silent = clipped = 0
    for samples in blocks:
        count += len(samples)
        silent += np.count_nonzero(samples == 0)
        clipped += np.count_nonzero((samples == 32767) | (samples == -32768))
        if count >= _WATCHED_SECONDS * SAMPLE_RATE:
            fault = "silent" if silent == count else "clipped" if clipped > _CLIPPED_SHARE * count else ""
            if message := messages.pop(fault, ""):
                say(message)
            count = silent = clipped = 0
        yield samples


def paced(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Yield each block when a microphone would have delivered its last sample, had it started now."""
    start = time.monotonic()
    count = 0
    for samples in blocks:
        count += len(samples)
        time.sleep(max(0.0, start + count / SAMPLE_RATE - time.monotonic()))
        yield samples
