"""The C core equals the NumPy reference, and equals itself for any chunks: features, states, posteriors, events."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from featurizer import Featurizer
from tests.signals import at_level, corner_cases, demo, demo_words, noise, sweep
from tests.wakeword.models import (
    convolved_model,
    extreme_convolved_model,
    extreme_model,
    nibble_model,
    random_convolution,
    random_model,
    ternary_model,
)
from wakeword.inference.c_core import CoreEngine, core_features
from wakeword.inference.engine import Engine, NumpyEngine, batch_features, push_all
from wakeword.inference.trace import Trace
from wakeword.model.file import DetectorSettings, Model

ENGINES: dict[str, Callable[[Model], Engine]] = {"c": CoreEngine, "numpy": NumpyEngine}
ARRAYS = ("features", "hidden", "posteriors", "scores")


def _with_matrices(model: Model, *values: int) -> Model:
    """Return the model with each row of its four FastGRNN matrices filled with these values in turn."""
    shapes = {name: getattr(model, name).shape for name in ("w1", "w2", "u1", "u2")}
    filled: dict[str, Any] = {name: np.resize(np.array(values, np.int8), shape) for name, shape in shapes.items()}
    return replace(model, **filled)


MODELS = {
    "sigmoid gate": random_model(0),
    "tanh gate": random_model(1, gate="tanh"),
    "small": random_model(2, hidden=1, rank_w=1, rank_u=1, words=1),
    "odd sizes": random_model(3, hidden=37, rank_w=5, rank_u=9, words=7, gate="tanh"),
    "two frames a step": random_model(11, frames_per_step=2),
    "three frames a step": random_model(12, frames_per_step=3, gate="tanh"),
    "evidence of eight steps": random_model(13, frames_per_step=2, evidence=3),
    "evidence of 256 steps": random_model(14, evidence=8),
    # More terms in each sum are shifted further, or the state would stand at its ends.
    "largest": replace(
        random_model(4, hidden=128, rank_w=64, rank_u=64, words=38),
        shifts={"w1": 9, "w2": 9, "u1": 9, "u2": 9, "head": 8},
    ),
    "matrices of zeros": _with_matrices(random_model(5), 0),
    "dense matrices": _with_matrices(random_model(6), 127, 126),
    "extreme numbers": extreme_model(),
    "matrices of nibbles": nibble_model(random_model(15)),
    "matrices of nibbles of odd sizes": nibble_model(random_model(16, hidden=37, rank_w=5, rank_u=9, gate="tanh")),
    "extreme nibbles": _with_matrices(extreme_model(), -8, 7),
    "ternary matrices": ternary_model(random_model(8)),
    "ternary matrices of odd sizes": ternary_model(random_model(9, hidden=37, rank_w=5, rank_u=9, gate="tanh"), 1),
    "ternary matrices without a zero": _with_matrices(random_model(10), 3, -3, 3),
    "extreme ternary numbers": ternary_model(extreme_model(), -128),
    "convolutions": convolved_model(random_model(17), random_convolution(1)),
    "convolutions without padding": convolved_model(random_model(18, gate="tanh"), random_convolution(2, bands=4)),
    "convolutions of two frames a step": convolved_model(random_model(19), random_convolution(3, frame_stride=1)),
    "convolutions of the smallest kernel": convolved_model(
        random_model(20), random_convolution(4, channels=4, bands=1, frames=1, band_stride=1, frame_stride=1, outputs=5)
    ),
    "convolutions of the widest kernel": convolved_model(
        random_model(21), random_convolution(5, channels=3, bands=32, frames=3, band_stride=1, outputs=32)
    ),
    "extreme convolutions": extreme_convolved_model(),
    "slow detector": replace(random_model(7), detector=DetectorSettings((0, 0) + (6000,) * 4, 7, 100)),
}

AUDIO = {
    "speech": demo(),
    "whispered speech": at_level(demo_words(), -60),
    "noise": at_level(noise(3.0), -10),
    "sweep": at_level(sweep(), 0),
    "corner cases": np.concatenate(list(corner_cases().values())),
}


def _assert_equal(trace: Trace, wanted: Trace) -> None:
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(trace, name), getattr(wanted, name), err_msg=name)
    assert trace.events == wanted.events


def _in_chunks(engine: Engine, samples: np.ndarray, cuts: list[int]) -> Trace:
    """Return the traces of an engine for samples cut at these places."""
    traces = [engine.push(samples[start:stop]) for start, stop in pairwise([0, *cuts, len(samples)])]
    return _joined(traces)


def _joined(traces: Sequence[Trace]) -> Trace:
    arrays = {name: np.concatenate([getattr(trace, name) for trace in traces]) for name in ARRAYS}
    return Trace(**arrays, events=[event for trace in traces for event in trace.events])


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_c_equals_numpy_on_speech_for_every_kind_of_model(model: Model) -> None:
    speech = demo()[:128000]
    _assert_equal(CoreEngine(model).push(speech), NumpyEngine(model).push(speech))


@pytest.mark.parametrize("audio", AUDIO.values(), ids=AUDIO)
def test_c_equals_numpy_on_any_audio(audio: np.ndarray) -> None:
    _assert_equal(CoreEngine(MODELS["sigmoid gate"]).push(audio), NumpyEngine(MODELS["sigmoid gate"]).push(audio))


@pytest.mark.parametrize(
    "name", ["sigmoid gate", "tanh gate", "largest", "ternary matrices", "matrices of nibbles", "convolutions"]
)
def test_the_states_of_these_models_change(name: str) -> None:
    """Parity of a constant state, or without events, would prove nothing."""
    trace = NumpyEngine(MODELS[name]).push(demo()[:128000])
    assert len({event.label for event in trace.events}) > 1
    step = MODELS[name].frames_per_step
    assert (np.diff(trace.hidden[step - 1 :: step], axis=0) != 0).mean() > 0.75
    assert (np.abs(trace.hidden.astype(int)) >= 32767).mean() < 0.05


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("chunk", [1, 160, 999, 16000])
def test_chunks_make_no_difference(engine: str, chunk: int) -> None:
    model, speech = MODELS["convolutions"], demo_words()
    cuts = list(range(chunk, len(speech), chunk))
    _assert_equal(_in_chunks(ENGINES[engine](model), speech, cuts), ENGINES[engine](model).push(speech))


@settings(max_examples=40)
@given(cuts=st.lists(st.integers(0, 16000)))
def test_c_in_any_chunks_equals_numpy_in_one(cuts: list[int]) -> None:
    model, speech = MODELS["convolutions"], demo()[12000:28000]
    _assert_equal(_in_chunks(CoreEngine(model), speech, sorted(cuts)), NumpyEngine(model).push(speech))


@pytest.mark.parametrize("others", [("tanh gate", CoreEngine), ("convolutions", CoreEngine), ("largest", NumpyEngine)])
def test_streams_that_are_pushed_together_are_independent(others: tuple[str, Callable[[Model], Engine]]) -> None:
    """Streams of one model or several, of one kind of engine or both, with blocks of any lengths."""
    name, kind = others
    models = [MODELS["sigmoid gate"], MODELS[name], MODELS["sigmoid gate"]]
    engines: list[Engine] = [CoreEngine(models[0]), kind(models[1]), CoreEngine(models[2])]
    streams = [demo()[start : start + 32_000] for start in (0, 8_000, 70_000)]
    cuts = [0, 0, 399, 400, 8_000, 32_000]
    together = [push_all(engines, [stream[start:stop] for stream in streams]) for start, stop in pairwise(cuts)]
    for model, stream, traces in zip(models, streams, zip(*together, strict=True), strict=True):
        trace = _joined(traces)
        assert trace.events or model is not models[0]
        _assert_equal(trace, NumpyEngine(model).push(stream))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_reset_engine_is_a_new_one(engine: str) -> None:
    used = ENGINES[engine](MODELS["sigmoid gate"])
    used.push(demo()[:20011])
    used.reset()
    _assert_equal(used.push(demo_words()), ENGINES[engine](MODELS["sigmoid gate"]).push(demo_words()))


@pytest.mark.parametrize("engine", ENGINES)
def test_no_samples_give_no_frames(engine: str) -> None:
    trace = ENGINES[engine](MODELS["sigmoid gate"]).push(np.zeros(0, np.int16))
    assert [getattr(trace, name).shape for name in ARRAYS] == [(0, 32), (0, 40), (0, 6), (0, 6)]
    assert trace.events == []


@pytest.mark.parametrize("name", corner_cases())
def test_features_of_the_corners_of_int16(name: str) -> None:
    samples = corner_cases()[name]
    np.testing.assert_array_equal(core_features(samples[None])[0], Featurizer().push(samples))


def test_features_of_a_batch_are_those_of_each_clip_alone() -> None:
    clips = demo()[: 5 * 16000].reshape(5, 16000)
    batch = batch_features(clips)
    assert batch.shape == (5, 99, 32)
    for clip, features in zip(clips, batch, strict=True):
        padded = np.concatenate([clip, np.zeros(80, np.int16)])
        np.testing.assert_array_equal(features, Featurizer().push(padded))


def _made_by_formula() -> Model:
    """A model without random numbers, which another version of NumPy could draw differently."""

    def matrix(rows: int, cols: int, step: int) -> np.ndarray:
        return (np.arange(rows * cols) * step % 255 - 127).reshape(rows, cols).astype(np.int8)

    def vector(size: int, step: int, reach: int) -> np.ndarray:
        return (np.arange(size) * step % (2 * reach) - reach).astype(np.int16)

    return replace(
        random_model(0),
        mean=vector(32, 97, 500) + np.int16(4000),
        scale=vector(32, 331, 2000) + np.int16(8000),
        w1=matrix(40, 8, 89),
        w2=matrix(8, 32, 71),
        u1=matrix(40, 10, 101),
        u2=matrix(10, 40, 67),
        bias_gate=vector(40, 1009, 6000),
        bias_update=vector(40, 757, 3000),
        zeta=30000,
        nu=1500,
        head=matrix(6, 40, 61),
        head_bias=vector(6, 333, 900),
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_the_trace_of_the_demo_recording_never_changes(engine: str) -> None:
    """Parity can't find a change of both engines. Trained models depend on these bits."""
    trace = ENGINES[engine](_made_by_formula()).push(demo())
    checksums = {name: zlib.crc32(getattr(trace, name).astype("<i2").tobytes()) for name in ARRAYS}
    assert checksums == {
        "features": 0x18A093D3,
        "hidden": 0x2C0393C7,
        "posteriors": 0x80089B26,
        "scores": 0x25E507A9,
    }
    events = [(event.label, event.score, event.frame) for event in trace.events]
    assert events[:3] == [(4, 10553, 1), (4, 28125, 22), (4, 9631, 51)]
    assert len(events) == 44
