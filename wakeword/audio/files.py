"""Read and write audio files.

Samples are int16, mono, 16 kHz everywhere in the package, whatever the file holds.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.errors import DataError

AudioPath = str | PathLike[str]

Encoding = Literal["flac", "wav", "opus"]  # also the suffix of such a file
_SUBTYPES = {"flac": ("FLAC", "PCM_16"), "wav": ("WAV", "PCM_16"), "opus": ("OGG", "OPUS")}

_SUFFIXES = {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".caf"}

# Frames decoded at a time. It is fixed, so the caller's block size never reaches the resampler.
_DECODE_FRAMES = 1 << 16


def read_audio(path: AudioPath) -> Samples:
    """Read a whole file as int16 mono at 16 kHz, shape (samples,), never empty.

    Reads what libsndfile reads: WAV, FLAC, Ogg (Vorbis, Opus), MP3, AIFF and more, at any rate, with any
    number of channels (averaged). The samples of a 16-bit mono file at 16 kHz are unchanged, bit for bit.

    Raises:
        DataError: the file can't be opened, is no audio, is empty, or holds NaN or infinite samples.
    """
    return np.concatenate(list(_decode(Path(path))))


def blocks(path: AudioPath, block: int) -> Iterator[Samples]:
    """Read the samples of `read_audio`, bit for bit, `block` at a time; the last may be shorter.

    Memory is constant however long the file is.

    Raises (while iterating):
        DataError: as `read_audio`.
    """
    if block < 1:
        raise ValueError(f"a block has at least one sample, not {block}")
    pending = np.empty(0, np.int16)
    for decoded in _decode(Path(path)):
        pending = np.concatenate([pending, decoded])
        whole = len(pending) - len(pending) % block
        for start in range(0, whole, block):
            yield pending[start : start + block]
        pending = pending[whole:]
    if len(pending):
        yield pending


def audio_files(folder: Path, *, below: bool = False) -> list[Path]:
    """List the audio files of a folder, and of the folders `below` it, sorted.

    Hidden files, which some systems leave behind, are left out.
    """
    files = (path for path in folder.glob("**/*" if below else "*") if path.suffix.lower() in _SUFFIXES)
    return sorted(path for path in files if not path.name.startswith("."))


def audio_seconds(path: AudioPath) -> float:
    """Read the length of a file from its header, in seconds.

    Raises:
        DataError: the file can't be opened or is no audio.
    """
    with _open(Path(path)) as file:
        return float(file.frames / file.samplerate)


def encode(samples: Samples, encoding: Encoding) -> bytes:
    """Encode int16 samples at 16 kHz, shape (samples,), as the bytes of a file; FLAC and WAV are lossless."""
    file = io.BytesIO()
    container, subtype = _SUBTYPES[encoding]
    soundfile.write(file, samples, SAMPLE_RATE, subtype=subtype, format=container)
    return file.getvalue()


def decode(data: bytes) -> Samples:
    """Decode what `encode` made of int16 samples, shape (samples,)."""
    samples, _ = soundfile.read(io.BytesIO(data), dtype="int16")
    return np.asarray(samples)


def write_wav(path: AudioPath, samples: Samples) -> None:
    """Write int16 samples, shape (samples,), as a 16-bit mono WAV file at 16 kHz.

    Raises:
        OSError: the file can't be written.
    """
    Path(path).write_bytes(encode(samples, "wav"))


def to_int16(scaled: npt.NDArray[np.floating]) -> Samples:
    """Round to the nearest int16; values beyond full scale, 32768, are clipped."""
    return np.clip(np.rint(scaled), -32768, 32767).astype(np.int16)


def _decode(path: Path) -> Iterator[Samples]:
    """Decode piece by piece; yield at least one sample or raise DataError."""
    empty = True
    with _open(path) as file:
        try:
            for mono in _resampled(file):
                # Mixing and filtering keep each NaN and infinity of the file.
                if not np.isfinite(mono).all():
                    raise DataError(f"{path} holds NaN or infinite samples; export it again as 16-bit WAV")
                if len(mono):
                    empty = False
                    yield to_int16(mono * 32768)
        except soundfile.LibsndfileError as error:
            raise _unreadable(path, error) from error
    if empty:
        raise DataError(f"{path} holds no samples; record or export it again")


def _open(path: Path) -> soundfile.SoundFile:
    """Open a file for reading.

    Raises:
        DataError: the file can't be opened or is no audio.
    """
    try:
        path.open("rb").close()  # says why a file can't be opened; libsndfile only says "System error"
        return soundfile.SoundFile(path)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: *.raw, a file without a header
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> DataError:
    reason = getattr(error, "error_string", error)
    return DataError(f"{path} is not an audio file that can be read: {reason}")


def _resampled(file: soundfile.SoundFile) -> Iterator[npt.NDArray[np.float32]]:
    """Read mono pieces at 16 kHz, full scale 1.0; float32 holds 16 and 24-bit samples exactly."""
    if file.samplerate == SAMPLE_RATE:
        yield from _mono(file)
        return
    resampler = soxr.ResampleStream(file.samplerate, SAMPLE_RATE, num_channels=1, dtype="float32")
    for mono in _mono(file):
        yield resampler.resample_chunk(mono)
    yield resampler.resample_chunk(np.empty(0, np.float32), last=True)


def _mono(file: soundfile.SoundFile) -> Iterator[npt.NDArray[np.float32]]:
    while len(frames := file.read(_DECODE_FRAMES, dtype="float32", always_2d=True)):
        yield frames[:, 0] if file.channels == 1 else frames.mean(axis=1)
