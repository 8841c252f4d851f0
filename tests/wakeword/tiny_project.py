"""A project whose training takes a few seconds, by the voices of espeak-ng alone."""

from __future__ import annotations

from pathlib import Path

from wakeword.networks import fused

SETTINGS = {
    "low_rank": 2,
    "sparse": 1,
    "quantized": 2,
    "clips_per_word": 16,
    "batch_size": 16,
    "least": 1,
    "room_probability": 0,
    "teacher": "default",
    "teacher.epochs": 2,
    "teacher.widths": "4:4",
    "teacher.draw.clips_per_word": 8,
    "teacher.draw.unknown": 1,
}
CONTENT = {"phrases": ["café au lait"], "language": "fr", "preset": "small", "clips": 20, "settings": SETTINGS}


def own_cache(folder: Path) -> Path:
    """Return a folder for $XDG_CACHE_HOME that has the compiled kernel, and no voices but espeak-ng's."""
    fused.kernel()
    built = fused.build_folder()
    cache = folder / "wakeword"
    cache.mkdir()
    (cache / built.name).symlink_to(built)
    return folder
