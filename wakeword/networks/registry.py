"""The registry of cells, and cells of several layers."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from wakeword.networks.cell import Cell
from wakeword.networks.config import CellConfig, Kind, check
from wakeword.networks.fastgrnn import FastGRNN, FastRNN, FastRNNVector
from wakeword.networks.gated import GRU, LSTM, RNN, UGRNN
from wakeword.networks.unitary import EURNN, ORNN, FactoredRNN, SpectralRNN

_CELLS: dict[Kind, type[Cell]] = {
    "rnn": RNN,
    "fastrnn": FastRNN,
    "fastrnn-vector": FastRNNVector,
    "fastgrnn": FastGRNN,
    "ugrnn": UGRNN,
    "gru": GRU,
    "lstm": LSTM,
    "spectralrnn": SpectralRNN,
    "ornn": ORNN,
    "eurnn": EURNN,
    "factoredrnn": FactoredRNN,
}


def make_cell(config: CellConfig) -> Cell:
    """Return the cell of a configuration with initial weights. Raises UsageError if no cell has the configuration."""
    check(config)
    config = replace(config, inputs=config.cell_inputs, convolution=None)
    return Layers(config) if config.layers > 1 else _CELLS[config.kind](config)


class Layers(Cell):
    """A stack of cells. The carried state is that of the last cell, then that of the one before, and so on."""

    def __init__(self, config: CellConfig) -> None:
        super().__init__(config)
        first = replace(config, layers=1)
        above = replace(first, inputs=config.hidden)
        self.cells = nn.ModuleList([make_cell(first), *(make_cell(above) for _ in range(config.layers - 1))])

    @property
    def layers(self) -> list[Cell]:
        """The cells, from the inputs up."""
        return [cell for cell in self.cells if isinstance(cell, Cell)]

    @property
    def state_size(self) -> int:
        return sum(layer.state_size for layer in self.layers)

    @property
    def piecewise(self) -> float:
        return self.layers[0].piecewise

    @piecewise.setter
    def piecewise(self, share: float) -> None:
        for layer in self.layers:
            layer.piecewise = share

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        sizes = [layer.state_size for layer in self.layers]
        before = list(state.split(sizes[::-1], dim=1))[::-1]
        after = []
        for layer, own in zip(self.layers, before, strict=True):
            x, own = layer(x, own)
            after.append(own)
        return x, torch.cat(after[::-1], dim=1)

    def input_matrices(self) -> list[nn.Parameter]:
        return [matrix for layer in self.layers for matrix in layer.input_matrices()]

    def recurrent_matrices(self) -> list[nn.Parameter]:
        return [matrix for layer in self.layers for matrix in layer.recurrent_matrices()]
