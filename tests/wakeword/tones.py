"""A small data folder in the layout of Speech Commands whose words are tones, so that a tiny network learns them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

RATE = 16_000
PITCHES = {"low": 300, "high": 2500, "other": 900}


def tone(pitch: float, rng: np.random.Generator) -> np.ndarray:
    """One second with a tone of 0.4 s in quiet noise, near the middle: float (16000,)."""
    time = np.arange(RATE) / RATE
    start = rng.uniform(0.25, 0.35)
    sounding = (time > start) & (time < start + 0.4)
    return 0.3 * sounding * np.sin(2 * np.pi * pitch * rng.uniform(0.95, 1.05) * time) + rng.normal(0, 0.002, RATE)


def write_tones(root: Path, clips: int = 40, seed: int = 0) -> Path:
    """Write the folder; speakers are numbered, and every fifth is for validation, every fifth for the test."""
    rng = np.random.default_rng(seed)
    lists: dict[str, list[str]] = {"validation_list.txt": [], "testing_list.txt": []}
    for word, pitch in PITCHES.items():
        (root / word).mkdir(parents=True)
        for i in range(clips):
            name = f"{word}/{i:08x}_nohash_0.wav"
            soundfile.write(root / name, tone(pitch, rng), RATE)
            if i % 5 < 2:
                lists[list(lists)[i % 5]].append(name)
    (root / "_background_noise_").mkdir()
    soundfile.write(root / "_background_noise_" / "hiss.wav", rng.normal(0, 0.02, 4 * RATE), RATE)
    for name, lines in lists.items():
        (root / name).write_text("\n".join(lines) + "\n")
    return root
