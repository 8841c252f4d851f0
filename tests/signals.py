"""Audio for tests, int16 at 16 kHz: the demo recording, and what is hardest on integer arithmetic."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples

ROOT = Path(__file__).parent.parent


@cache
def demo() -> Samples:
    """The demo recording: 22.5 seconds of spoken words."""
    samples, rate = soundfile.read(ROOT / "wakeword/assets/demo.flac", dtype="int16")
    assert rate == SAMPLE_RATE
    return samples


def demo_words() -> Samples:
    """The first four seconds of the demo recording, where two words are spoken."""
    return demo()[: 4 * SAMPLE_RATE]


def at_level(signal: np.ndarray, dbfs: float) -> Samples:
    """The signal scaled so that its peak stands at `dbfs` below full scale, rounded to int16."""
    peak = 32767 * 10 ** (dbfs / 20)
    return np.round(signal * (peak / np.abs(signal.astype(np.float64)).max())).astype(np.int16)


def tone(hertz: float, seconds: float = 1.0) -> np.ndarray:
    """A sine as floats within [-1, 1]."""
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE)


def sweep(seconds: float = 4.0) -> np.ndarray:
    """A sine that rises from 50 Hz to 7,950 Hz, as floats within [-1, 1]."""
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.sin(2 * np.pi * (50 * t + 3950 / seconds * t**2))


def noise(seconds: float = 1.0, seed: int = 0) -> np.ndarray:
    """White noise as floats within [-1, 1]."""
    return np.random.default_rng(seed).uniform(-1, 1, round(seconds * SAMPLE_RATE))


def _pulse(height: int) -> Samples:
    samples = np.zeros(SAMPLE_RATE, np.int16)
    samples[SAMPLE_RATE // 2] = height
    return samples


def _rounding_up() -> Samples:
    """Pre-emphasis makes of -1 and 32767 a little less than 2**30, which rounds to 32768 in 16 bits."""
    samples = _pulse(32767)
    samples[SAMPLE_RATE // 2 - 1] = -1
    return samples


def _square(hertz: float) -> Samples:
    return np.where(tone(hertz) >= 0, 32767, -32768).astype(np.int16)


def corner_cases() -> dict[str, Samples]:
    """A second each of what leaves no room, or nothing, in 16 bits."""
    second = np.ones(SAMPLE_RATE, np.int16)
    return {
        "silence": 0 * second,
        "least constant": second,
        "greatest constant": 32767 * second,
        "lowest constant": -32768 * second,
        "least alternation": np.tile(np.array([1, -1], np.int16), SAMPLE_RATE // 2),
        "greatest alternation": np.tile(np.array([-32768, 32767], np.int16), SAMPLE_RATE // 2),
        "square wave of 125 Hz": _square(125),
        "square wave of 1 kHz": _square(1000),
        "square wave of 3.7 kHz": _square(3700),
        "greatest pulse": _pulse(32767),
        "lowest pulse": _pulse(-32768),
        "least pulse": _pulse(1),
        "pulse that rounds beyond int16": _rounding_up(),
        "full-scale tone": at_level(tone(440), 0),
        "full-scale noise": at_level(noise(), 0),
        "noise of one bit": np.random.default_rng(1).integers(-1, 2, SAMPLE_RATE).astype(np.int16),
    }
