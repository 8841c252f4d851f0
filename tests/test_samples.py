"""What every engine takes for samples, and that all refuse the rest in the same sentence, with nothing taken."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import wakeword
from featurizer import Featurizer
from tests.firmware.uno_models import random_uno_model
from tests.signals import demo
from tests.wakeword.models import random_model
from wakeword.inference.c_core import CoreEngine, core_features, core_push
from wakeword.inference.cascade import CascadeEngine
from wakeword.inference.combined import CombinedEngine
from wakeword.inference.engine import NumpyEngine, batch_features, push_all
from wakeword.inference.uno import UnoAtRecordings

MODEL, UNO_MODEL = random_model(0), random_uno_model()

# Each makes a new stream and returns its way in. What it gives for samples is compared by its features or detections.
ENGINES: dict[str, Callable[[], Callable[[Any], Any]]] = {
    "c": lambda: CoreEngine(MODEL).push,
    "numpy": lambda: NumpyEngine(MODEL).push,
    "many c": lambda: _many(CoreEngine(MODEL)),
    "many numpy": lambda: _many(NumpyEngine(MODEL)),
    "cascade of c": lambda: CascadeEngine(MODEL, MODEL, "c").push,
    "cascade of numpy": lambda: CascadeEngine(MODEL, MODEL, "numpy").push,
    "combined": lambda: CombinedEngine([MODEL, MODEL]).push,
    "uno": lambda: UnoAtRecordings(UNO_MODEL).push,
    "featurizer": lambda: Featurizer().push,
    "public c": lambda: wakeword.Model(MODEL).detector("c").push,
    "public numpy": lambda: wakeword.Model(MODEL).detector("numpy").push,
}

SPEECH = demo()[16000:24000]


def _many(engine: Any) -> Callable[[Any], Any]:
    return lambda samples: push_all([engine], [samples])[0]


def _read_only(samples: np.ndarray) -> np.ndarray:
    copy = samples.copy()
    copy.flags.writeable = False
    return copy


TAKEN: dict[str, Any] = {
    "array": SPEECH,
    "read-only": _read_only(SPEECH),
    "with a stride": np.repeat(SPEECH, 3)[::3],
    "backwards": SPEECH[::-1].copy()[::-1],
    "a column": np.stack([SPEECH, SPEECH], axis=1)[:, 0],
    "array.array": array("h", SPEECH.tolist()),
    "memory view": SPEECH.data,
    "memory view of bytes, cast": memoryview(SPEECH.tobytes()).cast("h"),
    "tensor": torch.tensor(SPEECH),
}

BYTES = r"samples must be an int16 array, not bytes; for 16-bit PCM: np.frombuffer(data, np.int16)"
LIST = r"samples must be an int16 array, not list; if they fit 16 bits: np.array(samples, np.int16)"
REFUSED: dict[str, tuple[Any, str]] = {
    "bytes": (SPEECH.tobytes(), BYTES),
    "bytearray": (bytearray(SPEECH.tobytes()), BYTES),
    "memory view of bytes": (memoryview(SPEECH.tobytes()), BYTES),
    "no bytes": (b"", BYTES),
    "list": (SPEECH.tolist(), LIST),
    "empty list": ([], LIST),
    "range": (range(9), LIST.replace("list", "range")),
    "ragged list": ([[1], [1, 2]], "samples must be an int16 array, not list; wakeword.detect reads audio files"),
    "text": ("speech.flac", "samples must be an int16 array, not str; wakeword.detect reads audio files"),
    "none": (None, "samples must be an int16 array, not NoneType; wakeword.detect reads audio files"),
    "objects": (
        SPEECH.astype(object),
        "samples must be an int16 array, not an array of object; wakeword.detect reads audio files",
    ),
    "floats": (
        SPEECH / 32768,
        "samples must be int16, not float64; for those between -1 and 1: "
        "np.clip(32768 * samples, -32768, 32767).astype(np.int16)",
    ),
    "no floats": (
        np.zeros(0),
        "samples must be int16, not float64; for those between -1 and 1: "
        "np.clip(32768 * samples, -32768, 32767).astype(np.int16)",
    ),
    "tensor of floats": (
        torch.zeros(400),
        "samples must be int16, not float32; for those between -1 and 1: "
        "np.clip(32768 * np.array(samples), -32768, 32767).astype(np.int16)",
    ),
    "tensor with a gradient": (
        torch.zeros(400, requires_grad=True),
        "samples must be an int16 array, not Tensor; for a tensor: samples.detach().cpu().numpy()",
    ),
    "the other byte order": (
        SPEECH.astype(SPEECH.dtype.newbyteorder("S")),
        f"samples must be int16, not {SPEECH.dtype.newbyteorder('S')}; if they fit 16 bits: samples.astype(np.int16)",
    ),
    "array.array of 32 bits": (
        array("i", [0] * 400),
        "samples must be int16, not int32; if they fit 16 bits: np.array(samples).astype(np.int16)",
    ),
    "two channels": (
        np.zeros((400, 2), np.int16),
        "samples must have shape (n,), not (400, 2); to mix (n, channels) to mono: "
        "samples.mean(axis=1).astype(np.int16)",
    ),
    "a number": (np.int16(7), "samples must have shape (n,), not (); for one stream: np.ravel(samples)"),
}


def _outcome(result: Any) -> list[Any]:
    """Return what an engine gave, to be compared: detections, or features."""
    if isinstance(result, list):
        return result
    features: list[Any] = getattr(result, "features", result).tolist()
    return features


@pytest.mark.parametrize("samples", TAKEN.values(), ids=TAKEN)
@pytest.mark.parametrize("engine", ENGINES)
def test_samples_in_any_array_are_taken(engine: str, samples: Any) -> None:
    expected = _outcome(ENGINES[engine]()(SPEECH.copy()))
    assert expected
    assert _outcome(ENGINES[engine]()(samples)) == expected


@pytest.mark.parametrize("samples", [SPEECH[:0], array("h")], ids=["array", "array.array"])
@pytest.mark.parametrize("engine", ENGINES)
def test_no_samples_are_taken_and_give_nothing(engine: str, samples: Any) -> None:
    assert _outcome(ENGINES[engine]()(samples)) == []


@pytest.mark.parametrize(("samples", "sentence"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("engine", ENGINES)
def test_anything_else_is_refused_in_one_sentence_and_changes_nothing(engine: str, samples: Any, sentence: str) -> None:
    push = ENGINES[engine]()
    with pytest.raises((TypeError, wakeword.UsageError)) as refusal:
        push(samples)
    assert str(refusal.value) == sentence
    assert _outcome(push(SPEECH)) == _outcome(ENGINES[engine]()(SPEECH))


@pytest.mark.parametrize("kind", [CoreEngine, NumpyEngine])
def test_a_block_that_is_refused_leaves_all_the_streams_as_they_were(kind: type) -> None:
    engines = [kind(MODEL), kind(MODEL)]
    with pytest.raises(TypeError, match="not bytes"):
        push_all(engines, [SPEECH, SPEECH.tobytes()])  # type: ignore[list-item]
    assert _outcome(push_all(engines, [SPEECH, SPEECH])[0]) == _outcome(kind(MODEL).push(SPEECH))


def test_a_push_into_c_cores_alone_takes_and_refuses_the_same() -> None:
    blocks: Any = [array("h", SPEECH.tolist())]
    assert _outcome(core_push([CoreEngine(MODEL)], blocks)[0]) == _outcome(CoreEngine(MODEL).push(SPEECH))
    with pytest.raises(TypeError, match="not list"):
        core_push([CoreEngine(MODEL)], [SPEECH.tolist()])


@pytest.mark.parametrize("features", [batch_features, core_features])
def test_clips_of_another_type_or_shape_are_refused_before_c_reads_them(features: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"samples must be int16, not int8"):
        features(np.zeros((2, 400), np.int8))
    with pytest.raises(TypeError, match=r"clips must have shape \(n, samples\), not \(400,\)"):
        features(np.zeros(400, np.int16))
