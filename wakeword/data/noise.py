"""Synthetic background noise for training without recordings: coloured noise, mains hum, babble."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import to_int16

_RMS = 3000.0  # of each recording; augmentation sets the final level
_COLOURS = (0.0, 0.5, 1.0, 1.5, 2.0)  # exponent of 1/f: 0 is white, 1 pink, 2 brown
_HUMS_HZ = (50.0, 60.0, 120.0)


def synthetic_noise(rng: np.random.Generator, seconds: float = 20.0) -> list[Samples]:
    """Make recordings of noise at 16 kHz, each int16 (samples,).

    Each colour gives a steady and a swelling recording, each mains frequency (and 120 Hz) a hum.
    """
    count = round(seconds * SAMPLE_RATE)
    recordings = []
    for colour in _COLOURS:
        steady = _coloured(rng, count, colour)
        swell = np.interp(np.arange(count), np.linspace(0, count, 40), rng.uniform(0.1, 1, 40))
        recordings += [_at_level(steady), _at_level(_coloured(rng, count, colour) * swell)]
    return recordings + [_at_level(_hum(rng, count, hz)) for hz in _HUMS_HZ]


def babble(speech: Sequence[Samples], rng: np.random.Generator, voices: int, seconds: float = 20.0) -> Samples:
    """Mix `voices` people who talk at once, at 16 kHz, int16 (samples,); speech: utterances, int16, of any length."""
    count = round(seconds * SAMPLE_RATE)
    total = np.zeros(count)
    for _ in range(voices):
        voice: list[Samples] = []
        while sum(map(len, voice)) < count:
            voice.append(speech[int(rng.integers(len(speech)))])
        total += np.roll(np.concatenate(voice)[:count], int(rng.integers(count))) * rng.uniform(0.3, 1)
    return _at_level(total)


def _coloured(rng: np.random.Generator, count: int, colour: float) -> np.ndarray:
    """Shape white noise to a power of 1/f**colour, constant below 20 Hz."""
    frequency = np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE), 20.0)
    return np.fft.irfft(np.fft.rfft(rng.normal(size=count)) * frequency ** (-colour / 2), count)


def _hum(rng: np.random.Generator, count: int, hz: float) -> np.ndarray:
    """Add eleven harmonics of a mains frequency, at random phases and strengths, and a little noise."""
    time = np.arange(count) / SAMPLE_RATE
    harmonics = range(1, 12)
    tones = [np.sin(2 * np.pi * (hz * n * time + rng.random())) * rng.random() / n for n in harmonics]
    return np.sum(tones, axis=0) + 0.05 * rng.normal(size=count)


def _at_level(wave: np.ndarray) -> Samples:
    return to_int16(wave * (_RMS / np.sqrt(np.mean(wave**2))))
