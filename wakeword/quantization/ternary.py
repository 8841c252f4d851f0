"""HitNet's hybrid ternary quantization (Wang et al., NeurIPS 2018) of a FastGRNN, for the same integer engine.

*Weights* are -s, 0 or +s by a threshold, with one s for each matrix. Such a matrix is an int8 one with a single
magnitude, so no bit of the arithmetic changes; `model.packing.pack` and the C core store its entries as signs. The
classifier stays int8.

*Activations*: in training, the hidden state that U is multiplied with becomes -s, 0 or s at random; its own value is
the expectation. The carried state stays exact, as the memory of HitNet's LSTM. The engine computes with the
expectation: its int16 state costs no flash, and a product with a ternary matrix is made of additions anyway.

The *slope* makes both non-linearities steeper, which brings their values closer to three levels; it is a factor of w1,
u1 and the biases.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from wakeword.errors import UsageError
from wakeword.networks.fastgrnn import FastGRNN
from wakeword.networks.keyword_net import KeywordNet
from wakeword.quantization.fake_quant import (
    Formats,
    QuantizedNet,
    choose_formats,
    factors,
)
from wakeword.quantization.rounding import STATE_BITS, rounded, saturated

MATRICES = ("w1", "w2", "u1", "u2")
_SLOPED = ("w1", "u1")  # their products, and the biases, add up to a pre-activation
_THRESHOLD = 2 / 3  # of the mean magnitude: the best for evenly spread weights (Li and Liu 2016)


class _Straight(torch.autograd.Function):
    """Returns the second argument, and passes the gradient to the first."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, instead: Tensor) -> Tensor:
        return instead.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient, None


def ternary(matrix: Tensor, bits: int | None = None) -> Tensor:
    """Quantize a matrix to -s, 0 and s: entries with a magnitude up to the threshold become 0.

    The threshold is two thirds of the mean magnitude of the entries that are not zero already. s is the mean magnitude
    of the entries above it, the best value in least squares; with `bits` it is a multiple of 2**-bits that fits int8.
    The gradient passes to all entries unchanged.
    """
    with torch.no_grad():
        magnitudes = matrix.abs()
        present = magnitudes[magnitudes > 0]
        if len(present) == 0:
            return matrix * 1
        kept = magnitudes > _THRESHOLD * present.mean()
        scale = magnitudes[kept].mean()
        if bits is not None:
            scale = rounded(scale, bits).clamp(2.0**-bits, 127 * 2.0**-bits)
        values = matrix.sign() * kept * scale
    result: Tensor = _Straight.apply(matrix, values)
    return result


def bernoulli(x: Tensor, generator: torch.Generator) -> Tensor:
    """Draw the sign of x, within -1 and 1, with a probability of |x|, else zero; x is the expectation.

    The gradient passes unchanged.
    """
    with torch.no_grad():
        drawn = torch.rand(x.shape, generator=generator).to(x) < x.abs()
        values = x.sign() * drawn
    result: Tensor = _Straight.apply(x, values)
    return result


def choose_ternary_formats(net: KeywordNet, features: Tensor, slope: float = 1.0) -> Formats:
    """Choose formats, as `choose_formats`, for the `TernaryNet` of a net, with room for each s to double.

    Raises UsageError if the integer arithmetic has no room for the model.
    """
    cell = deepcopy(net.cell)
    if not isinstance(cell, FastGRNN):
        raise UsageError("only a FastGRNN with piecewise-linear non-linearities runs in integers; set quantized=0")
    with torch.no_grad():
        for name, matrix in _matrices(cell).items():
            matrix.copy_(ternary(matrix) * (slope if name in _SLOPED else 1))
        for bias in (cell.bias_gate, cell.bias_update):
            bias.mul_(slope)
    copy = deepcopy(net)
    copy.cell = cell
    formats = choose_formats(copy, features)
    roomier = replace(formats, **{name: getattr(formats, name) - 1 for name in MATRICES})
    if min(roomier.shifts.values()) < 0:
        raise UsageError(f"the weights don't fit the integer formats, try another seed or a weight decay: {roomier}")
    return roomier


def _matrices(cell: FastGRNN) -> dict[str, Tensor]:
    return dict(zip(MATRICES, (*factors(cell.w), *factors(cell.u)), strict=True))


class TernaryNet(QuantizedNet):
    """A float network whose cell has ternary weights; `to_model` takes it as any `QuantizedNet`."""

    def __init__(
        self, net: KeywordNet, formats: Formats, slope: float = 1.0, generator: torch.Generator | None = None
    ) -> None:
        """Wrap a net. generator: draws the activations in training. None: they are as in the engine."""
        super().__init__(net, formats)
        self.slope = slope
        self.generator = generator

    @property
    def samples(self) -> bool:
        return self.generator is not None

    def weights(self) -> dict[str, Tensor]:
        cell, formats = self.net.cell, self.formats
        assert isinstance(cell, FastGRNN)
        values = super().weights()
        for name, matrix in _matrices(cell).items():
            steeper = matrix * self.slope if name in _SLOPED else matrix
            values[name] = ternary(steeper, getattr(formats, name))
        for name in ("bias_gate", "bias_update"):
            values[name] = saturated(rounded(getattr(cell, name) * self.slope, STATE_BITS), STATE_BITS)
        return values

    def operand(self, hidden: Tensor) -> Tensor:
        if self.generator is None:
            return hidden
        scale = hidden.detach().abs().max().clamp(min=1)  # a state may go beyond one
        return bernoulli(hidden / scale, self.generator) * scale
