"""Several models over one stream equal each model alone; commands are heard after a word of the others only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from featurizer import HOP
from tests.signals import demo
from tests.wakeword.models import convolved_model, random_convolution, random_model
from wakeword.errors import UsageError
from wakeword.inference.c_core import CoreEngine, CoreRecognizer
from wakeword.inference.combined import CombinedEngine, CommandEngine, push_all_combined
from wakeword.inference.detector import Event
from wakeword.inference.engine import EngineName, NumpyEngine, NumpyRecognizer, Recognizer, step_all
from wakeword.inference.trace import Trace, joined
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

FIRST = random_model(0)
CONVOLVED = convolved_model(random_model(17, words=3), random_convolution(1))
SLOW = random_model(12, frames_per_step=3, gate="tanh", words=2)
SPEECH = demo()[:96_000]
ENGINES: tuple[EngineName, ...] = ("c", "numpy")


def equal(trace: Trace, wanted: Trace) -> None:
    for name in ("features", "hidden", "posteriors", "scores"):
        np.testing.assert_array_equal(getattr(trace, name), getattr(wanted, name), err_msg=name)
    assert trace.events == wanted.events


def in_chunks(engine: CombinedEngine, samples: np.ndarray, cuts: list[int]) -> Trace:
    return joined([engine.push(samples[start:stop]) for start, stop in pairwise([0, *cuts, len(samples)])])


@pytest.mark.parametrize("which", ENGINES)
def test_each_model_has_the_trace_and_the_events_that_it_has_alone(which: EngineName) -> None:
    models = [FIRST, CONVOLVED, SLOW]
    trace = CombinedEngine(models, which=which).push(SPEECH)
    column = unit = 0
    for model in models:
        alone, width = CoreEngine(model).push(SPEECH), len(model.labels)
        own = [replace(it, label=it.label - column) for it in trace.events if column <= it.label < column + width]
        columns, units = slice(column, column + width), slice(unit, unit + model.hidden)
        parts = trace.hidden[:, units], trace.posteriors[:, columns], trace.scores[:, columns]
        assert own
        equal(Trace(trace.features, *parts, own), alone)
        column, unit = column + width, unit + model.hidden
    assert [event.frame for event in trace.events] == sorted(event.frame for event in trace.events)


def test_one_model_alone_has_the_trace_of_its_engine() -> None:
    equal(CombinedEngine([FIRST]).push(SPEECH), CoreEngine(FIRST).push(SPEECH))


@pytest.mark.parametrize("kinds", [(CoreRecognizer, CoreRecognizer), (NumpyRecognizer, CoreRecognizer)])
def test_recognizers_take_the_features_of_an_engine(kinds: tuple[Callable[[Model], Recognizer], ...]) -> None:
    models = [CONVOLVED, SLOW]
    features = NumpyEngine(FIRST).push(SPEECH).features
    traces = step_all([kind(model) for kind, model in zip(kinds, models, strict=True)], [features, features[:100]])
    equal(traces[0], NumpyEngine(CONVOLVED).push(SPEECH))
    equal(traces[1], NumpyEngine(SLOW).push(SPEECH[: 400 + 99 * HOP]))


def test_a_recognizer_cannot_be_given_twice() -> None:
    recognizer, features = CoreRecognizer(FIRST), CoreEngine(FIRST).push(SPEECH).features
    with pytest.raises(UsageError, match="given twice"):
        step_all([recognizer, recognizer], [features] * 2)


@settings(max_examples=20)
@given(cuts=st.lists(st.integers(0, len(SPEECH)), max_size=12))
def test_chunks_make_no_difference(cuts: list[int]) -> None:
    whole = CombinedEngine([FIRST, SLOW], [CONVOLVED], "c", seconds=0.4).push(SPEECH)
    assert any(event.label >= len(FIRST.labels) + len(SLOW.labels) for event in whole.events)
    equal(in_chunks(CombinedEngine([FIRST, SLOW], [CONVOLVED], "c", seconds=0.4), SPEECH, sorted(cuts)), whole)


def test_commands_in_c_equal_those_in_numpy() -> None:
    c, numpy = (CombinedEngine([FIRST, SLOW], [CONVOLVED], which, seconds=0.4) for which in ENGINES)
    equal(c.push(SPEECH), numpy.push(SPEECH))


def test_streams_pushed_together_have_the_traces_of_each_alone() -> None:
    setups: list[tuple[list[Model], list[Model]]] = [([FIRST], []), ([SLOW, FIRST], [CONVOLVED]), ([FIRST, SLOW], [])]
    engines = [CombinedEngine(models, commands) for models, commands in setups]
    streams = [SPEECH[start : start + 40_000] for start in (0, 8_000, 30_000)]
    cuts = [0, 399, 400, 8_000, 40_000]
    together = [
        push_all_combined(engines, [stream[start:stop] for stream in streams]) for start, stop in pairwise(cuts)
    ]
    for (models, commands), stream, traces in zip(setups, streams, zip(*together, strict=True), strict=True):
        equal(joined(traces), CombinedEngine(models, commands).push(stream))


def test_a_command_is_heard_from_a_word_of_another_model_until_its_time_is_over() -> None:
    """The command's own events are those of its network begun after the word, on the frames that follow it."""
    wake = replace(FIRST, detector=replace(FIRST.detector, refractory=300))  # so that seconds pass without a wake word
    alone = CoreEngine(wake).push(SPEECH)
    wakes = [event.frame for event in alone.events]
    trace = CombinedEngine([wake], [CONVOLVED], seconds=1.0).push(SPEECH)
    width = len(wake.labels)
    assert len(wakes) > 1
    events, scores = [], np.zeros((len(trace.scores), len(CONVOLVED.labels)), np.int16)
    for frame in wakes:
        own = CoreRecognizer(CONVOLVED).push(alone.features[frame + 1 : frame + 101])
        events += [Event(width + it.label, it.score, frame + 1 + it.frame) for it in own.events]
        scores[frame + 1 : frame + 101] = own.scores
    assert events
    assert [event for event in trace.events if event.label >= width] == events
    np.testing.assert_array_equal(trace.scores[:, width:], scores)


def test_a_word_during_the_time_of_commands_prolongs_it_and_cuts_no_command() -> None:
    alone = CoreEngine(FIRST).push(SPEECH)
    first, *later = [event.frame for event in alone.events]
    assert all(after - before < 450 for before, after in pairwise([first, *later]))
    trace = CombinedEngine([FIRST], [CONVOLVED], seconds=4.5).push(SPEECH)
    unbroken = CoreRecognizer(CONVOLVED).push(alone.features[first + 1 : later[-1] + 451])
    heard = slice(first + 1, first + 1 + len(unbroken.scores))
    np.testing.assert_array_equal(trace.scores[heard, len(FIRST.labels) :], unbroken.scores)


def test_nothing_is_heard_without_a_wake_word() -> None:
    model = load_model("google12")
    deaf, eager = (model.with_thresholds(dict.fromkeys(model.keywords, threshold)) for threshold in (0.9999, 0.01))
    assert CoreEngine(eager).push(SPEECH).events
    trace = CombinedEngine([deaf], [eager]).push(SPEECH)
    assert not trace.events
    assert not trace.scores[:, len(model.labels) :].any()


@pytest.mark.parametrize("which", ENGINES)
def test_a_silent_model_hears_as_a_model_does_but_makes_no_command_heard(which: EngineName) -> None:
    google = load_model("google12")
    deaf = google.with_thresholds(dict.fromkeys(google.keywords, 0.9999))
    trace = CombinedEngine([deaf], [CONVOLVED], which, silent=[SLOW]).push(SPEECH)
    both, commands = CombinedEngine([deaf, SLOW], which=which).push(SPEECH), len(google.labels) + len(SLOW.labels)
    assert trace.events == both.events != []
    np.testing.assert_array_equal(trace.scores[:, :commands], both.scores)
    assert not trace.scores[:, commands:].any()


def test_the_commands_of_the_demo_recording_are_heard_after_the_word_that_wakes_them() -> None:
    """*up*, *left*, ... as commands of *yes* and *go*: those within five seconds after one of these two."""
    model = load_model("google12")
    wake = model.with_thresholds({word: 0.9999 for word in model.keywords if word not in ("yes", "go")})
    command = model.with_thresholds({"yes": 0.9999, "go": 0.9999})
    every = CoreEngine(model).push(demo()).events
    found = CombinedEngine([wake], [command]).push(demo()).events
    width = len(model.labels)
    wakes = [event.frame for event in found if event.label < width]
    words = [model.labels[event.label - width] for event in found if event.label >= width]
    due = [
        model.labels[event.label]
        for event in every
        if model.labels[event.label] not in ("yes", "go") and any(0 < event.frame - at <= 500 for at in wakes)
    ]
    assert due
    assert words == due


def test_a_command_alone_has_its_part_of_the_trace() -> None:
    both, alone = CombinedEngine([FIRST], [CONVOLVED], seconds=1.0), CommandEngine(FIRST, CONVOLVED, seconds=1.0)
    whole, own = both.push(SPEECH), alone.push(SPEECH)
    width = len(FIRST.labels)
    events = [replace(event, label=event.label - width) for event in whole.events if event.label >= width]
    parts = whole.hidden[:, FIRST.hidden :], whole.posteriors[:, width:], whole.scores[:, width:]
    assert events
    equal(own, Trace(whole.features, *parts, events))


def test_a_reset_engine_is_a_new_one() -> None:
    used = CombinedEngine([FIRST, SLOW], [CONVOLVED])
    used.push(SPEECH[:50_001])
    used.reset()
    equal(used.push(SPEECH), CombinedEngine([FIRST, SLOW], [CONVOLVED]).push(SPEECH))


def test_an_engine_needs_a_model() -> None:
    with pytest.raises(UsageError, match="no model is given; give one at least"):
        CombinedEngine([])


@pytest.mark.parametrize("which", ENGINES)
@pytest.mark.parametrize(
    ("wakes", "heard"),
    [
        ([], []),
        ([-1], [(0, 20)]),
        ([-15], [(0, 6)]),
        ([-21, -20], [(0, 1)]),
        ([-30], []),
        ([-11, 30], [(0, 10), (31, 51)]),
    ],
)
def test_commands_are_heard_after_the_words_that_another_engine_has_found(
    which: EngineName, wakes: list[int], heard: list[tuple[int, int]]
) -> None:
    model = load_model("google12")
    deaf = model.with_thresholds(dict.fromkeys(model.keywords, 0.9999))
    engine = CombinedEngine([deaf], [FIRST], which=which, seconds=20 * HOP / 16_000)
    engine.push(SPEECH[:16_000])
    engine.reset(wakes)
    scores = joined([engine.push(block) for block in np.split(SPEECH[:16_000], 10)]).scores
    own = scores[:, len(model.labels) :]
    np.testing.assert_array_equal(own.any(axis=1).nonzero()[0], [at for span in heard for at in range(*span)])
