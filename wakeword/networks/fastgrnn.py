"""FastRNN and FastGRNN (Kusupati et al., NeurIPS 2018). A step of each is its equation."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from featurizer.tables import FORGETTING_Q15
from wakeword.networks.cell import SteppedCell, sigmoid, tanh
from wakeword.networks.config import CellConfig

TIME_CONSTANTS = (3.0, 40.0)  # of FastGRNN's units at first, in frames, shortest and longest


def gate_limit(frames_per_step: int) -> float:
    """Return the highest value of FastGRNN's gate; a step is so many frames."""
    return 1 - frames_per_step * FORGETTING_Q15 / 2**15


class FastRNN(SteppedCell):
    """Equation (2): h~ = tanh(W x + U h + b), then h' = alpha h~ + beta h, a residual connection of two scalars."""

    def __init__(self, config: CellConfig) -> None:
        super().__init__(config)
        self.bias = nn.Parameter(torch.zeros(config.hidden))
        # As in the paper: alpha = sigmoid(-3) is near 0, beta = sigmoid(3) near 1, so that h changes slowly at first.
        self.alpha_logit = nn.Parameter(torch.tensor(-3.0))
        self.beta_logit = nn.Parameter(torch.tensor(3.0))

    def step(self, from_input: Tensor, hidden: Tensor) -> Tensor:
        candidate = tanh(from_input + self.u(hidden) + self.bias, self.piecewise)
        return torch.sigmoid(self.alpha_logit) * candidate + torch.sigmoid(self.beta_logit) * hidden


class FastRNNVector(FastRNN):
    """FastRNN with vectors alpha and beta, one of each for every hidden unit (the paper's Appendix G)."""

    def __init__(self, config: CellConfig) -> None:
        super().__init__(config)
        self.alpha_logit = nn.Parameter(torch.full((config.hidden,), -3.0))
        self.beta_logit = nn.Parameter(torch.full((config.hidden,), 3.0))


class FastGRNN(SteppedCell):
    """Equation (6): a gate z that shares W and U with the update.

    z = sigma(W x + U h + b_z), h~ = tanh(W x + U h + b_h), h' = (zeta (1 - z) + nu) * h~ + z * h. Unlike the paper's,
    z is at most `gate_limit`, so that the state forgets on an endless stream.
    """

    def __init__(self, config: CellConfig) -> None:
        super().__init__(config)
        self.bias_gate = nn.Parameter(torch.ones(config.hidden))
        self.bias_update = nn.Parameter(torch.ones(config.hidden))
        if config.start == "spread":
            self._spread()
        self.zeta_logit = nn.Parameter(torch.tensor(1.0))
        self.nu_logit = nn.Parameter(torch.tensor(-4.0))

    @torch.no_grad()
    def _spread(self) -> None:
        """Initialize the time constants from short to long, evenly on a logarithmic scale.

        Chrono initialization (Tallec and Ollivier 2018, arXiv:1804.11188). U is small at first, so that the gates
        decide how long a unit remembers. With one gate for all and a large U, training takes far longer; with an update
        bias of one, half of the piecewise-linear units begin saturated.
        """
        shortest, longest = TIME_CONSTANTS
        steps = shortest * (longest / shortest) ** torch.rand(self.config.hidden) / self.config.frames_per_step
        kept = 1 - 1 / steps.clamp(min=1.5)
        self.bias_gate.copy_(torch.atanh(kept) if self.config.gate == "tanh" else torch.logit(kept))
        self.bias_update.zero_()
        self.u.factors[0].mul_(0.3)

    def step(self, from_input: Tensor, hidden: Tensor) -> Tensor:
        pre_activation = from_input + self.u(hidden)
        for_gate, for_update = pre_activation + self.bias_gate, pre_activation + self.bias_update
        z = (tanh if self.config.gate == "tanh" else sigmoid)(for_gate, self.piecewise)
        z = z.clamp(max=gate_limit(self.config.frames_per_step))
        gain = torch.sigmoid(self.zeta_logit) * (1 - z) + torch.sigmoid(self.nu_logit)
        return gain * tanh(for_update, self.piecewise) + z * hidden
