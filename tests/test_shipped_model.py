"""The models that come with the package, on the demo recording that comes with it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import wakeword
from tests.signals import demo, demo_words
from wakeword.data.keywords import keyword_set
from wakeword.evaluation.endurance import LARGEST_SCORE, LARGEST_STATE, remainder
from wakeword.inference.detector import Event
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model
from wakeword.model.size import model_size

ASSETS = Path(wakeword.__file__).parent / "assets"
LATEST = 0.5  # seconds from a word's end to its event


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


def wanted(model: Model) -> list[tuple[str, float, float]]:
    """The commands in the recording: word, start and end in seconds."""
    rows = csv.DictReader((ASSETS / "demo.csv").open())
    words = [(row["word"], float(row["start_seconds"]), float(row["end_seconds"])) for row in rows]
    return [word for word in words if word[0] in model.keywords]


def events(model: Model, samples: np.ndarray, *, engine: str, chunk: int) -> list[Event]:
    stream = open_engine(model, engine)  # type: ignore[arg-type]
    chunks = (samples[at : at + chunk] for at in range(0, len(samples), chunk))
    return [event for piece in chunks for event in stream.push(piece).events]


def test_it_is_google12_in_at_most_six_kilobytes(model: Model) -> None:
    assert model.labels == keyword_set("google12").labels
    assert sum(model_size(model).values()) <= 6000


def test_the_commands_of_the_demo_are_detected_and_nothing_else(model: Model) -> None:
    found = events(model, demo(), engine="auto", chunk=16_000)
    assert [model.labels[event.label] for event in found] == [word for word, _, _ in wanted(model)]
    for event, (_, start, end) in zip(found, wanted(model), strict=True):
        assert start < event.time < end + LATEST


@pytest.mark.parametrize("engine", ["c", "numpy"])
@pytest.mark.parametrize("chunk", [160, 999, 16_000])
def test_no_engine_and_no_chunk_size_changes_an_event(model: Model, engine: str, chunk: int) -> None:
    assert events(model, demo(), engine=engine, chunk=chunk) == events(model, demo(), engine="c", chunk=len(demo()))


@pytest.mark.parametrize("name", ["google12", "digits10"])
def test_every_shipped_model_returns_to_rest_after_speech(name: str) -> None:
    loaded, speech = load_model(name), demo()
    pieces = [speech[start : start + 24_000] for start in range(0, len(speech), 24_000)]
    for piece in pieces:  # a state that is stuck after one word may be let go by another
        left = remainder(loaded, open_engine(loaded), [piece])
        assert (left.state <= LARGEST_STATE, left.score <= LARGEST_SCORE, left.stuck) == (True, True, ())


def test_samples_one_by_one_change_no_event(model: Model) -> None:
    at_once = events(model, demo_words(), engine="c", chunk=len(demo_words()))
    assert len(at_once) >= 2
    assert events(model, demo_words(), engine="c", chunk=1) == at_once
