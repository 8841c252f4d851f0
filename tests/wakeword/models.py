"""Models made up for tests: random ones, whose pre-activations use the whole range of the non-linearities, and one
that goes to the limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from featurizer import MEL_BANDS
from wakeword.model.convolution import LAYERS, MAX_CHANNELS, MAX_FRAMES, Convolution
from wakeword.model.file import (
    MATRICES,
    MAX_EVIDENCE,
    MAX_FRAMES_PER_STEP,
    MAX_HIDDEN,
    MAX_LABELS,
    MAX_RANK,
    DetectorSettings,
    Model,
)


def random_model(
    seed: int = 0,
    *,
    hidden: int = 40,
    rank_w: int = 8,
    rank_u: int = 10,
    words: int = 4,
    gate: str = "sigmoid",
    frames_per_step: int = 1,
    evidence: int = 0,
) -> Model:
    """Return a sparse FastGRNN whose states, posteriors and events change on any audio."""
    rng = np.random.default_rng(seed)

    def sparse(*shape: int) -> np.ndarray:
        return (rng.integers(-127, 128, shape) * (rng.random(shape) < 0.4)).astype(np.int8)

    labels = ("_silence_", "_unknown_", *(f"word{i}" for i in range(words)))
    return Model(
        labels=labels,
        first_word=2,
        mean=rng.integers(2000, 6000, MEL_BANDS).astype(np.int16),
        scale=rng.integers(4000, 12000, MEL_BANDS).astype(np.int16),
        w1=sparse(hidden, rank_w),
        w2=sparse(rank_w, MEL_BANDS * frames_per_step),
        u1=sparse(hidden, rank_u),
        u2=sparse(rank_u, hidden),
        bias_gate=rng.integers(-8000, 8000, hidden).astype(np.int16),
        bias_update=rng.integers(-4000, 4000, hidden).astype(np.int16),
        zeta=int(rng.integers(20000, 32768)),
        nu=int(rng.integers(0, 4000)),
        head=rng.integers(-127, 128, (len(labels), hidden)).astype(np.int8),
        head_bias=rng.integers(-1000, 1000, len(labels)).astype(np.int16),
        shifts={"w1": 7, "w2": 8, "u1": 7, "u2": 8, "head": 7},
        gate=gate,  # type: ignore[arg-type]
        frames_per_step=frames_per_step,
        evidence=evidence,
        detector=DetectorSettings(thresholds=(0, 0) + (9000,) * words, smoothing=2, refractory=20),
        provenance={"made": "at random"},
    )


def dense_model(model: Model, seed: int = 0) -> Model:
    """Return the model with dense FastGRNN matrices: none of them has a bitmap in flash."""
    rng = np.random.default_rng(seed)
    shapes = {name: getattr(model, name).shape for name in ("w1", "w2", "u1", "u2")}
    return replace(model, **{name: rng.integers(-90, 91, shape).astype(np.int8) for name, shape in shapes.items()})


def ternary_model(model: Model, magnitude: int = 60) -> Model:
    """Return the model with one magnitude for all non-zero entries of its four FastGRNN matrices."""
    matrices = {name: np.sign(getattr(model, name)) for name in ("w1", "w2", "u1", "u2")}
    return replace(model, **{name: (signs * magnitude).astype(np.int8) for name, signs in matrices.items()})


def nibble_model(model: Model, seed: int = 0) -> Model:
    """Return the model with entries of four bits in all matrices, and shifts with which its state still changes."""
    rng = np.random.default_rng(seed)
    matrices = {name: rng.integers(-8, 8, getattr(model, name).shape).astype(np.int8) for name in MATRICES}
    shifts = {name: max(0, shift - 3) for name, shift in model.shifts.items()}
    return replace(model, **matrices, shifts=shifts)


def random_convolution(
    seed: int = 0,
    *,
    channels: int = 12,
    bands: int = 5,
    frames: int = 4,
    band_stride: int = 2,
    frame_stride: int = 2,
    outputs: int = 16,
) -> Convolution:
    """Return convolutions whose activations use a good part of their range."""
    rng = np.random.default_rng(seed)

    def weights(*shape: int) -> np.ndarray:
        return rng.integers(-127, 128, shape).astype(np.int8)

    def bias(size: int) -> np.ndarray:
        return rng.integers(-900, 900, size).astype(np.int16)

    return Convolution(
        first=weights(channels, bands * frames),
        first_bias=bias(channels),
        depthwise=weights(9, channels),
        depthwise_bias=bias(channels),
        pointwise=weights(outputs, channels),
        pointwise_bias=bias(outputs),
        bands=bands,
        frames=frames,
        band_stride=band_stride,
        frame_stride=frame_stride,
        shifts={"first": 9, "depthwise": 8, "pointwise": 8},
    )


def nibble_convolution(seed: int = 0) -> Convolution:
    """Return convolutions with entries of four bits in both matrices."""
    rng = np.random.default_rng(seed)
    wide = random_convolution(seed)
    first, pointwise = (
        rng.integers(-8, 8, getattr(wide, name).shape).astype(np.int8) for name in ("first", "pointwise")
    )
    return replace(wide, first=first, pointwise=pointwise, shifts={"first": 6, "depthwise": 8, "pointwise": 5})


def convolved_model(model: Model, convolution: Convolution, seed: int = 0) -> Model:
    """Return the model with convolutions in front, and a w2 that takes their outputs."""
    rng = np.random.default_rng(seed)
    shape = len(model.w2), convolution.inputs(MEL_BANDS)
    w2 = (rng.integers(-127, 128, shape) * (rng.random(shape) < 0.3)).astype(np.int8)
    return replace(model, convolution=convolution, w2=w2, frames_per_step=convolution.frames_per_step)


def extreme_convolved_model() -> Model:
    """Return the model of the largest convolutions whose numbers are at the ends of their ranges."""
    largest = random_convolution(channels=MAX_CHANNELS, bands=8, frames=MAX_FRAMES, outputs=21)
    convolution = replace(
        largest,
        first=np.full_like(largest.first, 127),  # so that no ReLU stops the large sums
        depthwise=np.full_like(largest.depthwise, -128),
        pointwise=np.full_like(largest.pointwise, -128),
        first_bias=np.full_like(largest.first_bias, 32767),
        depthwise_bias=np.full_like(largest.depthwise_bias, 32767),
        pointwise_bias=np.full_like(largest.pointwise_bias, 32767),
        shifts=dict.fromkeys(LAYERS, 0),
    )
    model = convolved_model(extreme_model(), convolution)
    return replace(model, w2=np.full_like(model.w2, -128))


def extreme_model() -> Model:
    """Return the largest model with each number at the end of its range: no model has larger sums in the C core."""
    sizes = {"hidden": MAX_HIDDEN, "rank_w": MAX_RANK, "rank_u": MAX_RANK, "words": MAX_LABELS - 2}
    model = random_model(**sizes, gate="tanh", frames_per_step=MAX_FRAMES_PER_STEP, evidence=MAX_EVIDENCE)
    matrices = {name: np.full_like(getattr(model, name), -128) for name in MATRICES}
    for matrix in matrices.values():
        matrix[0, 0] = -127  # of one magnitude alone it would be a ternary matrix
    return replace(
        model,
        mean=np.full_like(model.mean, -32768),
        scale=np.full_like(model.scale, 32767),
        **matrices,
        bias_gate=np.full_like(model.bias_gate, -32768),
        zeta=32767,
        nu=32767,
        shifts=dict.fromkeys(MATRICES, 0),
    )
