"""Label files: which word is said when. The format is Audacity's, a line for each word: start, end, word, by tabs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from wakeword.errors import WakewordError


@dataclass(frozen=True)
class Span:
    """A word that is said in a stream."""

    word: str
    start: float  # seconds from the start of the stream
    end: float


def read_labels(path: Path) -> list[Span]:
    """The words of a label file in the order of their starts.

    Empty lines, and the lines with frequencies that Audacity begins with a backslash, are passed over.

    Raises:
        WakewordError: the file can't be read, or a line of it; or it names no word.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise WakewordError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WakewordError(f"{path} is no label file: it isn't text in UTF-8") from error
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("\\"))
    spans = [_span(path, number, line) for number, line in numbered]
    if not spans:
        raise WakewordError(f"{path} names no word")
    return sorted(spans, key=lambda span: span.start)


def _span(path: Path, number: int, line: str) -> Span:
    try:
        start, end, word = line.split("\t")
        span = Span(word.strip(), float(start), float(end))
    except ValueError:
        span = Span("", math.nan, math.nan)
    if not (span.word and 0 <= span.start <= span.end < math.inf):
        raise WakewordError(f"line {number} of {path} is not start, end and word, in seconds and with tabs between")
    return span
