"""Levels in dBFS: decibels below full scale, where a square wave at full scale is 0 dBFS."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples

Wave = npt.NDArray[np.float32]

FULL_SCALE = 32768.0
SILENT_DBFS = -96.0  # one bit of 16

_FRAME = SAMPLE_RATE // 50  # 20 ms


def frame_power(wave: npt.NDArray[np.floating], length: int) -> npt.NDArray[np.floating]:
    """Compute the mean square of each whole frame of `length` samples, in the wave's precision; shape (frames,)."""
    frames = wave[: len(wave) // length * length].reshape(-1, length)
    return np.asarray(np.einsum("ij,ij->i", frames, frames) / length)


def to_dbfs(power: Any) -> Any:
    """Convert mean squares of samples to dBFS, a number or an array alike; 0 becomes -inf."""
    with np.errstate(divide="ignore"):
        return 10 * np.log10(power / FULL_SCALE**2)


def level_dbfs(samples: Samples) -> float:
    """Compute the root mean square of int16 samples in dBFS, at least `SILENT_DBFS`, also if there are none."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    return max(SILENT_DBFS, float(to_dbfs(power)))


def active_level(wave: Wave) -> float:
    """Compute the level of the speech in a clip, in dBFS: that of the loudest quarter of its 20 ms frames.

    Pauses around a word don't count, and a click of one frame counts little. Digital silence gives -inf.
    """
    power = np.sort(frame_power(wave, _FRAME))
    return float(to_dbfs(float(power[-max(1, len(power) // 4) :].mean())))


def at_level(wave: Wave, dbfs: float) -> Wave:
    """Scale a wave to an RMS level; digital silence stays as it is."""
    level = float(to_dbfs(float(np.dot(wave, wave)) / len(wave)))
    return wave if level == -np.inf else wave * gain(dbfs - level)


def gain(db: float) -> np.float32:
    """Convert decibels to a factor for samples."""
    return np.float32(10 ** (db / 20))
