"""Make the ONNX file of a model: a graph that takes the samples and the state of a step, and returns the next state.

integrations/onnx/README.md describes it for those who run it.
"""

from __future__ import annotations

import json
from importlib.metadata import version

import numpy as np
import spox.opset.ai.onnx.v17 as op
from spox import Tensor, Var, argument, build

from featurizer.fixed import ONE_Q15
from featurizer.tables import HOP, SAMPLE_RATE, WINDOW
from wakeword.model.file import Model
from wakeword.model.onnx import detector, network
from wakeword.model.onnx.arithmetic import cut, ints, widen
from wakeword.model.onnx.front_end import HISTORY, front_end
from wakeword.model.score import as_fraction

_IR_VERSION = 8  # of the file; spox writes a later one, which older runtimes refuse
_ABOUT = (
    "A step of the wake-word model {}: samples, int16 at 16 kHz, and a state in; events, scores, the next state out. "
    "The first state is zeros. An input x of the next step is the output next_x of this one."
)


def state_shapes(model: Model) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the state, by name. All of it is int32."""
    return {"history": (HISTORY,), **network.state_shapes(model), **detector.state_shapes(model)}


def export_onnx(model: Model, name: str) -> bytes:
    """Return the ONNX file of a model of this name. Equal models of one version of the package give equal files."""
    frames = model.frames_per_step
    samples = argument(Tensor(np.int16, (HOP * frames,)))
    given = {key: argument(Tensor(np.int32, shape)) for key, shape in state_shapes(model).items()}
    state = {key: widen(var) for key, var in given.items()}

    stream = op.concat([state["history"], widen(samples)], axis=0)
    following = {"history": cut(stream, HOP * frames, HOP * frames + HISTORY)}
    following |= network.network(model, front_end(stream, frames), state)
    scores, events, detected = _detect(model, [state["posteriors"]] * (frames - 1) + [following["posteriors"]], state)
    following |= detected

    outputs = {"events": op.cast(op.concat(events, axis=0), to=np.int32), "scores": _fractions(scores)}
    outputs |= {f"next_{key}": op.cast(following[key], to=np.int32) for key in given}
    proto = build({"samples": samples, **given}, outputs)
    proto.ir_version = _IR_VERSION
    proto.producer_name, proto.producer_version = "wakeword", version("wakeword")
    proto.graph.name, proto.doc_string = name, _ABOUT.format(name)
    for key, value in _metadata(model).items():
        proto.metadata_props.add(key=key, value=json.dumps(value, ensure_ascii=False))
    data: bytes = proto.SerializeToString(deterministic=True)
    return data


def _detect(model: Model, posteriors: list[Var], state: dict[str, Var]) -> tuple[list[Var], list[Var], dict[str, Var]]:
    """Run the detector over the frames of a step. Return scores (1, K) and events (1,) of each, and the next state."""
    all_scores, events = [], []
    for frame in posteriors:
        scores, event, state = detector.detector(model, frame, state)
        all_scores.append(op.unsqueeze(scores, ints([0])))
        events.append(op.unsqueeze(event, ints([0])))
    return all_scores, events, state


def _fractions(scores: list[Var]) -> Var:
    """Return the scores of all frames as fractions of one, float32 (F, K). Q15 is exact in float32."""
    return op.mul(op.cast(op.concat(scores, axis=0), to=np.float32), op.const(np.float32(1 / ONE_Q15)))


def _metadata(model: Model) -> dict[str, object]:
    """Return what a program needs to know beside the shapes, by key."""
    settings = model.detector
    return {
        "labels": model.labels,
        "first_word": model.first_word,
        "thresholds": [as_fraction(threshold) for threshold in settings.thresholds],
        "smoothing": settings.smoothing,
        "refractory": settings.refractory,
        "frames_per_step": model.frames_per_step,
        "sample_rate": SAMPLE_RATE,
        "hop": HOP,
        "window": WINDOW,
    }
