"""HitNet's hybrid ternary quantisation (Wang et al., NeurIPS 2018) of a FastGRNN, for the integer engine as it is.

*Weights* are -s, 0 or +s, one s for a matrix, by a threshold. A ternary matrix is an int8 one whose entries have one
magnitude, so no bit of the arithmetic changes; `sparse.pack` and the C core hold its entries as signs. The classifier
stays int8. *Activations*, the hidden state where it is multiplied with U, become -s, 0 or s by chance while training,
with their own value as the expectation; the state that is kept stays exact, as the memory of HitNet's LSTM does. The
engine computes with the expectation: its int16 state costs no flash, and to a product with a ternary matrix, made of
additions, a ternary factor would be of no use. The *slope* makes both non-linearities steeper, which brings their
values closer to three levels; it is a factor of w1, u1 and the biases.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from wakeword.errors import WakewordError
from wakeword.networks.fastgrnn import FastGRNN
from wakeword.networks.keyword_net import KeywordNet
from wakeword.quantization.fake_quant import (
    STATE_BITS,
    Formats,
    QuantizedNet,
    choose_formats,
    factors,
    rounded,
    saturated,
)

MATRICES = ("w1", "w2", "u1", "u2")
_SLOPED = ("w1", "u1")  # what a pre-activation is a sum of, beside the biases
_THRESHOLD = 2 / 3  # of the mean magnitude: the best one for weights spread evenly (Li and Liu 2016)


class _Straight(torch.autograd.Function):
    """The second argument, with the gradient going to the first."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, instead: Tensor) -> Tensor:
        return instead.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient, None


def ternary(matrix: Tensor, bits: int | None = None) -> Tensor:
    """A matrix with entries of -s, 0 and s: zero where the magnitude is at the threshold or below.

    The threshold is two thirds of the mean magnitude of the entries that are not zero (those are left out by
    sparsity, and stay so); s is the mean of those above it, the best value in least squares, and with `bits` a
    multiple of 2**-bits that int8 holds. The gradient passes to all entries unchanged.
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
    """x within -1 and 1 to its sign with a probability of |x|, else to zero: x is the expectation.

    The gradient passes unchanged.
    """
    with torch.no_grad():
        drawn = torch.rand(x.shape, generator=generator).to(x) < x.abs()
        values = x.sign() * drawn
    result: Tensor = _Straight.apply(x, values)
    return result


def choose_ternary_formats(net: KeywordNet, features: Tensor, slope: float = 1.0) -> Formats:
    """As `choose_formats`, for the model that `TernaryNet` makes of a net, with room for each s to double.

    Raises WakewordError where the integer arithmetic has no room for the model.
    """
    cell = deepcopy(net.cell)
    if not isinstance(cell, FastGRNN):
        raise WakewordError("only a FastGRNN with piecewise-linear non-linearities runs in integers")
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
        raise WakewordError(f"the model's weights don't fit the integer formats: {roomier}")
    return roomier


def _matrices(cell: FastGRNN) -> dict[str, Tensor]:
    return dict(zip(MATRICES, (*factors(cell.w), *factors(cell.u)), strict=True))


class TernaryNet(QuantizedNet):
    """A float model seen through ternary integers: what `to_model` takes, in place of a `QuantizedNet`."""

    def __init__(
        self, net: KeywordNet, formats: Formats, slope: float = 1.0, generator: torch.Generator | None = None
    ) -> None:
        """generator: to draw activations by, in training; without one they are as in the engine."""
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
