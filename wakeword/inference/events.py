"""An event as a line for programs and as a line for people, wherever it was detected."""

from __future__ import annotations

import json

from wakeword.columns import padded
from wakeword.inference.detector import Event
from wakeword.model.score import as_fraction


def json_line(event: Event, word: str, model: str | None = None) -> str:
    """Describe an event as one JSON object: word, model if one is given, score from 0 to 1, time in seconds, frame."""
    named = {"word": word} if model is None else {"word": word, "model": model}
    score = round(as_fraction(event.score), 4)
    return json.dumps({**named, "score": score, "time": event.time, "frame": event.frame})


def plain_line(event: Event, word: str, width: int) -> str:
    """Describe an event as time, word, score; the word is padded to `width` columns."""
    return f"{event.time:9.2f} s  {padded(word, width)}  {as_fraction(event.score):.2f}"
