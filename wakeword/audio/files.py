"""Audio files of any kind, read as the one kind the rest of the package knows: int16, mono, 16 kHz."""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.errors import WakewordError

AudioPath = str | PathLike[str]

# Frames decoded at a time. It is fixed, so the caller's block size never reaches the resampler.
_DECODE_FRAMES = 1 << 16


def read_audio(path: AudioPath) -> Samples:
    """The whole file as int16 mono at 16 kHz, shape (samples,), never empty.

    Reads what libsndfile reads: WAV, FLAC, Ogg (Vorbis, Opus), MP3, AIFF and more, at any rate, with any
    number of channels (averaged). A file of 16-bit mono at 16 kHz comes through unchanged, bit for bit.

    Raises:
        WakewordError: the file can't be opened, is no audio, is empty, or holds NaN or infinite samples.
    """
    return np.concatenate(list(_decode(Path(path))))


def blocks(path: AudioPath, block: int) -> Iterator[Samples]:
    """The samples of `read_audio`, bit for bit, `block` at a time; the last may be shorter.

    It takes constant memory however long the file is.

    Raises (while iterating):
        WakewordError: as `read_audio`.
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


def write_wav(path: AudioPath, samples: Samples) -> None:
    """Write int16 samples, shape (samples,), as a 16-bit mono WAV file at 16 kHz."""
    soundfile.write(path, samples, SAMPLE_RATE, subtype="PCM_16", format="WAV")


def to_int16(scaled: npt.NDArray[np.floating]) -> Samples:
    """Round to the nearest int16, saturating: full scale is 32768, what lies beyond it is clipped."""
    return np.clip(np.rint(scaled), -32768, 32767).astype(np.int16)


def _decode(path: Path) -> Iterator[Samples]:
    """Decode piece by piece; at least one sample comes, or an error."""
    empty = True
    try:
        path.open("rb").close()  # says why a file can't be opened, where libsndfile says "System error"
        with soundfile.SoundFile(path) as file:
            for mono in _resampled(file):
                # Any NaN or infinity of the file is still one here: it passes mixing and filtering.
                if not np.isfinite(mono).all():
                    raise WakewordError(f"{path} holds NaN or infinite samples")
                if len(mono):
                    empty = False
                    yield to_int16(mono * 32768)
    except OSError as error:
        raise WakewordError(f"cannot read {path}: {error.strerror}") from error
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: *.raw, a file without a header
        reason = getattr(error, "error_string", error)
        raise WakewordError(f"{path} is not an audio file that can be read: {reason}") from error
    if empty:
        raise WakewordError(f"{path} holds no samples")


def _resampled(file: soundfile.SoundFile) -> Iterator[npt.NDArray[np.float32]]:
    """Mono pieces at 16 kHz, full scale 1.0; float32 holds 16 and 24-bit samples exactly."""
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
