"""Takes of a word: synthetic ones, a voice in the noise of a room; and when `wakeword record` waits for one."""

from __future__ import annotations

import subprocess

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import to_int16

ROOM_SECONDS, COUNT_SECONDS, TAKE_SECONDS = 0.7, 2.1, 2.5


def hiss(seconds: float, dbfs: float = -60.0) -> Samples:
    rng = np.random.default_rng(0)
    return to_int16(rng.normal(0, 32768 * 10 ** (dbfs / 20), round(seconds * SAMPLE_RATE)))


def word(seconds: float = 0.6, dbfs: float = -20.0) -> Samples:
    """A sound that swells and fades like a syllable, with harmonics of 150 Hz."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    voice = sum(np.sin(2 * np.pi * 150 * n * time) / n for n in range(1, 12)) * np.sin(np.pi * time / seconds) ** 0.5
    return to_int16(voice * 32768 * 10 ** (dbfs / 20) / np.sqrt(np.mean(voice**2)))


def take(spoken: Samples, at: float = 0.8, room_dbfs: float = -60.0) -> Samples:
    """A take in a noisy room; `spoken` starts at `at` seconds."""
    samples = hiss(TAKE_SECONDS, room_dbfs).astype(np.int32)
    start = round(at * SAMPLE_RATE)
    spoken = spoken[: len(samples) - start]
    samples[start : start + len(spoken)] += spoken
    return np.clip(samples, -32768, 32767).astype(np.int16)


def until_speak(process: subprocess.Popen[bytes]) -> None:
    """Return when `wakeword record` says that one should speak."""
    assert process.stdout is not None
    said = b""
    while not said.endswith(b"speak!"):
        piece = process.stdout.read(1)
        assert piece, said
        said += piece
