"""Write the audio around false accepts, to hear which sounds were mistaken for a word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from featurizer import SAMPLE_RATE
from wakeword.audio.files import read_part, write_wav
from wakeword.errors import DataError
from wakeword.evaluation.scoring import Detection
from wakeword.text import file_part

BEFORE, AFTER = 2.0, 1.0  # seconds around the time of the detection


def write_clips(detections: Sequence[Detection], folder: Path) -> list[Path]:
    """Write a numbered WAV file for each detection, cut from its file.

    Raises:
        DataError: a file can't be read, or the folder can't be written to.
    """
    written = []
    for number, detection in enumerate(detections, 1):
        start, end = (round((detection.time + offset) * SAMPLE_RATE) for offset in (-BEFORE, AFTER))
        word, file = file_part(detection.word), file_part(Path(detection.file).stem)
        path = folder / f"{number:04}-{word}-{file}-{detection.time:.2f}.wav"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_wav(path, read_part(detection.file, max(0, start), end))
        except OSError as error:
            raise DataError(f"cannot write to {folder}: {error.strerror}; give --clips another folder") from error
        written.append(path)
    return written
