"""The configuration of a network: which recurrent cell, and how large. It needs no torch.

Shapes: D inputs, H hidden units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from wakeword.errors import UsageError
from wakeword.model.convolution import Geometry
from wakeword.model.file import MAX_EVIDENCE
from wakeword.ranges import Count, Range, check_ranges

Gate = Literal["sigmoid", "tanh"]
Start = Literal["spread", "paper"]
Kind = Literal[
    "rnn", "fastrnn", "fastrnn-vector", "fastgrnn", "ugrnn", "gru", "lstm", "spectralrnn", "ornn", "eurnn",
    "factoredrnn",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
FAST: tuple[Kind, ...] = ("fastrnn", "fastrnn-vector", "fastgrnn")  # the cells with a low-rank and a hard form


@dataclass(frozen=True)
class ConvolutionConfig(Geometry):
    """Convolutions over mel bands and frames in front of the cell (convolution.py)."""

    channels: Count = 12  # of the first and of the depthwise convolution
    bands: Count = 5  # of the first one's kernel
    frames: Count = 4
    band_stride: Count = 2  # of the first one
    frame_stride: Count = 2
    outputs: Count = 16  # channels of the pointwise convolution


@dataclass(frozen=True)
class CellConfig:
    """A network's cell, and what is in front of it. A rank of None keeps the matrix whole."""

    kind: Kind = "fastgrnn"
    inputs: Count = 32  # of one step: all bands of its frames; D, if there is no convolution
    hidden: Count = 100
    rank_w: Count | None = 16  # Fast cells only, as rank_u and piecewise
    rank_u: Count | None = 25
    gate: Gate = "sigmoid"  # FastGRNN only
    piecewise: bool = True  # piecewise-linear non-linearities, those of the integer arithmetic
    layers: Count = 1  # of equal size; each takes the hidden states of the one before
    # Of an orthogonal factor: reflections (oRNN, SpectralRNN) or layers of rotations (EURNN). None: H.
    capacity: Count | None = None
    frames_per_step: Count = 1  # frames of the front end that make one step
    # Logits are averaged over about 2**evidence steps before the softmax (keyword_net.py). 0: no average.
    evidence: Annotated[int, Range(0, MAX_EVIDENCE)] = 0
    # FastGRNN. "spread": gates of many time constants, and a small U. "paper": biases of one, as in its code.
    start: Start = "spread"
    convolution: ConvolutionConfig | None = None
    # SpectralRNN, FactoredRNN: singular values stay within 1 - margin and 1 + margin.
    margin: Annotated[float, Range(0, below=1)] = 0.1

    @property
    def mel_bands(self) -> int:
        """The bands of a frame."""
        return self.inputs // self.frames_per_step

    @property
    def cell_inputs(self) -> int:
        """D, the numbers that the cell takes in a step."""
        return self.convolution.inputs(self.mel_bands) if self.convolution else self.inputs


def cell_config(content: Mapping[str, Any]) -> CellConfig:
    """Return the configuration of which `asdict` gave the content."""
    convolution = content.get("convolution")
    return CellConfig(**{**content, "convolution": convolution and ConvolutionConfig(**convolution)})


def check(config: CellConfig) -> None:
    """Raise UsageError for a configuration that no cell has."""
    if config.kind not in KINDS:
        raise UsageError(f"there is no cell {config.kind!r}; choose one of {', '.join(KINDS)}")
    if config.kind not in FAST and (config.rank_w, config.rank_u) != (None, None):
        raise UsageError(f"a {config.kind} has no low-rank form: its ranks must be None")
    if config.kind not in FAST and config.piecewise:
        raise UsageError(f"a {config.kind} has no piecewise-linear form: piecewise must be false")
    check_ranges(config)
    if config.convolution is not None:
        check_ranges(config.convolution)
        if config.frames_per_step != config.convolution.frames_per_step:
            raise UsageError(
                f"frames_per_step: the convolution makes a step of {config.convolution.frames_per_step} frames, not "
                f"{config.frames_per_step}; set another frame_stride, or convolution=none"
            )
        if config.convolution.frames < config.convolution.frame_stride:
            raise UsageError(
                f"frames: a kernel of {config.convolution.frames} would leave out frames at a frame_stride of "
                f"{config.convolution.frame_stride}; choose a larger kernel, or a smaller stride"
            )
        if config.convolution.bands < config.convolution.band_stride:
            raise UsageError(
                f"bands: a kernel of {config.convolution.bands} would leave out bands at a band_stride of "
                f"{config.convolution.band_stride}; choose a larger kernel, or a smaller stride"
            )
    if config.capacity is not None and config.capacity > config.hidden:
        raise UsageError(f"a capacity of {config.capacity} is more than the {config.hidden} hidden units")
