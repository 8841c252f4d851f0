"""Clips of a data folder; all samples of a clip have the same value, which identifies it."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from wakeword.audio.files import write_wav


def write_clips(folder: Path, names: Iterable[str], length: int = 16_000) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for value, name in enumerate(names, start=1):
        write_wav(folder / name, np.full(length, value, np.int16))


def speakers(count: int) -> list[str]:
    return [f"{i:08x}_nohash_0.wav" for i in range(count)]
