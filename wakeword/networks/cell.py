"""The interface of every recurrent cell, and the parts that several cells share.

Shapes: B clips, T frames, D inputs, H hidden units, S numbers of carried state (H for most cells), ranks rw and ru.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from wakeword.networks.config import CellConfig
from wakeword.networks.device import fast


class Cell(nn.Module):
    """A recurrence over the frames of clips.

    A stream carries one state tensor (B, S) from frame to frame, zeros at first. Its first H columns are the last
    hidden state h; a cell whose state is more than h has the rest after it.
    """

    piecewise: float = 0.0  # how piecewise linear the non-linearities are, 0 to 1; training raises it

    def __init__(self, config: CellConfig) -> None:
        super().__init__()
        self.config = config

    @property
    def state_size(self) -> int:
        """S, the numbers of a stream's carried state."""
        return self.config.hidden

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Map x (B, T, D) and the state before the first frame (B, S) to h_1 … h_T (B, T, H) and the last state."""
        raise NotImplementedError

    def input_matrices(self) -> list[nn.Parameter]:
        """Return W: its matrices, or their factors."""
        raise NotImplementedError

    def recurrent_matrices(self) -> list[nn.Parameter]:
        """Return U: its matrices, or their factors; nothing if U is parametrized."""
        raise NotImplementedError


class SteppedCell(Cell):
    """A cell of the form h' = step(W x, h), with W and U low rank or whole."""

    def __init__(self, config: CellConfig, gates: int = 1) -> None:
        """Initialize the weights. gates: W and U have gates * H rows."""
        super().__init__(config)
        self.piecewise = float(config.piecewise)
        self.w = LowRank(gates * config.hidden, config.inputs, config.rank_w)
        self.u = LowRank(gates * config.hidden, config.hidden, config.rank_u)

    def step(self, from_input: Tensor, hidden: Tensor) -> Tensor:
        """Map W x_t (B, gates * H) and h_{t-1} (B, H) to h_t (B, H)."""
        raise NotImplementedError

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        step = type(self).step
        if self.piecewise in (0, 1):  # a number in between changes each epoch, and would be compiled each time
            step = fast(step, x.device)
        states = []
        for from_input in self.w(x).unbind(dim=1):
            state = step(self, from_input, state)
            states.append(state)
        return torch.stack(states, dim=1), state

    def input_matrices(self) -> list[nn.Parameter]:
        return list(self.w.factors)

    def recurrent_matrices(self) -> list[nn.Parameter]:
        return list(self.u.factors)


class LowRank(nn.Module):
    """A matrix as a product of two factors, X = X1 X2 (equation 7, which writes X2 transposed), or whole."""

    def __init__(self, rows: int, cols: int, rank: int | None) -> None:
        super().__init__()
        if rank is None:
            self.factors = nn.ParameterList([nn.Parameter(torch.randn(rows, cols) / cols**0.5)])
        else:
            # Scaled so that each factor keeps the variance of a vector.
            left, right = torch.randn(rows, rank) / rank**0.5, torch.randn(rank, cols) / cols**0.5
            self.factors = nn.ParameterList([nn.Parameter(left), nn.Parameter(right)])

    def forward(self, x: Tensor) -> Tensor:
        """Map x (…, cols) to (…, rows)."""
        for factor in reversed(list(self.factors)):
            x = x @ factor.T
        return x


def hard_sigmoid(x: Tensor) -> Tensor:
    """Compute max(0, min(1, 1/2 + x/4)); `featurizer.fixed.sigmoid_q15` is its integer form."""
    return (0.5 + 0.25 * x).clamp(0, 1)


def hard_tanh(x: Tensor) -> Tensor:
    """Compute max(-1, min(1, x)); `featurizer.fixed.tanh_q12` is its integer form."""
    return x.clamp(-1, 1)


def tanh(x: Tensor, piecewise: float) -> Tensor:
    """Interpolate between tanh (piecewise = 0) and its hard form (1)."""
    if piecewise in (0, 1):
        return hard_tanh(x) if piecewise else torch.tanh(x)
    return torch.lerp(torch.tanh(x), hard_tanh(x), piecewise)


def sigmoid(x: Tensor, piecewise: float) -> Tensor:
    """Interpolate between the sigmoid (piecewise = 0) and its hard form (1)."""
    if piecewise in (0, 1):
        return hard_sigmoid(x) if piecewise else torch.sigmoid(x)
    return torch.lerp(torch.sigmoid(x), hard_sigmoid(x), piecewise)
