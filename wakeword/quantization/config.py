"""The configuration of quantization. It needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from wakeword.ranges import Range

Quantizer = Literal["int8", "int4", "ternary"]


@dataclass(frozen=True)
class Quantization:
    """How the third stage quantizes the weights."""

    quantizer: Quantizer = "int8"  # of all matrices; with "ternary" the classifier is int8
    ternary_slope: Annotated[float, Range(1)] = 1.0  # with "ternary": how much steeper the non-linearities are
    convolution_weights: Literal["int8", "int4"] = "int8"
