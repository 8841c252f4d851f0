"""Evaluate positives: clips of a word, each processed alone, after near silence or in noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import soxr

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import audio_files, read_audio, to_int16, unread_text
from wakeword.audio.level import active_level, at_level
from wakeword.audio.mapped import mapped_audio
from wakeword.audio.word import word_end
from wakeword.data.acoustics import Channel, narrow_band
from wakeword.data.annotations import Annotation
from wakeword.data.folders import word_folders
from wakeword.data.keywords import matching
from wakeword.data.speech_commands import word_clips
from wakeword.errors import DataError, ModelError, UsageError
from wakeword.evaluation.scoring import Counts, EngineOutput, count_detections, empty_counts
from wakeword.inference.engine import Engine
from wakeword.model.file import Model

LEAD = 1.5  # seconds of near silence before a clip
NEAR_SILENCE_DBFS = -80.0  # white noise, three steps of int16
_TAIL = 0.25  # seconds processed after the window of a word


@dataclass(frozen=True)
class PositiveClip:
    """A file with one spoken word."""

    path: Path
    word: str
    number: int  # among all clips; seeds its noise


@dataclass(frozen=True)
class Conditions:
    """The acoustic conditions of a clip: near silence, and recordings of noise if there are any; its speed and band."""

    noises: tuple[Path, ...] = ()
    snr_db: float = 10.0  # level of the clip's loudest quarter over the noise
    seed: int = 0
    speed: float = 1.0  # above 1 is faster and higher, as the voice of a smaller speaker
    band: tuple[float, float] | None = None  # edges in Hz of the channel that the clip came through; None: all


def positive_clips(folder: Path, model: Model, word: str | None = None) -> list[PositiveClip]:
    """List the clips of a folder, or of its folders named after words of the model, with those in speakers' folders.

    word: spoken in the clips right in the folder; None: the folder's name, or the only word of the model.

    Raises:
        DataError: there is no such folder, or no clip in it.
        ModelError: the model doesn't have the word.
        UsageError: the word of the clips isn't given.
    """
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}: give one with clips of a word, or with a folder for each word")
    if word is not None:
        known = matching(word, model.keywords)
        if known is None:
            raise ModelError(f"the model doesn't know {word}; it knows {', '.join(model.keywords)}")
        word = known
    if matching(folder.resolve().name, [word] if word else model.keywords):
        found = [(clip.path, word or _word_of(folder, model)) for clip in word_clips(folder)]
    else:
        found = [(path, word or _word_of(folder, model)) for path in audio_files(folder)]
        words = [w for w in model.keywords if word in (None, w)]
        found += [(c.path, w) for w in words for inside in word_folders(folder, w) for c in word_clips(inside)]
    if not found:
        unread = unread_text(folder)
        raise DataError(
            f"{folder} holds no clips, nor a folder of clips named {' or '.join(model.keywords)}: give one with either"
            + (f"; it has {unread}" if unread else "")
        )
    return [PositiveClip(path, spoken, number) for number, (path, spoken) in enumerate(found)]


def evaluate_clip(model: Model, engine: Engine, clip: PositiveClip, conditions: Conditions, window: float) -> Counts:
    """Process a clip from reset, after `LEAD` seconds; the window as for `count_detections`.

    Raises:
        DataError: the clip or the noise can't be read.
    """
    samples = through(played(read_audio(clip.path), conditions.speed), conditions.band)
    wave = render_clip(conditions, samples, clip.number, window)
    engine.reset()
    trace = engine.push(wave)
    output = EngineOutput(trace.scores[:, model.first_word :], trace.events, 0, len(wave) / SAMPLE_RATE)
    spoken = Annotation(clip.word, LEAD, LEAD + word_end(samples))
    return count_detections(model, output, [spoken], window, lambda time: (str(clip.path), time - LEAD))


def evaluate_clips(
    model: Model, engine: Engine, clips: Sequence[PositiveClip], conditions: Conditions, window: float
) -> Counts:
    """Add up the outcomes of `evaluate_clip`."""
    total = empty_counts(len(model.keywords))
    for clip in clips:
        total += evaluate_clip(model, engine, clip, conditions, window)
    return total


def render_clip(conditions: Conditions, samples: Samples, number: int, window: float) -> Samples:
    """Return `mix_clip` with noise drawn by the clip's number.

    Raises:
        DataError: the noise can't be read.
    """
    rng = np.random.default_rng([conditions.seed, number])
    return mix_clip(samples, _noise(conditions.noises, rng), conditions.snr_db, window, rng)


def played(samples: Samples, speed: float) -> Samples:
    """Play samples `speed` times as fast and as high: int16 (n,) to int16 (n / speed,)."""
    if speed == 1:
        return samples
    return to_int16(soxr.resample(samples.astype(np.float32), SAMPLE_RATE * speed, SAMPLE_RATE))


def through(samples: Samples, band: tuple[float, float] | None) -> Samples:
    """Take what lies outside of a band in Hz from samples, int16 (n,) to (n,), as a telephone does; None: nothing."""
    if band is None:
        return samples
    (lowest, highest), rng = band, np.random.default_rng(0)  # of one band, nothing is drawn
    channel = Channel((lowest, lowest), (highest, highest))
    return to_int16(narrow_band(samples.astype(np.float32), rng, channel))


def mix_clip(
    samples: Samples, noise: Samples | None, snr_db: float, window: float, rng: np.random.Generator
) -> Samples:
    """Pad a clip by `LEAD` seconds before it and by the window and a little more after it, and add noise to all."""
    lead, tail = round(LEAD * SAMPLE_RATE), round((window + _TAIL) * SAMPLE_RATE)
    wave = np.pad(samples.astype(np.float32), (lead, tail))
    level = active_level(samples.astype(np.float32)) - snr_db
    if noise is not None and level > -np.inf:
        start = int(rng.integers(len(noise)))
        wave += at_level(noise.take(start + np.arange(len(wave)), mode="wrap").astype(np.float32), level)
    return to_int16(wave + at_level(rng.standard_normal(len(wave), np.float32), NEAR_SILENCE_DBFS))


def _word_of(folder: Path, model: Model) -> str:
    named = matching(folder.resolve().name, model.keywords)
    if named is not None:
        return named
    if len(model.keywords) > 1:
        raise UsageError(f"which word is spoken in {folder}? Give --word, one of {', '.join(model.keywords)}")
    return model.keywords[0]


def _noise(paths: Sequence[Path], rng: np.random.Generator) -> Samples | None:
    return _decoded(paths[int(rng.integers(len(paths)))]) if paths else None


@lru_cache(maxsize=8)  # each may be hours on the disk
def _decoded(path: Path) -> Samples:
    """Return a recording of noise, which is read from the disk as needed."""
    return mapped_audio([path])[0]
