"""Where a word is said in a recording of negatives after all: by a label file beside it, of Audacity's format.

What a label covers is left out of training: as a negative it would teach the model to refuse the word.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.data.annotations import Annotation, read_annotations
from wakeword.errors import DataError
from wakeword.files import write_whole

MAX_BYTES = 1 << 20  # of a label file: a word a second of the longest recording has half of that
AROUND = 0.25  # seconds on each side of a label that are left out too


def label_file(recording: Path) -> Path:
    """Return the label file of a recording, which need not be there: `room.flac` has `room.flac.txt`."""
    return recording.with_name(f"{recording.name}.txt")


def said_in(recording: Path) -> list[Annotation]:
    """Return what is said in a recording, by its start; [] without a label file.

    Raises DataError for a damaged one, or one of more than `MAX_BYTES`.
    """
    file = label_file(recording)
    if not file.is_file():
        return []
    if file.stat().st_size > MAX_BYTES:
        raise DataError(f"{file} has more than {MAX_BYTES >> 20} MB; keep the labels of phrases that are said")
    return read_annotations(file)


def seconds_said(said: Sequence[Annotation], seconds: float) -> float:
    """Return how long something is said in a recording of some seconds; what two labels cover counts once."""
    whole, end = 0.0, 0.0
    for each in sorted(said, key=lambda each: each.start):
        last = min(each.end, seconds)
        whole += max(0.0, last - max(each.start, end))
        end = max(end, last)
    return whole


def write_said(recording: Path, said: Sequence[Annotation]) -> None:
    """Replace the label file of a recording; remove it if nothing is said. Raises DataError if that can't be done."""
    file = label_file(recording)
    if said:
        lines = (
            f"{each.start:.3f}\t{each.end:.3f}\t{each.word}\n"
            for each in sorted(said, key=lambda each: (each.start, each.end))
        )
        write_whole(file, "".join(lines).encode(), private=True)
        return
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(f"{file} can't be removed: {error.strerror}; remove it yourself") from error


def without_said(samples: Samples, said: Sequence[Annotation]) -> Samples:
    """Return a recording, (samples,), without the stretches in which something is said."""
    kept = np.ones(len(samples), bool)
    for each in said:
        begin, end = (round(time * SAMPLE_RATE) for time in (each.start - AROUND, each.end + AROUND))
        kept[max(0, begin) : max(0, end)] = False
    return samples if kept.all() else samples[kept]
