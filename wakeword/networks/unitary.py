"""The unitary family: h' = f(W x + U h + b). All singular values of the transition matrix U are one, or near one.

So gradients neither vanish nor explode over the frames; only f lets a network forget.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from wakeword.networks.cell import Cell, LowRank
from wakeword.networks.config import CellConfig
from wakeword.networks.orthogonal import Cayley, Reflections, Rotations

LEAK = 0.1  # slope of the leaky ReLU below zero


class UnitaryCell(Cell):
    """A cell of the family. Each member defines its transition matrix and its non-linearity."""

    def __init__(self, config: CellConfig) -> None:
        super().__init__(config)
        self.w = LowRank(config.hidden, config.inputs, None)
        self.bias = nn.Parameter(torch.zeros(config.hidden))

    def transition(self) -> Tensor:
        """Return U (H, H)."""
        raise NotImplementedError

    def activation(self, pre_activation: Tensor) -> Tensor:
        """Map W x + U h (B, H) to h' (B, H)."""
        return functional.leaky_relu(pre_activation + self.bias, LEAK)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        transition = self.transition().T
        states = []
        for from_input in self.w(x).unbind(dim=1):
            state = self.activation(from_input + state @ transition)
            states.append(state)
        return torch.stack(states, dim=1), state

    def input_matrices(self) -> list[nn.Parameter]:
        return list(self.w.factors)

    def recurrent_matrices(self) -> list[nn.Parameter]:
        return []


class ORNN(UnitaryCell):
    """oRNN (Mhammedi et al. 2017): U is a product of `capacity` Householder reflections, f a leaky ReLU."""

    def __init__(self, config: CellConfig) -> None:
        super().__init__(config)
        self.reflections = Reflections(config.hidden, config.capacity or config.hidden)

    def transition(self) -> Tensor:
        product: Tensor = self.reflections()
        return product


class EURNN(UnitaryCell):
    """EURNN (Jing et al. 2017) in the reals: U is `capacity` layers of rotations without phases.

    f is the real form of modReLU, sign(a) max(0, |a| + b).
    """

    def __init__(self, config: CellConfig) -> None:
        super().__init__(config)
        self.rotations = Rotations(config.hidden, config.capacity or config.hidden)

    def transition(self) -> Tensor:
        product: Tensor = self.rotations()
        return product

    def activation(self, pre_activation: Tensor) -> Tensor:
        return pre_activation.sign() * torch.relu(pre_activation.abs() + self.bias)


class SpectralRNN(UnitaryCell):
    """SpectralRNN (Zhang et al. 2018): U = P diag(s) Q^T, s within 1 ± margin, f a leaky ReLU.

    P and Q are products of `capacity` reflections.
    """

    def __init__(self, config: CellConfig) -> None:
        super().__init__(config)
        count = config.capacity or config.hidden
        self.left, self.right = Reflections(config.hidden, count), Reflections(config.hidden, count)
        self.stretch = nn.Parameter(torch.zeros(config.hidden))

    def transition(self) -> Tensor:
        product: Tensor = self.left() * _singular_values(self.stretch, self.config.margin) @ self.right().T
        return product


class FactoredRNN(UnitaryCell):
    """FactoredRNN (Vorontsov et al. 2017): U = P diag(s) Q^T, s within 1 ± margin, f is tanh.

    P and Q are Cayley transforms of free parameters, so that any optimizer will do; the paper's optimizer takes
    geodesic steps instead.
    """

    def __init__(self, config: CellConfig) -> None:
        super().__init__(config)
        self.left, self.right = Cayley(config.hidden), Cayley(config.hidden)
        self.stretch = nn.Parameter(torch.zeros(config.hidden))

    def transition(self) -> Tensor:
        product: Tensor = self.left() * _singular_values(self.stretch, self.config.margin) @ self.right().T
        return product

    def activation(self, pre_activation: Tensor) -> Tensor:
        return torch.tanh(pre_activation + self.bias)


def _singular_values(stretch: Tensor, margin: float) -> Tensor:
    """Map free parameters to values within 1 ± margin."""
    return 1 + 2 * margin * (torch.sigmoid(stretch) - 0.5)
