"""The audio around false accepts, to hear what was mistaken for a word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from featurizer import SAMPLE_RATE
from wakeword.audio.files import read_audio, write_wav
from wakeword.errors import WakewordError
from wakeword.evaluation.scoring import Heard

BEFORE, AFTER = 2.0, 1.0  # seconds


def write_clips(events: Sequence[Heard], folder: Path) -> list[Path]:
    """Write a WAV file for each event, as much of its file as lies around it; the names begin with numbers.

    Raises:
        WakewordError: a file can't be read, or the folder can't be written to.
    """
    written = []
    for number, event in enumerate(events, 1):
        start, end = (round((event.time + reach) * SAMPLE_RATE) for reach in (-BEFORE, AFTER))
        name = f"{number:04}-{event.word.replace(' ', '_')}-{Path(event.file).stem}-{event.time:.2f}.wav"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_wav(folder / name, read_audio(event.file)[max(0, start) : end])
        except OSError as error:
            raise WakewordError(f"cannot write to {folder}: {error.strerror}") from error
        written.append(folder / name)
    return written
