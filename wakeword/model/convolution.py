"""The convolutions in front of a model's FastGRNN, and their geometry.

The first has a kernel over mel bands and frames. A depthwise one of 3 x 3 follows, which takes every second position
and frame, and a pointwise one (networks/convolution.py). All are causal in time; the highest positions reach into bands
of zeros above the mel bands.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wakeword.model.integers import Int8, Int16

DEPTHWISE = 3  # bands and frames of the depthwise kernel
DEPTHWISE_STRIDE = 2
MAX_FRAME_STRIDE = 2  # of the first convolution, so that a step has at most four frames
LAYERS = ("first", "depthwise", "pointwise")
# The largest that the C core's state struct and stack have room for (ww_model.h).
MAX_CHANNELS, MAX_OUTPUTS, MAX_BAND_STRIDE, MAX_FRAMES, MAX_SUMS, MAX_INPUTS = 16, 32, 2, 4, 96, 128


class Geometry:
    """What follows from the kernel and the strides of the first convolution."""

    bands: int
    frames: int
    band_stride: int
    frame_stride: int

    @property
    def outputs(self) -> int:
        """The channels of the pointwise convolution."""
        raise NotImplementedError

    @property
    def frames_per_step(self) -> int:
        """The frames of the front end that make one step of the cell."""
        return self.frame_stride * DEPTHWISE_STRIDE

    def positions(self, mel_bands: int) -> int:
        """Return the positions of the depthwise convolution: the fewest with which its kernels reach all mel bands."""
        first = 1 + max(0, math.ceil((mel_bands - self.bands) / self.band_stride))
        return 1 + max(0, math.ceil((first - DEPTHWISE) / DEPTHWISE_STRIDE))

    def first_positions(self, mel_bands: int) -> int:
        """Return the positions of the first convolution: those that the depthwise one takes."""
        return DEPTHWISE + DEPTHWISE_STRIDE * (self.positions(mel_bands) - 1)

    def padding(self, mel_bands: int) -> int:
        """Return the bands of zeros above the highest mel band that the last kernel reaches."""
        return max(0, self.band_stride * (self.first_positions(mel_bands) - 1) + self.bands - mel_bands)

    def inputs(self, mel_bands: int) -> int:
        """Return the numbers that the cell takes in a step."""
        return self.positions(mel_bands) * self.outputs


@dataclass(frozen=True)
class Convolution(Geometry):
    """The convolutions of a model. A product is shifted right by its layer's entry in `shifts`.

    Shapes: C channels, M outputs.
    """

    first: Int8  # (C, bands * frames), the frames of a band side by side
    first_bias: Int16  # (C,), in the format of the layer's result, as the others
    depthwise: Int8  # (3 * 3, C), the frames of a band one after another
    depthwise_bias: Int16  # (C,)
    pointwise: Int8  # (M, C)
    pointwise_bias: Int16  # (M,)
    bands: int  # of the first one's kernel
    frames: int
    band_stride: int  # of the first one
    frame_stride: int
    shifts: dict[str, int]

    @property
    def channels(self) -> int:
        return len(self.first)

    @property
    def outputs(self) -> int:
        return len(self.pointwise)


TENSORS = tuple(f"{name}{suffix}" for name in LAYERS for suffix in ("", "_bias"))
SCALARS = ("bands", "frames", "band_stride", "frame_stride", "shifts")


def check_convolution(convolution: Convolution, mel_bands: int) -> None:
    """Raise ValueError if a tensor or a number is none that the engines can run."""
    sizes = {"bands": mel_bands, "frames": MAX_FRAMES, "band_stride": MAX_BAND_STRIDE, "frame_stride": MAX_FRAME_STRIDE}
    for name, most in sizes.items():
        value = getattr(convolution, name)
        if type(value) is not int or not 1 <= value <= most:
            raise ValueError(f"{name} of the convolution is out of range")
    if convolution.frames < convolution.frame_stride or convolution.bands < convolution.band_stride:
        raise ValueError("a stride of the convolution is more than its kernel")
    shifts = convolution.shifts
    if not isinstance(shifts, dict) or set(shifts) != set(LAYERS):
        raise ValueError("shifts of the convolution are out of range")
    if not all(type(shift) is int and 0 <= shift < 32 for shift in shifts.values()):
        raise ValueError("shifts of the convolution are out of range")
    _check_tensors(convolution)
    channels, outputs, positions = convolution.channels, convolution.outputs, convolution.positions(mel_bands)
    if not (1 <= channels <= MAX_CHANNELS and 1 <= outputs <= MAX_OUTPUTS):
        raise ValueError(f"a convolution of {channels} channels and {outputs} outputs is too large")
    if positions * channels > MAX_SUMS or positions * outputs > MAX_INPUTS:
        raise ValueError(
            f"a convolution of {positions} positions, {channels} channels and {outputs} outputs is too large"
        )


def _check_tensors(convolution: Convolution) -> None:
    size = convolution.bands * convolution.frames
    shapes = {"first": "CK", "depthwise": "NC", "pointwise": "MC", "first_bias": "C", "depthwise_bias": "C"}
    sizes = {"K": size, "N": DEPTHWISE**2}
    for name, letters in {**shapes, "pointwise_bias": "M"}.items():
        tensor = getattr(convolution, name)
        wanted = np.int16 if name.endswith("_bias") else np.int8
        if tensor.dtype != wanted:
            raise ValueError(f"tensor {name} is {tensor.dtype}, not {np.dtype(wanted)}")
        if len(letters) != tensor.ndim or any(
            sizes.setdefault(letter, length) != length for letter, length in zip(letters, tensor.shape, strict=True)
        ):
            raise ValueError(f"tensor {name} has the wrong shape {tensor.shape}")


def of_file(tensors: Mapping[str, Any], description: Mapping[str, Any]) -> Convolution:
    """Make convolutions of the tensors and metadata of a file. Raise KeyError or TypeError if they don't make any."""
    if not isinstance(description, dict) or set(description) != set(SCALARS):
        raise TypeError("the metadata of its convolution has another form")
    return Convolution(**{name: tensors[name] for name in TENSORS}, **description)
