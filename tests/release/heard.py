"""The events of the demo recording, which every artefact must give."""

from __future__ import annotations

from tests.signals import demo
from wakeword.inference.engine import open_engine
from wakeword.model.pretrained import load_model

Heard = list[tuple[str, int, int]]  # word, score in Q15, frame


def expected() -> Heard:
    """Return the eleven events of google12."""
    model = load_model("google12")
    events = [(model.labels[event.label], event.score, event.frame) for event in open_engine(model).push(demo()).events]
    assert len(events) == 11
    return events


def of_lines(lines: str) -> Heard:
    """Return the events of a program that prints a word, a score and a frame on each line."""
    return [(word, int(score), int(frame)) for word, score, frame in map(str.split, lines.splitlines())]
