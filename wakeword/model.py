"""FastRNN and FastGRNN in plain PyTorch: Kusupati et al., NeurIPS 2018.

One step of each is its equation; the cells know nothing of training or quantisation. Shapes: B clips, T frames,
D inputs, H hidden units, ranks rw and ru, K labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from featurizer.tables import GATE_LIMIT_Q15

GATE_LIMIT = GATE_LIMIT_Q15 / 2**15
Gate = Literal["sigmoid", "tanh"]


@dataclass(frozen=True)
class CellConfig:
    """What a cell is made of. A rank of None keeps the matrix whole."""

    kind: Literal["fastgrnn", "fastrnn"] = "fastgrnn"
    inputs: int = 32
    hidden: int = 100
    rank_w: int | None = 16
    rank_u: int | None = 25
    gate: Gate = "sigmoid"  # FastGRNN only
    piecewise: bool = True  # piecewise-linear non-linearities, those of the integer arithmetic


def piecewise_sigmoid(x: Tensor) -> Tensor:
    """max(0, min(1, 1/2 + x/4)); `featurizer.fixed.sigmoid_q15` is its integer form."""
    return (0.5 + 0.25 * x).clamp(0, 1)


def piecewise_tanh(x: Tensor) -> Tensor:
    """max(-1, min(1, x)); `featurizer.fixed.tanh_q12` is its integer form."""
    return x.clamp(-1, 1)


def tanh(x: Tensor, piecewise: float) -> Tensor:
    """From the smooth function (piecewise = 0) to the piecewise-linear one (1)."""
    if piecewise in (0, 1):
        return piecewise_tanh(x) if piecewise else torch.tanh(x)
    return torch.lerp(torch.tanh(x), piecewise_tanh(x), piecewise)


def sigmoid(x: Tensor, piecewise: float) -> Tensor:
    """From the smooth function (piecewise = 0) to the piecewise-linear one (1)."""
    if piecewise in (0, 1):
        return piecewise_sigmoid(x) if piecewise else torch.sigmoid(x)
    return torch.lerp(torch.sigmoid(x), piecewise_sigmoid(x), piecewise)


class LowRank(nn.Module):
    """A matrix as a product of two: X = X1 X2 (equation 7, where X2 is written transposed), or whole."""

    def __init__(self, rows: int, cols: int, rank: int | None) -> None:
        super().__init__()
        if rank is None:
            self.factors = nn.ParameterList([nn.Parameter(torch.randn(rows, cols) / cols**0.5)])
        else:
            # Each factor so that a unit-variance vector keeps its variance.
            left, right = torch.randn(rows, rank) / rank**0.5, torch.randn(rank, cols) / cols**0.5
            self.factors = nn.ParameterList([nn.Parameter(left), nn.Parameter(right)])

    def forward(self, x: Tensor) -> Tensor:
        """x (…, cols) to (…, rows)."""
        for factor in reversed(list(self.factors)):
            x = x @ factor.T
        return x


class FastRNN(nn.Module):
    """Equation (2): h~ = tanh(W x + U h + b), then h' = alpha h~ + beta h, a residual connection of two scalars."""

    def __init__(self, config: CellConfig) -> None:
        super().__init__()
        self.config = config
        self.piecewise = float(config.piecewise)  # 0 to 1: training moves it
        self.w = LowRank(config.hidden, config.inputs, config.rank_w)
        self.u = LowRank(config.hidden, config.hidden, config.rank_u)
        self.bias = nn.Parameter(torch.zeros(config.hidden))
        # As the paper starts it: alpha = sigmoid(-3) is near 0, beta = sigmoid(3) near 1, so h changes slowly.
        self.alpha_logit = nn.Parameter(torch.tensor(-3.0))
        self.beta_logit = nn.Parameter(torch.tensor(3.0))

    def step(self, from_input: Tensor, hidden: Tensor) -> Tensor:
        """W x_t and h_{t-1}, both (B, H), to h_t."""
        candidate = tanh(from_input + self.u(hidden) + self.bias, self.piecewise)
        return torch.sigmoid(self.alpha_logit) * candidate + torch.sigmoid(self.beta_logit) * hidden


class FastGRNN(nn.Module):
    """Equation (6): a gate z that shares W and U with the update.

    z = sigma(W x + U h + b_z), h~ = tanh(W x + U h + b_h), h' = (zeta (1 - z) + nu) * h~ + z * h. Beyond the paper,
    z is held at GATE_LIMIT or below, so that on an endless stream the state forgets.
    """

    def __init__(self, config: CellConfig) -> None:
        super().__init__()
        self.config = config
        self.piecewise = float(config.piecewise)  # 0 to 1: training moves it
        self.w = LowRank(config.hidden, config.inputs, config.rank_w)
        self.u = LowRank(config.hidden, config.hidden, config.rank_u)
        self.bias_gate = nn.Parameter(torch.ones(config.hidden))
        # Not at one, as the paper's code has it: there half of the piecewise-linear units would begin saturated,
        # where no gradient reaches them, and training gets nowhere.
        self.bias_update = nn.Parameter(torch.zeros(config.hidden))
        self.zeta_logit = nn.Parameter(torch.tensor(1.0))
        self.nu_logit = nn.Parameter(torch.tensor(-4.0))

    def step(self, from_input: Tensor, hidden: Tensor) -> Tensor:
        """W x_t and h_{t-1}, both (B, H), to h_t."""
        pre_activation = from_input + self.u(hidden)
        for_gate, for_update = pre_activation + self.bias_gate, pre_activation + self.bias_update
        z = (tanh if self.config.gate == "tanh" else sigmoid)(for_gate, self.piecewise)
        z = z.clamp(max=GATE_LIMIT)
        gain = torch.sigmoid(self.zeta_logit) * (1 - z) + torch.sigmoid(self.nu_logit)
        return gain * tanh(for_update, self.piecewise) + z * hidden


class KeywordNet(nn.Module):
    """Normalised features to logits: per-band normalisation, a cell over the frames, a linear classifier."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, config: CellConfig, labels: int, mean: Tensor, deviation: Tensor) -> None:
        """mean and deviation: (D,), of the features in log2."""
        super().__init__()
        self.config = config
        self.cell: FastGRNN | FastRNN = FastGRNN(config) if config.kind == "fastgrnn" else FastRNN(config)
        self.head = nn.Linear(config.hidden, labels)
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)

    def states(self, features: Tensor, hidden: Tensor | None = None) -> Tensor:
        """features (B, T, D) in log2, and h_0 (B, H) or zeros, to h_1 … h_T (B, T, H)."""
        x = (features - self.mean) / self.deviation
        if hidden is None:
            hidden = x.new_zeros(len(x), self.config.hidden)
        states = []
        for from_input in self.cell.w(x).unbind(dim=1):
            hidden = self.cell.step(from_input, hidden)
            states.append(hidden)
        return torch.stack(states, dim=1)

    def forward(self, features: Tensor, hidden: Tensor | None = None) -> Tensor:
        """features (B, T, D) in log2 to the logits of the last frame (B, K)."""
        logits: Tensor = self.head(self.states(features, hidden)[:, -1])
        return logits
