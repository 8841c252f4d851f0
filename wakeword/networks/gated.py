"""Networks to compare FastGRNN with: torch's RNN, GRU and LSTM, and UGRNN."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from wakeword.networks.cell import Cell, SteppedCell
from wakeword.networks.config import CellConfig


class UGRNN(SteppedCell):
    """UGRNN (Collins et al. 2016): the update gate of a GRU without its reset gate.

    g = sigmoid(W_g x + U_g h + b_g), c = tanh(W_c x + U_c h + b_c), h' = g * h + (1 - g) * c. The first H rows of
    W and U are the gate's. b_g is one at first, so that the state is kept.
    """

    def __init__(self, config: CellConfig) -> None:
        super().__init__(config, gates=2)
        self.bias = nn.Parameter(torch.cat([torch.ones(config.hidden), torch.zeros(config.hidden)]))

    def step(self, from_input: Tensor, hidden: Tensor) -> Tensor:
        for_gate, for_update = (from_input + self.u(hidden) + self.bias).chunk(2, dim=1)
        gate = torch.sigmoid(for_gate)
        return gate * hidden + (1 - gate) * torch.tanh(for_update)


class _Library(Cell):
    """A recurrence of torch.nn, with its equations, order of gates and initial weights."""

    network: nn.RNN | nn.GRU | nn.LSTM

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        states, last = self.network(x, state[None].contiguous())
        return states, last[0]

    def input_matrices(self) -> list[nn.Parameter]:
        return [self.network.get_parameter("weight_ih_l0")]

    def recurrent_matrices(self) -> list[nn.Parameter]:
        return [self.network.get_parameter("weight_hh_l0")]


class RNN(_Library):
    """h' = tanh(W x + U h + b): torch.nn.RNN."""

    def __init__(self, config: CellConfig) -> None:
        super().__init__(config)
        self.network = nn.RNN(config.inputs, config.hidden, batch_first=True)


class GRU(_Library):
    """GRU (Cho et al. 2014), with the reset gate after the product with U: torch.nn.GRU."""

    def __init__(self, config: CellConfig) -> None:
        super().__init__(config)
        self.network = nn.GRU(config.inputs, config.hidden, batch_first=True)


class LSTM(_Library):
    """LSTM (Hochreiter and Schmidhuber 1997) with a forget gate: torch.nn.LSTM. The state is h, then c: S = 2 H."""

    def __init__(self, config: CellConfig) -> None:
        super().__init__(config)
        self.network = nn.LSTM(config.inputs, config.hidden, batch_first=True)

    @property
    def state_size(self) -> int:
        return 2 * self.config.hidden

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        hidden, memory = (part.contiguous() for part in state[None].chunk(2, dim=2))
        states, (hidden, memory) = self.network(x, (hidden, memory))
        return states, torch.cat([hidden[0], memory[0]], dim=1)
