"""The google12 model that comes with the package, on the demo recording that comes with it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import wakeword
from tests.signals import demo
from wakeword.data.speech_commands import keyword_set
from wakeword.inference.detector import Event
from wakeword.inference.engine import open_engine
from wakeword.model.bundle import Bundle
from wakeword.model.pretrained import load_model
from wakeword.model.size import model_size

ASSETS = Path(wakeword.__file__).parent / "assets"
LATEST = 0.5  # seconds from a word's end to its event


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_model()


def wanted(bundle: Bundle) -> list[tuple[str, float, float]]:
    """The commands in the recording: word, start and end in seconds."""
    rows = csv.DictReader((ASSETS / "demo.csv").open())
    words = [(row["word"], float(row["start_seconds"]), float(row["end_seconds"])) for row in rows]
    return [word for word in words if word[0] in bundle.keywords]


def events(bundle: Bundle, samples: np.ndarray, *, engine: str, chunk: int) -> list[Event]:
    stream = open_engine(bundle, engine)  # type: ignore[arg-type]
    chunks = (samples[at : at + chunk] for at in range(0, len(samples), chunk))
    return [event for piece in chunks for event in stream.push(piece).events]


def test_it_is_google12_in_at_most_six_kilobytes(bundle: Bundle) -> None:
    assert bundle.labels == keyword_set("google12").labels
    assert sum(model_size(bundle).values()) <= 6000


def test_the_demo_s_commands_are_detected_and_nothing_else(bundle: Bundle) -> None:
    found = events(bundle, demo(), engine="auto", chunk=16_000)
    assert [bundle.labels[event.label] for event in found] == [word for word, _, _ in wanted(bundle)]
    for event, (_, start, end) in zip(found, wanted(bundle), strict=True):
        assert start < event.time < end + LATEST


@pytest.mark.parametrize("engine", ["c", "numpy"])
@pytest.mark.parametrize("chunk", [160, 999, 16_000])
def test_no_engine_and_no_chunk_size_changes_an_event(bundle: Bundle, engine: str, chunk: int) -> None:
    assert events(bundle, demo(), engine=engine, chunk=chunk) == events(bundle, demo(), engine="c", chunk=len(demo()))


def test_samples_one_by_one_change_no_event(bundle: Bundle) -> None:
    assert events(bundle, demo(), engine="c", chunk=1) == events(bundle, demo(), engine="c", chunk=len(demo()))
