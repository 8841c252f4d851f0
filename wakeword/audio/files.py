"""Read and write audio files.

Samples are int16, mono, 16 kHz everywhere in the package, whatever the file holds. A file's header may claim anything:
its rate, its channels and its length are checked before a sample is decoded, and the length again while decoding.
"""

from __future__ import annotations

import io
import math
import os
import re
import shlex
import warnings
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio import av_file
from wakeword.audio.av_file import UNKNOWN_LENGTH, AvFile
from wakeword.audio.mixing import Mixer, cancelled_text
from wakeword.audio.streamed_wav import streamed_wav
from wakeword.errors import DataError, printable

AudioPath = str | PathLike[str]

Tell = Callable[[str], None]

Encoding = Literal["flac", "wav", "opus"]  # also the suffix of such a file
_SUBTYPES = {"flac": ("FLAC", "PCM_16"), "wav": ("WAV", "PCM_16"), "opus": ("OGG", "OPUS")}

# Endings of names.
_READ = re.compile(r"\.(wave?|bwf|rf64|w64|flac|og[ga]|opus|mp[23]|mpga|aif[fc]?|au|snd|caf|sph|nist)", re.IGNORECASE)
# Of telephones, browsers and cameras, read if PyAV is installed.
_READ_BY_AV = re.compile(r"\.(m4[abrv]|mp4|mov|qta|aac|3g(p|pp|2|a)|amr|awb|wma|asf|web[ma]|mk[av])", re.IGNORECASE)
# Of others. They are named where a folder is read, as those are without PyAV, so that none is missed.
_NOT_READ = re.compile(r"\.(avi|ape|wv|tta|tak|mpc|e?ac3|dts|ds[fd]|dff|r[am]|spx|gsm|voc)", re.IGNORECASE)

# Of what libsndfile reads, the formats that audio comes in; the others are its least used parts.
_FORMATS = {"WAV", "WAVEX", "RF64", "W64", "FLAC", "OGG", "MP3", "AIFF", "AU", "CAF", "NIST"} | av_file.KINDS
_ENTERED = {"WAV", "WAVEX", "RF64", "W64", "FLAC"}  # formats that are entered at any sample, exactly
_Sound: TypeAlias = soundfile.SoundFile | AvFile
# Rates in samples a second, from telephones to ultrasound. A rate of 1 would make four hours of 16 kB.
MIN_RATE, MAX_RATE = 2_000, 768_000
MAX_CHANNELS = 64
MAX_SECONDS = 4 * 3600.0  # of a file that is read whole: half a gigabyte
# Numbers decoded for a second of the longest file allowed: a small file may hold hours of 64 channels at 768 kHz.
_NUMBERS_PER_SECOND = 4 * 48_000

# Decoded at a time: frames, and numbers of all channels together. They are fixed, so the caller's block size never
# reaches the resampler.
_DECODE_FRAMES, _DECODE_NUMBERS = 1 << 16, 1 << 20
_MAX_MEDIAN, _MANY = 8.0, 400  # of a float file's samples, full scale 1.0; of so many, since a few may saturate


class AudioTooLong(DataError):
    """Report audio that is longer than its reader allows."""


def check_rate(rate: float, owner: object) -> None:
    """Check samples a second before anything is made of them: the lower the rate, the more samples at 16 kHz.

    owner: what has this rate, for the message.

    Raises:
        DataError: the rate is none that audio has.
    """
    if not MIN_RATE <= rate <= MAX_RATE:  # NaN fails too
        allowed = f"{MIN_RATE:,} to {MAX_RATE:,}"
        raise DataError(f"{owner} claims {rate:,} samples a second; audio has {allowed}; record or export it again")


def read_audio(path: AudioPath, max_seconds: float = MAX_SECONDS, tell: Tell | None = None) -> Samples:
    """Read a whole file as int16 mono at 16 kHz, shape (samples,), never empty.

    Reads WAV, FLAC, Ogg (Vorbis, Opus), MP3, AIFF, AU, CAF and NIST at 2 to 768 kHz, with up to 64 channels (averaged);
    with PyAV also MP4 (M4A), WebM, AAC, AMR and WMA. The samples of a 16-bit mono file at 16 kHz are unchanged, bit for
    bit. If the channels cancel each other out, one is taken alone.

    tell: is called with a line on that; None warns.

    Raises:
        AudioTooLong: the file is longer than `max_seconds`.
        DataError: the file can't be opened, is no audio, is empty, has another rate or more channels, or holds NaN or
            infinite samples.
    """
    return np.concatenate(list(_decode(Path(path), max_seconds, tell)))


def blocks(path: AudioPath, block: int, max_seconds: float = math.inf, tell: Tell | None = None) -> Iterator[Samples]:
    """Read the samples of `read_audio`, bit for bit, `block` at a time; the last may be shorter.

    Memory is constant however long the file is. tell: as `read_audio`.

    Raises (while iterating):
        DataError: as `read_audio`.
    """
    if block < 1:
        raise ValueError(f"a block has at least one sample, not {block}")
    pending = np.empty(0, np.int16)
    for decoded in _decode(Path(path), max_seconds, tell):
        pending = np.concatenate([pending, decoded])
        whole = len(pending) - len(pending) % block
        for start in range(0, whole, block):
            yield pending[start : start + block]
        pending = pending[whole:]
    if len(pending):
        yield pending


def open_blocks(
    source: int | IO[bytes], name: str, seconds: float, layout: Mapping[str, Any] | None = None
) -> Iterator[Samples]:
    """Decode an open file as `read_audio` does, block by block, each of so many seconds of the file.

    source: a file that can seek, or the number of a pipe, which is read no further than each block needs; either is
    closed at the end. name: of the source, for messages. layout: soundfile's settings of samples without a header.

    Raises (while iterating):
        DataError: as `read_audio`.
    """
    try:
        file = soundfile.SoundFile(source, **(layout or {}))
    except (soundfile.LibsndfileError, TypeError) as error:
        raise _unreadable(name, error) from error
    with _checked(file, name, _FORMATS if layout is None else ("RAW",)):
        yield from _samples(file, name, math.inf, max(round(seconds * file.samplerate), 1))


def read_part(path: AudioPath, start: int, stop: int) -> Samples:
    """Read the samples [start, stop) of `read_audio`, as many as there are, of a file of any length.

    A file at 16 kHz that can be entered anywhere is read from there, others from their begin.

    Raises:
        DataError: as `read_audio`.
    """
    parts, position = [np.empty(0, np.int16)], 0
    with _open(Path(path)) as file:
        if isinstance(file, soundfile.SoundFile) and _is_entered(file) and 0 < start < file.frames < UNKNOWN_LENGTH:
            try:
                position = file.seek(start)
            except soundfile.LibsndfileError as error:
                raise _unreadable(Path(path), error) from error
        for block in _samples(file, path, math.inf, _DECODE_FRAMES):
            parts.append(block[max(start - position, 0) : max(stop - position, 0)])
            position += len(block)
            if position >= stop:
                break
    return np.concatenate(parts)


def _is_entered(file: soundfile.SoundFile) -> bool:
    """Return whether a file's samples are those that are read, and it can be entered at any of them.

    How channels are mixed depends on all before.
    """
    return file.samplerate == SAMPLE_RATE and file.format in _ENTERED and file.channels == 1


def audio_files(folder: Path, *, below: bool = False) -> list[Path]:
    """List the audio files of a folder, and of the folders `below` it, sorted.

    Hidden files and folders, which some systems leave behind, are left out, and so are a link to nothing and a pipe,
    whose reader would wait without end. A folder that is not there holds none.

    Raises:
        DataError: a folder can't be read.
    """
    return sorted(path for path in _files(folder, below) if _is_read(path) and os.path.isfile(path))


def unread_text(folder: Path) -> str:
    """Return how many files in and below a folder are audio of a kind that is not read, and what to do; "" for none."""
    unread = sorted(path for path in _files(folder, below=True) if _is_unread(path))
    if not unread:
        return ""
    example = printable(unread[0].relative_to(folder))
    which = f"1 file that is not read, {example}"
    if len(unread) > 1:
        which = f"{len(unread):,} files that are not read, such as {example}"
    install = f"{av_file.INSTALL}, or " if _awaits_av(unread[0]) else ""
    return f"{which}: {install}{_conversion(unread[0])}"


def unread_lines(paths: Iterable[Path]) -> Iterator[str]:
    """Yield a line for each folder among the paths for which `unread_text` has something to say."""
    for folder in filter(Path.is_dir, paths):
        if text := unread_text(folder):
            yield f"{folder}: left out {text}"


def audio_seconds(path: AudioPath) -> float:
    """Read the length of a file from its header, in seconds. If the header leaves it open, decode the file.

    Raises:
        DataError: the file can't be opened, is no audio, or has a rate or channels that no audio has.
    """
    with _open(Path(path)) as file:
        if file.frames < UNKNOWN_LENGTH:
            return float(file.frames / file.samplerate)
    return sum(map(len, _decode(Path(path), math.inf))) / SAMPLE_RATE


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


def _files(folder: Path, below: bool) -> Iterator[Path]:
    """Find the files of a folder that are not hidden; links are followed, but into no folder twice.

    Raises DataError for a folder that can't be read: what it holds would be missed in silence.
    """
    seen = set()
    for root, inside, names in os.walk(folder, onerror=_refuse_unreadable, followlinks=True):
        inside[:] = sorted(name for name in inside if below and not name.startswith("."))
        place = os.path.realpath(root)
        if place in seen:
            inside.clear()
        else:
            seen.add(place)
            yield from (Path(root, name) for name in names if not name.startswith("."))


def _refuse_unreadable(error: OSError) -> None:
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        raise DataError(
            f"cannot read the folder {error.filename}: {error.strerror}; let this user read it, or move it away"
        ) from error


def _is_read(path: Path) -> bool:
    if _READ_BY_AV.fullmatch(path.suffix):
        return av_file.is_installed()
    return _READ.fullmatch(path.suffix) is not None


def _is_unread(path: Path) -> bool:
    return _NOT_READ.fullmatch(path.suffix) is not None or _awaits_av(path)


def _awaits_av(path: Path) -> bool:
    return _READ_BY_AV.fullmatch(path.suffix) is not None and not av_file.is_installed()


def _conversion(path: Path) -> str:
    """Return the advice to convert a file, as a command."""
    name, wav = (shlex.quote(printable(each)) for each in (path.name, f"{path.stem}.wav"))
    return f"convert with ffmpeg -i {name} {wav}"


def _decode(path: Path, max_seconds: float, tell: Tell | None = None) -> Iterator[Samples]:
    """Decode piece by piece; yield at least one sample or raise DataError."""
    with _open(path) as file:
        yield from _samples(file, path, max_seconds, _DECODE_FRAMES, tell)


def _samples(
    file: _Sound, name: object, max_seconds: float, frames: int, tell: Tell | None = None
) -> Iterator[Samples]:
    """Decode an open file, so many frames at a time; yield at least one sample or raise DataError."""
    length = 0
    seconds = max_seconds * min(1.0, _NUMBERS_PER_SECOND / (file.samplerate * file.channels))
    if seconds * file.samplerate < file.frames < UNKNOWN_LENGTH:
        raise _too_long(name, file, seconds)
    try:
        for mono in _resampled(file, frames, _mixer(file.channels, name, tell)):
            # Mixing and filtering keep each NaN and infinity of the file.
            if not np.isfinite(mono).all():
                raise DataError(f"{name} holds NaN or infinite samples; export it again as 16-bit WAV")
            if len(mono) >= _MANY and np.median(np.abs(mono)) > _MAX_MEDIAN:
                raise DataError(
                    f"{name} holds samples far beyond full scale, 1.0: 16-bit numbers written as floats? "
                    "Export it again as 16-bit WAV, or divide the samples by 32768"
                )
            length += len(mono)
            if length > seconds * SAMPLE_RATE + 1:  # the resampler rounds the length
                raise _too_long(name, file, seconds)
            if len(mono):
                yield to_int16(mono * 32768)
    except soundfile.LibsndfileError as error:
        raise _unreadable(name, error) from error
    if not length:
        raise DataError(f"{name} holds no samples; record or export it again")


def _too_long(name: object, file: _Sound, seconds: float) -> AudioTooLong:
    limit, form = f"{seconds:,.1f}".removesuffix(".0"), f"{file.channels} x {file.samplerate:,} samples a second"
    return AudioTooLong(f"{name} is longer than {limit} seconds ({form}); cut it into shorter files, or mix it down")


def _open(path: Path) -> _Sound:
    """Open a file for reading, and check its rate and channels.

    Raises:
        DataError: the file can't be opened, is no audio, or has a rate or channels that no audio has.
    """
    return _checked(_opened(path), path)


def _checked(file: _Sound, name: object, formats: Container[str] = _FORMATS) -> _Sound:
    """Return the file; close it and raise DataError if its format, its rate or its channels are not read."""
    try:
        if file.format not in formats:
            raise DataError(f"{name} has the format {file.format}, which is not read; export it as WAV")
        check_rate(file.samplerate, name)
        if file.channels > MAX_CHANNELS:
            raise DataError(f"{name} claims {file.channels} channels; at most {MAX_CHANNELS} are read; mix it down")
    except DataError:
        file.close()
        raise
    return file


def _opened(path: Path) -> _Sound:
    try:
        path.open("rb").close()  # says why a file can't be opened; libsndfile only says "System error"
        file = soundfile.SoundFile(path)
        if file.frames == 0 and (whole := streamed_wav(path)) is not None:
            file.close()
            return soundfile.SoundFile(whole)
        return file
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}; give the path of an audio file") from error
    except ValueError as error:
        raise DataError(
            f"{str(path)!r} can't be the name of a file: {error}; give the path of an audio file"
        ) from error
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: *.raw, a file without a header
        return _opened_by_av(path, error)


def _opened_by_av(path: Path, error: Exception) -> AvFile:
    """Open what libsndfile doesn't read. error: what it said."""
    kind = av_file.container(path)
    if kind is None:
        raise _unreadable(path, error) from error
    if not av_file.is_installed():
        raise DataError(f"{path} is {kind.name}, which PyAV reads; {av_file.INSTALL}, or {_conversion(path)}")
    return AvFile(path, kind)


def _unreadable(name: object, error: Exception) -> DataError:
    reason = getattr(error, "error_string", error)
    advice = "convert it to WAV or FLAC"
    if isinstance(name, Path) and _is_unread(name):
        advice = _conversion(name)
    return DataError(f"{name} is not an audio file that can be read ({str(reason).rstrip('.')}); {advice}")


def _resampled(file: _Sound, frames: int, mixer: Mixer | None) -> Iterator[npt.NDArray[np.float32]]:
    """Read mono pieces at 16 kHz, full scale 1.0; float32 holds 16 and 24-bit samples exactly."""
    if file.samplerate == SAMPLE_RATE:
        yield from _mono(file, frames, mixer)
        return
    resampler = soxr.ResampleStream(file.samplerate, SAMPLE_RATE, num_channels=1, dtype="float32")
    for mono in _mono(file, frames, mixer):
        yield resampler.resample_chunk(mono)
    yield resampler.resample_chunk(np.empty(0, np.float32), last=True)


def _mono(file: _Sound, frames: int, mixer: Mixer | None) -> Iterator[npt.NDArray[np.float32]]:
    count = min(frames, _DECODE_NUMBERS // file.channels)
    while len(read := file.read(count, dtype="float32", always_2d=True)):
        yield read[:, 0] if mixer is None else mixer.mix(read)


def _mixer(channels: int, name: object, tell: Tell | None) -> Mixer | None:
    """Return what mixes the channels of a file; None if it has one."""
    if channels == 1:
        return None
    told = tell or (lambda line: warnings.warn(line, stacklevel=2))
    return Mixer(channels, lambda channel: told(f"{name}: {cancelled_text(channel)}"))
