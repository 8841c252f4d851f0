"""The models that come with the package, on the demo recording that comes with it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import wakeword
from tests.signals import demo, demo_words
from wakeword.audio.files import read_audio
from wakeword.data.keywords import keyword_set
from wakeword.evaluation.endurance import LARGEST_SCORE, LARGEST_STATE, remainder
from wakeword.inference.detector import Event
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model
from wakeword.model.pretrained import WAKE_WORD, load_model, shipped_models
from wakeword.model.size import model_size

ASSETS = Path(wakeword.__file__).parent / "assets"
COMMANDS = ("google12", "digits10")
SLOW_UNITS = 10.0  # seconds of silence that some units of a wake word take, though its score is at rest after three
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


def test_the_wake_word_of_the_other_demo_is_detected_and_nothing_else() -> None:
    wake = load_model(WAKE_WORD)
    recording = read_audio(ASSETS / "demo-wake.flac")
    rows = csv.DictReader((ASSETS / "demo-wake.csv").open())
    spoken = [float(row["end_seconds"]) for row in rows if row["word"] == WAKE_WORD]
    found = events(wake, recording, engine="auto", chunk=16_000)
    assert [wake.labels[event.label] for event in found] == [WAKE_WORD] * len(spoken)
    assert all(abs(event.time - end) < LATEST for event, end in zip(found, spoken, strict=True))
    assert events(wake, demo(), engine="auto", chunk=16_000) == []


@pytest.mark.parametrize("engine", ["c", "numpy"])
@pytest.mark.parametrize("chunk", [160, 999, 16_000])
def test_no_engine_and_no_chunk_size_changes_an_event(model: Model, engine: str, chunk: int) -> None:
    assert events(model, demo(), engine=engine, chunk=chunk) == events(model, demo(), engine="c", chunk=len(demo()))


@pytest.mark.parametrize("name", shipped_models())
def test_every_shipped_model_returns_to_rest_after_speech(name: str) -> None:
    loaded, speech = load_model(name), demo()
    pieces = [speech[start : start + 24_000] for start in range(0, len(speech), 24_000)]
    for piece in pieces:  # a state that is stuck after one word may be let go by another
        left = remainder(loaded, open_engine(loaded), [piece])
        assert (left.score <= LARGEST_SCORE, left.stuck) == (True, ())
        of_state = left if name in COMMANDS else remainder(loaded, open_engine(loaded), [piece], SLOW_UNITS)
        assert of_state.state <= LARGEST_STATE


def test_samples_one_by_one_change_no_event(model: Model) -> None:
    at_once = events(model, demo_words(), engine="c", chunk=len(demo_words()))
    assert len(at_once) >= 2
    assert events(model, demo_words(), engine="c", chunk=1) == at_once
