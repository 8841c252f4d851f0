"""The cascade: which events of the first model the verifier confirms, and when."""

from dataclasses import replace

import numpy as np
import pytest

from featurizer.logmel import Samples
from tests.signals import demo, demo_words
from tests.wakeword.models import random_model
from tests.wakeword.terminal import Run
from wakeword.errors import WakewordError
from wakeword.inference.cascade import AFTER, CascadeEngine
from wakeword.inference.detector import Event
from wakeword.inference.engine import Engine, open_engine
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model


def at_thresholds(loaded: Model, threshold: float) -> Model:
    """Return the model with one threshold for all words."""
    thresholds = [round(threshold * 32768) if label in loaded.keywords else 0 for label in loaded.labels]
    return replace(loaded, detector=replace(loaded.detector, thresholds=tuple(thresholds)))


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="module")
def words(model: Model) -> list[Event]:
    return open_engine(model).push(demo()).events


def pushed(engine: Engine, samples: Samples, size: int) -> list[Event]:
    return [event for at in range(0, len(samples), size) for event in engine.push(samples[at : at + size]).events]


def test_an_event_is_raised_only_if_the_verifier_detects_it_too(model: Model, words: list[Event]) -> None:
    eager = at_thresholds(model, 0.2)
    raised = open_engine(eager).push(demo()).events
    assert len(raised) > len(words)
    found = CascadeEngine(eager, model).push(demo()).events
    assert [event.label for event in found] == [event.label for event in words]
    assert all(event.score >= model.detector.thresholds[event.label] for event in found)


def test_an_event_is_raised_when_it_is_confirmed_soon_after_the_first_model(model: Model) -> None:
    eager = at_thresholds(model, 0.3)
    first = open_engine(eager).push(demo()).events
    for event in CascadeEngine(eager, model).push(demo()).events:
        hits = [hit.frame for hit in first if hit.label == event.label and hit.frame <= event.frame]
        assert event.frame - hits[-1] <= AFTER * 100


def test_a_verifier_that_detects_nothing_confirms_nothing(model: Model) -> None:
    assert CascadeEngine(model, at_thresholds(model, 0.99997)).push(demo()).events == []


@pytest.mark.parametrize("size", [7, 160, 4000])
def test_chunks_of_any_size_give_the_same_events(model: Model, size: int) -> None:
    eager, speech = at_thresholds(model, 0.3), demo_words() if size < 100 else demo()
    whole = CascadeEngine(eager, model).push(speech).events
    assert len(whole) >= 2
    assert pushed(CascadeEngine(eager, model), speech, size) == whole


def test_a_reset_forgets_the_last_stream(model: Model, words: list[Event]) -> None:
    engine = CascadeEngine(model, model)
    engine.push(demo()[:20_000])
    engine.reset()
    assert [event.label for event in engine.push(demo()).events] == [event.label for event in words]


def test_the_trace_is_the_first_models(model: Model) -> None:
    one, both = (engine.push(demo()[:40_000]) for engine in (open_engine(model), CascadeEngine(model, model)))
    np.testing.assert_array_equal(one.scores, both.scores)


def test_a_verifier_of_other_words_is_refused(model: Model) -> None:
    with pytest.raises(WakewordError, match="lacks the word 'yes'"):
        CascadeEngine(model, replace(random_model(), labels=tuple("abcdef"), first_word=2))


def test_both_commands_take_a_verifier(run: Run, words: list[Event]) -> None:
    demo_file = "wakeword/assets/demo.flac"
    done = run("listen", "--model", "google12", "--input", demo_file, "--verify", "google12", "--json")
    assert (done.status, done.out.count("\n")) == (0, len(words))
    tallied = run("eval", "google12", "--stream", demo_file, "--verify", "google12")
    assert tallied.status == 0 and tallied.out.count("false accept: ") == len(words)
    refused = run(
        "eval", "google12", "--stream", demo_file, "--positives", ".", "--verify", "google12", "--det", "a.svg"
    )
    assert refused.status == 2 and "leave out --verify" in refused.err
