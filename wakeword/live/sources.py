"""Sources of samples other than the microphone: audio files, and raw PCM from a pipe.

A source is an iterator of int16 blocks at 16 kHz, of any sizes. How it is cut into blocks changes no event.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from io import RawIOBase
from pathlib import Path

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import blocks
from wakeword.errors import DataError

_LIVE_BLOCK = SAMPLE_RATE // 20  # samples: 50 ms, too short to be noticed
_FAST_BLOCK = SAMPLE_RATE  # a second: larger blocks cost less, and nobody waits for one to fill
_READ_BYTES = 1 << 16
_COMPRESSED = {b"fLaC": "FLAC", b"OggS": "Ogg"}  # first bytes of files that would be noise as raw samples


def file_source(path: Path, realtime: bool = False) -> Iterator[Samples]:
    """Read blocks of an audio file of any format, as fast as possible or at the speed of the recording.

    Raises (while iterating):
        DataError: as `audio.files.blocks`.
    """
    return paced(blocks(path, _LIVE_BLOCK)) if realtime else blocks(path, _FAST_BLOCK)


def stdin_source() -> Iterator[Samples]:
    """Read blocks of raw PCM from standard input.

    Raises (while iterating):
        DataError: standard input can't be read, holds not one sample, or is a compressed file.
    """
    empty = True
    try:
        with open(0, "rb", buffering=0, closefd=False) as stream:
            for samples in raw_source(stream):
                if empty and (kind := _COMPRESSED.get(samples[:2].astype("<i2").tobytes())):
                    raise DataError(f"standard input is a {kind} file, not raw samples; give its path to --input")
                empty = False
                yield samples
    except OSError as error:
        raise DataError(f"cannot read standard input: {error.strerror}") from error
    if empty:
        raise DataError("standard input holds no samples; pipe raw 16-bit mono PCM at 16 kHz into it")


def raw_source(stream: RawIOBase) -> Iterator[Samples]:
    """Read blocks of raw PCM (16 bits, little endian, mono, 16 kHz), each as soon as its bytes arrive.

    stream: unbuffered, since a buffer waits until it is full. Half a sample at its end is dropped.
    """
    split = b""  # the first byte of a sample whose second byte has not arrived
    while data := stream.read(_READ_BYTES):
        data = split + data
        whole = len(data) - len(data) % 2
        split = data[whole:]
        if whole:
            yield np.frombuffer(data[:whole], "<i2").astype(np.int16)


def paced(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Yield each block when a microphone would have delivered its last sample, had it started now."""
    start = time.monotonic()
    count = 0
    for samples in blocks:
        count += len(samples)
        time.sleep(max(0.0, start + count / SAMPLE_RATE - time.monotonic()))
        yield samples
