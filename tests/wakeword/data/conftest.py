"""A small data folder in the layout of Speech Commands."""

from pathlib import Path

import numpy as np
import pytest

from tests.wakeword.data.clips import speakers, write_clips
from wakeword.audio.files import write_wav
from wakeword.data.speech_commands import NOISE_FOLDER


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three words of 20 clips each (by lists: 15 training, 3 validation, 2 test) and ten seconds of noise."""
    for word in ("yes", "no", "cat"):
        write_clips(tmp_path / word, speakers(20))
    for name, part in (("testing_list.txt", slice(0, 2)), ("validation_list.txt", slice(2, 5))):
        lines = [f"{word}/{clip}" for word in ("yes", "no", "cat") for clip in speakers(20)[part]]
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    (tmp_path / NOISE_FOLDER).mkdir()
    noise = np.random.default_rng(0).integers(-30_000, 30_000, 10 * 16_000).astype(np.int16)
    write_wav(tmp_path / NOISE_FOLDER / "noise.wav", noise)
    (tmp_path / NOISE_FOLDER / "README.md").write_text("Not a recording.\n")
    return tmp_path
