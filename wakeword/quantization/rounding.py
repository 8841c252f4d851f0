"""Rounding and saturation as in the integer engine, with gradients, and the choice of fraction bits.

Gradients pass straight through the rounding (Bengio et al. 2013, arXiv:1308.3432) and stop at saturation.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

STATE_BITS = 12  # fraction bits of normalized features, states and pre-activations


class _RoundHalfUp(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, bits: int) -> Tensor:
        return torch.floor(x * 2.0**bits + 0.5) * 2.0**-bits

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient, None


def rounded(x: Tensor, bits: int) -> Tensor:
    """Round x to the nearest multiple of 2**-bits, half up; the gradient passes through."""
    result: Tensor = _RoundHalfUp.apply(x, bits)
    return result


def saturated(x: Tensor, bits: int) -> Tensor:
    """Limit x to the range of int16 in Qbits."""
    return x.clamp(-(2.0 ** (15 - bits)), (2.0**15 - 1) * 2.0**-bits)


def fraction_bits(largest: float, limit: int) -> int:
    """Return the most fraction bits with which `largest` stays within `limit`."""
    return math.floor(math.log2(limit / max(largest, 2.0**-14)))


def weight_bits(weight: Tensor, largest: int) -> int:
    """Return the fraction bits of a weight: the most that clip no entry, or for four bits those of least square error.

    With four bits it is better to clip a few of the largest entries than to round all others twice as coarsely.
    """
    fewest = fraction_bits(float(weight.abs().max()), largest)
    most = fewest if largest == 127 else fewest + 3
    return min(range(fewest, most + 1), key=lambda bits: float((held(weight, bits, largest) - weight).square().sum()))


def held(weight: Tensor, bits: int, largest: int) -> Tensor:
    """Round a weight to Qbits and clip it to `largest` in magnitude; no gradient passes to clipped entries."""
    return rounded(weight, bits).clamp(-largest * 2.0**-bits, largest * 2.0**-bits)
