"""The configuration of quantization. It needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Quantizer = Literal["int8", "int4", "ternary"]


@dataclass(frozen=True)
class Quantization:
    """How the weights of the third stage are quantized."""

    quantizer: Quantizer = "int8"  # of all matrices; with "ternary" the classifier is int8
    ternary_slope: float = 1.0  # with "ternary": factor by which the non-linearities are steeper
