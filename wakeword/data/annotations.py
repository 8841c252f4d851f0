"""Read label files: which word is spoken when. The format is Audacity's: start, end and word per line, with tabs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from wakeword.errors import DataError


@dataclass(frozen=True)
class Annotation:
    """A word spoken in a stream."""

    word: str
    start: float  # seconds from the start of the stream
    end: float


def read_annotations(path: Path) -> list[Annotation]:
    """Read the words of a label file, in the order of their starts.

    Skips empty lines, and the lines with frequencies, which Audacity begins with a backslash.

    Raises:
        DataError: the file or a line of it can't be read, or it names no word.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}; give a label file exported from Audacity") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not a label file: save it as text in UTF-8") from error
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("\\"))
    annotations = [_annotation(path, number, line) for number, line in numbered]
    if not annotations:
        raise DataError(f"{path} names no word: write a line for each, start, end and word with tabs between")
    return sorted(annotations, key=lambda annotation: annotation.start)


def _annotation(path: Path, number: int, line: str) -> Annotation:
    try:
        start, end, word = line.split("\t")
        annotation = Annotation(word.strip(), float(start), float(end))
    except ValueError:
        annotation = Annotation("", math.nan, math.nan)
    if not (annotation.word and 0 <= annotation.start <= annotation.end < math.inf):
        raise DataError(
            f"line {number} of {path} is not start, end and word: give both times in seconds, the end not before the "
            "start, with tabs between"
        )
    return annotation
