"""Augment clips for training: speed, place, level, background noise, rooms, cheap microphones, narrow channels.

Functions are pure: the same samples and the same state of the random generator give the same clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import soxr

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import to_int16
from wakeword.audio.level import Wave, active_level, at_level, gain
from wakeword.data.acoustics import Bank, cheap_microphone, narrow_band, reverberate
from wakeword.ranges import Amount, Fraction, Range, Span


@dataclass(frozen=True)
class Augmentation:
    """How clips are changed: ranges to draw from evenly, and probabilities per clip."""

    shift_ms: Amount = 100.0  # the largest shift, earlier or later
    gain_db: Span = (-15.0, 6.0)
    noise_probability: Fraction = 0.8
    snr_db: Span = (0.0, 30.0)  # active speech over noise
    speed_probability: Fraction = 0.5
    speed: Annotated[tuple[float, float], Range(0.1, rising=True)] = (0.9, 1.1)  # above 1 is faster and higher
    room_probability: Fraction = 0.0  # of reverberation
    microphone_probability: Fraction = 0.0  # of a cheap microphone
    channel_probability: Fraction = 0.0  # of a narrow channel
    silence_dbfs: Span = (-110.0, -20.0)  # RMS of silence; below about -96, int16 samples are zero


def augment(
    samples: Samples,
    noises: Sequence[Samples],
    rng: np.random.Generator,
    config: Augmentation,
    *,
    silence: bool = False,
    rooms: Bank = (),
) -> Samples:
    """Change a clip's speed, place and level, and add background noise and a room; int16 (n,) to int16 (n,).

    Args:
        noises: recordings at 16 kHz, int16, of any length; if there are none, no noise is added.
        rng: decides everything that is drawn, and advances.
        silence: the clip holds no speech, so a signal-to-noise ratio has no meaning. The clip and the noise added to it
            are each set to an RMS level drawn from `config.silence_dbfs`, which includes digital silence.
        rooms: impulse responses; if there are none, no reverberation is added.
    """
    wave = samples.astype(np.float32)
    if rng.random() < config.speed_probability:
        wave = change_speed(wave, rng.uniform(*config.speed))
    reach = min(round(config.shift_ms * SAMPLE_RATE / 1000), len(wave))
    wave = shift(wave, int(rng.integers(-reach, reach + 1)))
    if rooms and rng.random() < config.room_probability:
        wave = reverberate(wave, rng, rooms)
    loudness = config.silence_dbfs if silence else config.gain_db
    level = rng.uniform(*loudness)
    wave = at_level(wave, level) if silence else wave * gain(level)
    if noises and rng.random() < config.noise_probability:
        noise = _cut(noises[int(rng.integers(len(noises)))], len(wave), rng)
        if silence:
            wave += at_level(noise, rng.uniform(*config.silence_dbfs))
        else:
            wave += at_level(noise, active_level(wave) - rng.uniform(*config.snr_db))
    if config.microphone_probability and rng.random() < config.microphone_probability:
        wave = cheap_microphone(wave, rng)
    if config.channel_probability and rng.random() < config.channel_probability:
        wave = narrow_band(wave, rng)
    return to_int16(wave)


def shift(wave: Wave, by: int) -> Wave:
    """Delay a wave by `by` samples (advance it if negative), and fill up with zeros; shape (n,)."""
    moved = np.zeros_like(wave)
    if by >= 0:
        moved[by:] = wave[: len(wave) - by]
    else:
        moved[:by] = wave[-by:]
    return moved


def change_speed(wave: Wave, speed: float) -> Wave:
    """Play a wave `speed` times as fast; cut it or pad it with zeros, about its middle, to shape (n,)."""
    played = soxr.resample(wave, SAMPLE_RATE * speed, SAMPLE_RATE, quality="LQ")
    missing = len(wave) - len(played)
    if missing > 0:
        return np.pad(played, (missing // 2, missing - missing // 2))
    return played[-missing // 2 :][: len(wave)]


def _cut(noise: Samples, length: int, rng: np.random.Generator) -> Wave:
    """Cut a piece at a random place; repeat a recording that is too short."""
    if len(noise) < length:
        noise = np.resize(noise, length)
    start = int(rng.integers(len(noise) - length + 1))
    return noise[start : start + length].astype(np.float32)
