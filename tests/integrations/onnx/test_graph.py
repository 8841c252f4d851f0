"""A model's ONNX graph in ONNX Runtime equals the engine bit for bit: scores, posteriors, states, events."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator

from featurizer.logmel import Samples
from tests.signals import ROOT, at_level, corner_cases, demo, demo_words, noise, sweep
from tests.wakeword.models import (
    convolved_model,
    extreme_convolved_model,
    extreme_model,
    random_convolution,
    random_model,
)
from wakeword.inference.engine import open_engine
from wakeword.inference.trace import Trace
from wakeword.model.file import DetectorSettings, Model
from wakeword.model.onnx.export import export_onnx
from wakeword.model.pretrained import load_model

PAGE = ROOT / "integrations/onnx/README.md"
START = 240  # samples before the first step that make its first window whole
MODELS = {
    "sigmoid gate": random_model(0),
    "tanh gate, two frames a step": random_model(11, gate="tanh", frames_per_step=2),
    "three frames a step, evidence of eight steps": random_model(12, frames_per_step=3, evidence=3),
    "four frames a step, evidence of 256 steps": random_model(14, frames_per_step=4, evidence=8),
    "one unit": random_model(2, hidden=1, rank_w=1, rank_u=1, words=1),
    "extreme numbers": extreme_model(),
    "no refractory time": replace(
        random_model(7, frames_per_step=4), detector=DetectorSettings((0, 0) + (6000,) * 4, 0, 0)
    ),
    "slow detector": replace(
        random_model(7, frames_per_step=2), detector=DetectorSettings((0, 0) + (6000,) * 4, 7, 100)
    ),
    "convolutions": convolved_model(random_model(17), random_convolution(1)),
    "convolutions without padding, tanh gate": convolved_model(
        random_model(18, gate="tanh"), random_convolution(2, bands=4)
    ),
    "convolutions of the smallest kernel": convolved_model(
        random_model(20), random_convolution(4, channels=4, bands=1, frames=1, band_stride=1, frame_stride=1, outputs=5)
    ),
    "convolutions of the widest kernel": convolved_model(
        random_model(21), random_convolution(5, channels=3, bands=32, frames=3, band_stride=1, outputs=32)
    ),
    "extreme convolutions": extreme_convolved_model(),
    "digits10": load_model("digits10"),
}
QUIET = ("one unit", "extreme numbers", "extreme convolutions", "digits10")  # raise no event


@cache
def google12() -> bytes:
    return export_onnx(load_model(), "google12")


def session_of(model: Model) -> Any:
    return session(export_onnx(model, "test"))


def session(graph: bytes) -> Any:
    one_thread = onnxruntime.SessionOptions()
    one_thread.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, one_thread)


class Stream:
    """A stream through a graph. It keeps what the graph gives."""

    def __init__(self, graph: Any, before: Samples | None = None) -> None:
        """before: the samples in front of the first step, silence if not given."""
        self._outputs = [it.name for it in graph.get_outputs()]
        inputs = {it.name: it.shape for it in graph.get_inputs()}
        (self.step,) = inputs.pop("samples")
        self.state = {name: np.zeros(shape, np.int32) for name, shape in inputs.items()}
        if before is not None:
            self.state["history"][1:] = before
        self._events: list[np.ndarray] = []
        self._scores: list[np.ndarray] = []
        self._states: list[Mapping[str, np.ndarray]] = []

    def push(self, graph: Any, samples: Samples) -> None:
        """Take the samples of as many steps as there are whole ones."""
        for at in range(0, len(samples) - self.step + 1, self.step):
            given = {"samples": samples[at : at + self.step], **self.state}
            results = dict(zip(self._outputs, graph.run(None, given), strict=True))
            self.state = {name: results[f"next_{name}"] for name in self.state}
            self._events.append(results["events"])
            self._scores.append(results["scores"])
            self._states.append(self.state)

    def heard(self) -> Heard:
        events, scores = np.concatenate(self._events), np.concatenate(self._scores)
        frames = [int(frame) for frame in np.flatnonzero(events >= 0)]
        fired = [(int(events[at]), round(float(scores[at, events[at]]) * 32768), at) for at in frames]
        return Heard(scores, fired, *(np.stack([it[name] for it in self._states]) for name in ("posteriors", "hidden")))


@dataclass(frozen=True)
class Heard:
    scores: np.ndarray  # (frames, K) fractions of one
    events: list[tuple[int, int, int]]  # label, score in Q15, frame
    posteriors: np.ndarray  # (steps, K)
    hidden: np.ndarray  # (steps, H)


def hear(graph: Any, samples: Samples) -> Heard:
    """Run a graph over the whole steps of a signal, from its first sample on."""
    stream = Stream(graph, samples[:START])
    stream.push(graph, samples[START:])
    return stream.heard()


def assert_equal(heard: Heard, trace: Trace) -> None:
    """Compare with an engine's trace, which may have the frames of an unfinished step as well."""
    frames, step = len(heard.scores), len(heard.scores) // len(heard.posteriors)
    assert frames > len(trace.scores) - step
    np.testing.assert_array_equal(heard.scores, trace.scores[:frames] / np.float32(32768))
    np.testing.assert_array_equal(heard.posteriors, trace.posteriors[step - 1 : frames : step])
    np.testing.assert_array_equal(heard.hidden, trace.hidden[step - 1 : frames : step])
    assert heard.events == [(it.label, it.score, it.frame) for it in trace.events if it.frame < frames]


@cache
def hard_audio() -> Samples:
    """Speech, quiet speech, a sweep, noise, and all that leaves no room, or nothing, in 16 bits."""
    signals = (demo_words(), at_level(demo_words()[:16000], -60), at_level(sweep(1), 0), at_level(noise(), -10))
    return np.concatenate([*signals, *(second[4000:12000] for second in corner_cases().values())])


@pytest.mark.parametrize("name", MODELS)
def test_a_graph_equals_the_engine(name: str) -> None:
    heard = hear(session_of(MODELS[name]), hard_audio())
    assert_equal(heard, open_engine(MODELS[name]).push(hard_audio()))
    assert heard.events or name in QUIET


def test_the_graph_of_google12_hears_the_demo_recording_as_the_reference() -> None:
    heard = hear(session(google12()), demo())
    assert_equal(heard, open_engine(load_model(), "numpy").push(demo()))
    assert len(heard.events) == 11


def test_the_graph_of_google12_equals_the_engine_on_a_hundred_clips() -> None:
    """Each is a second of speech from anywhere, at any level from a whisper to clipping, in noise."""
    rng = np.random.default_rng(0)
    graph, engine = session(google12()), open_engine(load_model())
    for _ in range(100):
        at = rng.integers(len(demo()) - 16000)
        speech = demo()[at : at + 16000] * 10 ** rng.uniform(-3, 1)
        clip = np.clip(speech + rng.normal(0, 10 ** rng.uniform(0, 3), 16000), -32768, 32767).astype(np.int16)
        engine.reset()
        assert_equal(hear(graph, clip), engine.push(clip))


def test_the_evaluator_of_onnx_itself_agrees() -> None:
    """No number that is divided is negative, so a runtime may truncate or round down."""
    evaluator = ReferenceEvaluator(onnx.load_from_string(google12()))
    runtime, reference = (Stream(session(google12()), demo()[8000:8240]) for _ in range(2))
    runtime.push(session(google12()), demo()[8240:24000])
    reference.push(evaluator, demo()[8240:24000])
    for name in ("scores", "posteriors", "hidden"):
        np.testing.assert_array_equal(getattr(reference.heard(), name), getattr(runtime.heard(), name))
    assert reference.heard().events == runtime.heard().events != []


def test_a_history_of_zeros_is_silence_before_the_stream() -> None:
    model = MODELS["convolutions"]
    graph = session_of(model)
    stream = Stream(graph)
    stream.push(graph, demo_words())
    silence = np.zeros(START, np.int16)
    assert_equal(stream.heard(), open_engine(model).push(np.concatenate([silence, demo_words()])))


def test_the_state_is_all_that_a_stream_has() -> None:
    """Two streams take turns in two sessions, and each hears what it hears alone."""
    model = MODELS["four frames a step, evidence of 256 steps"]
    sessions = [session_of(model), session_of(model)]
    signals = [demo_words(), at_level(noise(4.0), -10)]
    streams = [Stream(sessions[0], signal[:START]) for signal in signals]
    for turn, at in enumerate(range(START, len(demo_words()), streams[0].step)):
        for number, (stream, signal) in enumerate(zip(streams, signals, strict=True)):
            stream.push(sessions[(turn + number) % 2], signal[at : at + stream.step])
    for stream, signal in zip(streams, signals, strict=True):
        assert_equal(stream.heard(), open_engine(model).push(signal))


def test_a_file_is_a_valid_graph_for_old_runtimes_and_the_same_each_time() -> None:
    assert export_onnx(load_model(), "google12") == google12()
    proto = onnx.load_from_string(google12())
    onnx.checker.check_model(proto, full_check=True)
    (opset,) = proto.opset_import
    assert (opset.domain, proto.ir_version) == ("", 8)
    assert opset.version <= 17
    assert (proto.producer_name, proto.graph.name) == ("wakeword", "google12")
    assert "first state is zeros" in proto.doc_string


def test_the_metadata_says_what_a_program_needs() -> None:
    model = replace(random_model(0, frames_per_step=2), labels=("_silence_", "_unknown_", "naïve", '"', "はい", "no"))
    about = {key: json.loads(value) for key, value in session_of(model).get_modelmeta().custom_metadata_map.items()}
    assert about == {
        "labels": list(model.labels),
        "first_word": 2,
        "thresholds": [threshold / 32768 for threshold in model.detector.thresholds],
        "smoothing": 2,
        "refractory": 20,
        "frames_per_step": 2,
        "sample_rate": 16000,
        "hop": 160,
        "window": 400,
    }


def test_the_page_lists_the_inputs_and_outputs_of_google12() -> None:
    graph = session(google12())
    kinds = {"tensor(int16)": "int16", "tensor(int32)": "int32", "tensor(float)": "float32"}
    sides = {"in": graph.get_inputs(), "out": graph.get_outputs()}
    wanted = {(side, it.name, kinds[it.type], str(it.shape)) for side, its in sides.items() for it in its}
    rows = re.findall(r"^\| (in|out) \| `(\w+)` \| (\w+) \| (\[.*?\]) \|", PAGE.read_text(), re.M)
    assert set(rows) == wanted
    assert len(rows) == len(wanted)


def test_the_page_says_how_large_the_file_of_google12_is() -> None:
    assert re.findall(r"google12 has (\d+) KB", PAGE.read_text()) == [str(round(len(google12()) / 1000))]
