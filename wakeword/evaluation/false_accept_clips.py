"""Write the audio around false accepts, to hear which sounds were mistaken for a word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from featurizer import SAMPLE_RATE
from wakeword.audio.files import encode, read_part
from wakeword.evaluation.scoring import Detection
from wakeword.files import write_whole
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
        samples = read_part(detection.file, max(0, start), end)
        write_whole(path, encode(samples, "wav"), advice="give --clips another folder")
        written.append(path)
    return written
