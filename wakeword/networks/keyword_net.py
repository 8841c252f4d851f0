"""The keyword network: features to logits, and the evidence that its posteriors are computed from.

Shapes: B clips, T frames, D inputs, H hidden units, S numbers of carried state, K labels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from wakeword.networks import fused
from wakeword.networks.config import CellConfig
from wakeword.networks.convolution import Convolution
from wakeword.networks.registry import make_cell


def stacked(x: Tensor, frames_per_step: int) -> Tensor:
    """Stack frames (B, T, D) into steps (B, T // frames_per_step, D * frames_per_step)."""
    steps = x.shape[1] // frames_per_step
    return x[:, : steps * frames_per_step].reshape(len(x), steps, -1)


def evidence_after(logits: Tensor, evidence: int, before: Tensor | None = None) -> Tensor:
    """Return `KeywordNet.evidence` at the last step: logits (B, N, K) to (B, K).

    before: the evidence before the first step, (B, K). None: zeros.
    """
    share, steps = 2.0**-evidence, logits.shape[1]
    weights = share * (1 - share) ** torch.arange(steps - 1, -1, -1, dtype=logits.dtype, device=logits.device)
    after = torch.einsum("n,bnk->bk", weights, logits)
    return after if before is None else after + (1 - share) ** steps * before


def evidence_at(logits: Tensor, evidence: int, before: Tensor | None = None) -> Tensor:
    """Return `KeywordNet.evidence` at all steps: logits (B, N, K) to (B, N, K); before as in `evidence_after`."""
    keeps, steps = 1 - 2.0**-evidence, torch.arange(logits.shape[1], dtype=logits.dtype, device=logits.device)
    ages = steps[:, None] - steps
    weights = torch.where(ages >= 0, (1 - keeps) * keeps ** ages.clamp(min=0), 0)
    at = torch.einsum("mn,bnk->bmk", weights, logits)
    return at if before is None else at + keeps ** (steps[:, None] + 1) * before[:, None]


class KeywordNet(nn.Module):
    """Per-band normalization, a convolution if there is one, a cell over the steps, and a linear classifier."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, config: CellConfig, labels: int, mean: Tensor, deviation: Tensor) -> None:
        """Initialize the weights. mean and deviation: (D,), of the features in log2.

        Raises UsageError for a configuration that no cell has.
        """
        super().__init__()
        self.config = config
        self.convolution = Convolution(config.convolution, config.mel_bands) if config.convolution else None
        self.cell = make_cell(config)
        # An average over many steps moves slowly, so the logits of one step have to be large.
        self.gain = 4 if config.evidence else 1
        self.fused = True  # use the compiled kernel if it has the cell
        self.head = nn.Linear(config.hidden, labels)
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)

    def learns(self, learns: bool) -> None:
        """Choose whether the normalizations of the convolution follow the batches, or keep their statistics."""
        if self.convolution:
            self.convolution.learns = learns

    def inputs(self, features: Tensor, continued: Tensor | None = None) -> Tensor:
        """Map features (B, T, D) in log2 to the inputs of the cell (B, N, inputs); continued as in `run`."""
        x = (features - self.mean) / self.deviation
        return self.convolution(x, continued) if self.convolution else stacked(x, self.config.frames_per_step)

    def run(
        self, features: Tensor, state: Tensor | None = None, first: int = 0, continued: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the hidden states from step `first` on (B, N - first, H), and the state after the last step (B, S).

        features: (B, T, D) in log2. N = T // config.frames_per_step; frames that fill no step are left out.
        state: before the first step, (B, S). None: zeros.
        continued: (B,), 1 for a clip that goes on after others, 0 for one that begins after reset. None: all begin.
        """
        x = self.inputs(features, continued)
        if state is None:
            state = x.new_zeros(len(x), self.cell.state_size)
        if self.fused and fused.takes(self.cell, x):
            states = fused.run_cell(self.cell, x, state, first)
            return states, states[:, -1]
        states, last = self.cell(x, state)
        return states[:, first:], last

    def states(
        self, features: Tensor, state: Tensor | None = None, first: int = 0, continued: Tensor | None = None
    ) -> Tensor:
        """Return the hidden states of `run` alone."""
        return self.run(features, state, first, continued)[0]

    def logits(self, states: Tensor) -> Tensor:
        """Map hidden states (..., H) to the logits of each step (..., K)."""
        logits: Tensor = self.gain * self.head(states)
        return logits

    def evidence(self, logits: Tensor) -> Tensor:
        """Return the evidence at each of a stream's first steps, from their logits, both (B, N, K).

        A leaky average with a time constant of 2**config.evidence steps; its softmax is the posteriors. It remembers
        for the network: a hidden state that forgets within half a second, as an endless stream needs, only has to
        respond while a word passes.
        """
        return evidence_at(logits, self.config.evidence)

    def forward(self, features: Tensor) -> Tensor:
        """Map features (B, T, D) in log2 to the evidence of the last step (B, K)."""
        return evidence_after(self.logits(self.states(features)), self.config.evidence)
