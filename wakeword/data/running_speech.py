"""Audio in which nobody says a keyword, as negatives: recordings of running speech, and joined words.

A model of single words has heard words between silences alone. On a stream it hears their middles, ends and neighbors.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from featurizer import HOP, SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import audio_seconds, read_audio
from wakeword.audio.word import word_bounds
from wakeword.data.examples import Examples
from wakeword.data.said import said_in, seconds_said, without_said
from wakeword.errors import DataError

RUNNING = "_running_"  # begins the names of these examples
MAX_HOURS = 10.0  # of recordings that are taken: 1.2 GB

_GAP = (-0.05, 0.15)  # seconds between joined words; a negative gap lets one end fall into the next beginning
_JOINED = 4  # words in a row, enough for a clip and the pieces of words at its ends


def check_hours(files: Sequence[Path]) -> None:
    """Check that recordings are `MAX_HOURS` long at most, without what their label files say is said.

    Raises DataError if they are longer, or a file can't be read.
    """
    left = MAX_HOURS * 3600
    for path in files:
        seconds = audio_seconds(path)
        left -= seconds - seconds_said(said_in(path), seconds)
    if left < 0:
        raise DataError(f"the negatives are longer than {MAX_HOURS:g} hours, more than memory is kept for; give fewer")


def read_negatives(files: Sequence[Path]) -> Samples:
    """Read recordings as one stream, int16 (samples,), without what their label files say is said (`said.py`).

    Raises DataError if a file can't be read, or they are longer than `MAX_HOURS`.
    """
    check_hours(files)
    parts = [without_said(read_audio(path), said_in(path)) for path in files]
    return np.concatenate(parts) if parts else np.zeros(0, np.int16)


def cut_windows(stream: Samples, length: int, label: int) -> Examples:
    """Cut a stream into clips of one label, one behind the other; what is left at its end is dropped."""
    count, digest = len(stream) // length, zlib.crc32(stream.tobytes())
    names = tuple(f"{RUNNING}/{digest:08x}#{number}" for number in range(count))
    return Examples(stream[: count * length].reshape(count, length), np.full(count, label, np.int64), names)


def background(stream: Samples, noises: int) -> tuple[Samples, ...]:
    """Part a stream into pieces that are played behind clips, half as many as there are noises.

    One of the noises and the pieces is drawn for a clip, so people talk behind a third of the clips.
    """
    return tuple(np.array_split(stream, max(1, noises // 2))) if len(stream) else ()


def join_words(words: Examples, count: int, rng: np.random.Generator) -> Examples:
    """Make clips of words in a row, cut at random places, with the label of the words; none of no words."""
    count = count if len(words) else 0
    length = words.samples.shape[1]
    samples, names = np.empty((count, length), np.int16), []
    for row in samples:
        chosen = rng.integers(len(words), size=_JOINED)
        row[:] = _cut(row_of_words([words.samples[index] for index in chosen], rng), length, rng)
        names.append(f"{RUNNING}/" + "+".join(words.names[index] for index in chosen))
    return Examples(samples, words.labels[:1].repeat(count), tuple(names))


def row_of_words(clips: Sequence[Samples], rng: np.random.Generator) -> Samples:
    """Put the words of clips one behind the other, as loud as they are: int16 (samples,), empty of no clips."""
    words = [clip[begin:end] for clip in clips for begin, end in [word_bounds(clip)]]
    starts, at = [], 0
    for word in words:
        starts.append(at)
        at = max(at + HOP, at + len(word) + round(rng.uniform(*_GAP) * SAMPLE_RATE))
    total = np.zeros(max((start + len(word) for start, word in zip(starts, words, strict=True)), default=0), np.int32)
    for start, word in zip(starts, words, strict=True):
        total[start : start + len(word)] += word
    return np.clip(total, -32768, 32767).astype(np.int16)


def _cut(samples: Samples, length: int, rng: np.random.Generator) -> Samples:
    """Cut a clip at a random place; what is shorter is repeated."""
    samples = samples if len(samples) >= length else np.resize(samples, length)
    start = int(rng.integers(len(samples) - length + 1))
    return samples[start : start + length]
