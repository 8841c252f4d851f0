"""Model files that are damaged, made to deceive, or legal and at the ends of their ranges."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np

from bench.fuzz.mutate import mutated
from featurizer import MEL_BANDS
from wakeword.model.convolution import (
    DEPTHWISE,
    LAYERS,
    MAX_BAND_STRIDE,
    MAX_CHANNELS,
    MAX_FRAME_STRIDE,
    MAX_FRAMES,
    MAX_INPUTS,
    MAX_OUTPUTS,
    MAX_SUMS,
    Convolution,
)
from wakeword.model.file import (
    MATRICES,
    MAX_EVIDENCE,
    MAX_FRAMES_PER_STEP,
    MAX_HIDDEN,
    MAX_LABELS,
    MAX_RANK,
    DetectorSettings,
    Model,
    write_model,
)

_DEEP = 100_000  # levels
_NUMBERS = [
    0,
    1,
    -1,
    2,
    31,
    32,
    127,
    128,
    255,
    256,
    32_767,
    32_768,
    65_535,
    65_536,
    2**31,
    2**32,
    2**63,
    2**64,
    10**400,
]
_STRANGE: list[Any] = [
    *_NUMBERS, 1.5, -0.0, 1e300, float("nan"), float("inf"), True, False, None, "", " ", "x" * 100_000, "\n", "\x1b[2J",
    "a\x00b", "\ud800", "*/ int x; /*", '"); //', "??/", "\u202egnp", [], {}, [[]], {"a": {}}, ["yes"] * 1_000,
    [0] * 100_000,
]  # fmt: skip
_SHAPES: list[Any] = [
    [],
    [0],
    [1],
    [-1],
    [2**32],
    [2**63],
    [0, 2**62],
    [2**31, 2**31],
    [1] * 40,
    None,
    "x",
    [1.5],
    [True],
]
_TYPES: list[Any] = ["I8", "I16", "U8", "U16", "F16", "BF16", "F32", "F64", "BOOL", "I64", "F8_E4M3", "F4", "", None, 3]


def model_files(seed: int) -> Iterator[bytes]:
    """Yield files without end; the same ones for the same seed."""
    rng = np.random.default_rng(seed)
    kinds = (_raw, _header_bytes, _described, _described, _described, _tensors, _legal)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        while True:
            write_model(_random_model(rng), path)
            sound = path.read_bytes()
            for kind in kinds:
                yield kind(sound, rng)


def _random_model(rng: np.random.Generator) -> Model:
    """Return a legal model of any size and form, often with numbers at the ends of their ranges."""

    def size(most: int) -> int:
        return int(rng.choice([1, int(rng.integers(1, most + 1)), most], p=[0.2, 0.7, 0.1]))

    hidden, rank_w, rank_u, labels = size(MAX_HIDDEN), size(MAX_RANK), size(MAX_RANK), size(MAX_LABELS)
    convolution = _random_convolution(rng) if rng.integers(2) else None
    step = convolution.frames_per_step if convolution else int(rng.integers(1, MAX_FRAMES_PER_STEP + 1))
    inputs = convolution.inputs(MEL_BANDS) if convolution else MEL_BANDS * step
    return Model(
        labels=tuple(f"word {number}" for number in range(labels)),
        first_word=int(rng.integers(labels)),
        mean=_numbers(rng, np.int16, MEL_BANDS),
        scale=_numbers(rng, np.int16, MEL_BANDS),
        w1=_numbers(rng, np.int8, hidden, rank_w),
        w2=_numbers(rng, np.int8, rank_w, inputs),
        u1=_numbers(rng, np.int8, hidden, rank_u),
        u2=_numbers(rng, np.int8, rank_u, hidden),
        bias_gate=_numbers(rng, np.int16, hidden),
        bias_update=_numbers(rng, np.int16, hidden),
        zeta=int(rng.choice([0, 32_767, int(rng.integers(1 << 15))])),
        nu=int(rng.choice([0, 32_767, int(rng.integers(1 << 15))])),
        head=_numbers(rng, np.int8, labels, hidden),
        head_bias=_numbers(rng, np.int16, labels),
        shifts={name: int(rng.choice([0, 31, int(rng.integers(32)), 8])) for name in MATRICES},
        gate="tanh" if rng.integers(2) else "sigmoid",
        frames_per_step=step,
        evidence=int(rng.integers(MAX_EVIDENCE + 1)),
        convolution=convolution,
        detector=DetectorSettings(
            tuple(int(rng.choice([0, 1, 32_767, int(rng.integers(1 << 15))])) for _ in range(labels)),
            int(rng.integers(16)),
            int(rng.choice([0, 60, 65_535])),
        ),
        provenance={
            "keywords": "made up",
            "training_clips": 1,
            "config": {"cell": {"hidden": hidden}, "seed": [1, 2.5]},
        },
    )


def _random_convolution(rng: np.random.Generator) -> Convolution:
    """Return legal convolutions of any size."""
    band_stride, frame_stride = int(rng.integers(1, MAX_BAND_STRIDE + 1)), int(rng.integers(1, MAX_FRAME_STRIDE + 1))
    bands, frames = int(rng.integers(band_stride, MEL_BANDS + 1)), int(rng.integers(frame_stride, MAX_FRAMES + 1))

    def made(channels: int, outputs: int) -> Convolution:
        return Convolution(
            first=_numbers(rng, np.int8, channels, bands * frames),
            first_bias=_numbers(rng, np.int16, channels),
            depthwise=_numbers(rng, np.int8, DEPTHWISE**2, channels),
            depthwise_bias=_numbers(rng, np.int16, channels),
            pointwise=_numbers(rng, np.int8, outputs, channels),
            pointwise_bias=_numbers(rng, np.int16, outputs),
            bands=bands,
            frames=frames,
            band_stride=band_stride,
            frame_stride=frame_stride,
            shifts={name: int(rng.choice([0, 31, int(rng.integers(32)), 8])) for name in LAYERS},
        )

    positions = made(1, 1).positions(MEL_BANDS)
    channels = int(rng.integers(1, min(MAX_CHANNELS, MAX_SUMS // positions) + 1))
    return made(channels, int(rng.integers(1, min(MAX_OUTPUTS, MAX_INPUTS // positions) + 1)))


def _numbers(rng: np.random.Generator, kind: type[np.signedinteger[Any]], *shape: int) -> np.ndarray:
    """Return an array of any numbers, or of ends of the range, or mostly of zeros, or of a few small ones."""
    info = np.iinfo(kind)
    whole = rng.integers(info.min, info.max + 1, shape)
    choice = int(rng.integers(5))
    if choice == 1:
        whole = rng.choice([info.min, info.max], shape)
    elif choice == 2:
        whole = whole * (rng.random(shape) < 0.1)
    elif choice == 3:
        whole = rng.choice([-5, 0, 5], shape)
    elif choice == 4:
        whole = np.full(shape, rng.choice([0, info.min, 7]))
    return whole.astype(kind)


def _legal(sound: bytes, rng: np.random.Generator) -> bytes:
    return sound


def _raw(sound: bytes, rng: np.random.Generator) -> bytes:
    return mutated(sound, rng)


def _header_bytes(sound: bytes, rng: np.random.Generator) -> bytes:
    """Mutate the bytes of the header, and keep its length right half of the time."""
    end = 8 + int.from_bytes(sound[:8], "little")
    if rng.integers(2):
        return mutated(sound[:end], rng) + sound[end:]
    text = mutated(sound[8:end], rng)
    return len(text).to_bytes(8, "little") + text + sound[end:]


def _described(sound: bytes, rng: np.random.Generator) -> bytes:
    """Replace, remove or repeat something in what describes the model."""

    def change(header: dict[str, Any]) -> None:
        description = json.loads(header["__metadata__"]["model"])
        text = _changed(description, rng)
        header["__metadata__"]["model"] = text
        if not rng.integers(20):
            header["__metadata__"]["wakeword_bundle" if rng.integers(2) else "featurizer"] = "\n" + "9" * 1_000

    return _with_header(sound, change)


def _changed(description: dict[str, Any], rng: np.random.Generator) -> str:
    """Change one or two places of a JSON object; return its text."""
    for _ in range(int(rng.integers(1, 3))):
        places = list(_places(description))
        holder, key = places[int(rng.integers(len(places)))]
        choice = int(rng.integers(8))
        if choice == 0:
            del holder[key]
        elif choice == 1 and isinstance(holder, dict):
            holder[str(_STRANGE[int(rng.integers(len(_STRANGE)))])] = holder[key]
        elif choice == 2:
            times = 2 if len(json.dumps(holder[key])) > 1_000 else 300  # so that the bench takes little memory itself
            holder[key] = [deepcopy(holder[key]) for _ in range(int(rng.choice([1, 2, times])))]
        elif choice == 3:
            holder[key] = "DEEP"
        else:
            holder[key] = deepcopy(_STRANGE[int(rng.integers(len(_STRANGE)))])
    opened, closed = ("[", "]") if rng.integers(2) else ('{"a":', "}")
    return json.dumps(description).replace('"DEEP"', opened * _DEEP + "0" + closed * _DEEP, 1)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each place of a JSON value as its container and its key."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _tensors(sound: bytes, rng: np.random.Generator) -> bytes:
    """Change type, shape, place or name of a tensor in the header."""

    def change(header: dict[str, Any]) -> None:
        names = [name for name in header if name != "__metadata__"]
        name = names[int(rng.integers(len(names)))]
        entry = header[name]
        choice = int(rng.integers(6))
        if choice == 0:
            entry["dtype"] = _TYPES[int(rng.integers(len(_TYPES)))]
        elif choice == 1:
            entry["shape"] = _SHAPES[int(rng.integers(len(_SHAPES)))]
        elif choice == 2:
            entry["data_offsets"] = [_NUMBERS[int(rng.integers(len(_NUMBERS)))] for _ in range(int(rng.integers(4)))]
        elif choice == 3:
            entry["shape"] = entry["shape"][::-1]
        elif choice == 4:
            header[str(_STRANGE[int(rng.integers(len(_STRANGE)))])] = header.pop(name)
        else:
            header[name] = deepcopy(_STRANGE[int(rng.integers(len(_STRANGE)))])

    return _with_header(sound, change)


def _with_header(sound: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    length = int.from_bytes(sound[:8], "little")
    header = json.loads(sound[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + sound[8 + length :]
