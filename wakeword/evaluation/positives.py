"""Clips of a word, each heard by itself: after near silence, or in noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from featurizer import HOP, SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import audio_files, read_audio, to_int16
from wakeword.audio.level import FULL_SCALE, active_level, at_level, frame_power, to_dbfs
from wakeword.errors import WakewordError
from wakeword.evaluation.annotations import Span
from wakeword.evaluation.scoring import Pass, Tally, empty_tally, tally
from wakeword.inference.engine import Engine
from wakeword.model.file import Model

LEAD = 1.5  # seconds of near silence before a clip
NEAR_SILENCE_DBFS = -80.0  # white noise of three steps of int16
_FLOOR = 1e-10 * FULL_SCALE**2  # power added to each frame, so that digital silence is at -100 dBFS
_TAIL = 0.25  # seconds that are heard after the last in which a word may be raised


@dataclass(frozen=True)
class SpokenClip:
    """A file in which one word is said."""

    path: Path
    word: str
    number: int  # among all clips: decides its noise


@dataclass(frozen=True)
class Surroundings:
    """What a clip is heard in: near silence, and noise on it where there are recordings."""

    noises: tuple[Path, ...] = ()
    snr_db: float = 10.0  # the level of the clip's loudest quarter over the noise
    seed: int = 0


def spoken_clips(folder: Path, model: Model, word: str | None = None) -> list[SpokenClip]:
    """The clips of a folder for each word of a model, or the clips right in a folder.

    word: what is said in clips right in the folder; None where the folder has its name, or the model but one word.

    Raises:
        WakewordError: there are no clips, or it can't be told what is said in them.
    """
    if not folder.is_dir():
        raise WakewordError(f"there is no folder {folder}")
    if word is not None and word not in model.keywords:
        raise WakewordError(f"the model doesn't know {word}; it knows {', '.join(model.keywords)}")
    own = audio_files(folder)
    if own:
        said = word or _word_of(folder, model)
        return [SpokenClip(path, said, number) for number, path in enumerate(own)]
    words = [w for w in model.keywords if word in (None, w) and (folder / w).is_dir()]
    found = [(path, w) for w in words for path in audio_files(folder / w)]
    if not found:
        raise WakewordError(f"{folder} holds no clips, nor a folder of clips of {' or '.join(model.keywords)}")
    return [SpokenClip(path, said, number) for number, (path, said) in enumerate(found)]


def hear_clip(model: Model, engine: Engine, clip: SpokenClip, around: Surroundings, window: float) -> Tally:
    """Hear a clip after `LEAD` seconds, from reset; the window as for `tally`.

    Raises:
        WakewordError: the clip or the noise can't be read.
    """
    samples = read_audio(clip.path)
    wave = heard_in(around, samples, clip.number, window)
    engine.reset()
    trace = engine.push(wave)
    heard = Pass(trace.scores[:, model.first_word :], trace.events, 0, len(wave) / SAMPLE_RATE)
    span = Span(clip.word, LEAD, LEAD + word_end(samples))
    return tally(model, heard, [span], window, lambda time: (str(clip.path), time - LEAD))


def hear_clips(model: Model, engine: Engine, clips: Sequence[SpokenClip], around: Surroundings, window: float) -> Tally:
    """The sum of `hear_clip`."""
    total = empty_tally(len(model.keywords))
    for clip in clips:
        total += hear_clip(model, engine, clip, around, window)
    return total


def heard_in(around: Surroundings, samples: Samples, number: int, window: float) -> Samples:
    """The clip as it is heard: `surrounded` by what its number draws.

    Raises:
        WakewordError: the noise can't be read.
    """
    rng = np.random.default_rng([around.seed, number])
    return surrounded(samples, _noise(around.noises, rng), around.snr_db, window, rng)


def surrounded(
    samples: Samples, noise: Samples | None, snr_db: float, window: float, rng: np.random.Generator
) -> Samples:
    """The clip with `LEAD` seconds before it, and as many after it as a word may take to be raised, all in noise."""
    lead, tail = round(LEAD * SAMPLE_RATE), round((window + _TAIL) * SAMPLE_RATE)
    wave = np.pad(samples.astype(np.float32), (lead, tail))
    level = active_level(samples.astype(np.float32)) - snr_db
    if noise is not None and level > -np.inf:
        start = int(rng.integers(len(noise)))
        wave += at_level(np.resize(np.roll(noise, -start), len(wave)).astype(np.float32), level)
    return to_int16(wave + at_level(rng.standard_normal(len(wave), np.float32), NEAR_SILENCE_DBFS))


def word_end(samples: Samples) -> float:
    """Where the word of a clip ends by its energy, in seconds from the clip's start.

    That is the last 10 ms that are less than 30 dB below the level of the clip's loudest quarter, and 10 dB above the
    quietest tenth, or at least nearer to the loud than to the quiet.
    """
    wave = samples.astype(np.float32)
    if len(wave) < HOP:
        return len(samples) / SAMPLE_RATE
    levels = to_dbfs(frame_power(wave, HOP) + _FLOOR)
    loud, quiet = active_level(wave), float(np.quantile(levels, 0.1))
    least = max(loud - 30, min(quiet + 10, (loud + quiet) / 2))
    sounding = np.flatnonzero(levels >= least)
    return float((sounding[-1] + 1) * HOP / SAMPLE_RATE) if len(sounding) else len(samples) / SAMPLE_RATE


def _word_of(folder: Path, model: Model) -> str:
    if folder.resolve().name in model.keywords:
        return folder.resolve().name
    if len(model.keywords) > 1:
        raise WakewordError(f"which word is said in {folder}? --word W, of {', '.join(model.keywords)}")
    return model.keywords[0]


def _noise(paths: Sequence[Path], rng: np.random.Generator) -> Samples | None:
    return read_audio(paths[int(rng.integers(len(paths)))]) if paths else None
