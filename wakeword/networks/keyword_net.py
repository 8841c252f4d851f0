"""Normalised features to logits: what training trains. The cells, each its equations, are in `wakeword.networks`.

Shapes: B clips, T frames, D inputs, H hidden units, S numbers of carried state, K labels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from wakeword.networks import fused
from wakeword.networks.config import CellConfig
from wakeword.networks.registry import make_cell


def stacked(x: Tensor, frames_per_step: int) -> Tensor:
    """Frames (B, T, D) as steps of `frames_per_step` of them (B, T // frames_per_step, D * frames_per_step)."""
    steps = x.shape[1] // frames_per_step
    return x[:, : steps * frames_per_step].reshape(len(x), steps, -1)


def evidence_after(logits: Tensor, evidence: int, before: Tensor | None = None) -> Tensor:
    """The last of what `KeywordNet.evidence` gives, as one sum: logits (B, N, K) to (B, K).

    before: the evidence that the steps set out from, (B, K), or zeros.
    """
    share, steps = 2.0**-evidence, logits.shape[1]
    weights = share * (1 - share) ** torch.arange(steps - 1, -1, -1, dtype=logits.dtype, device=logits.device)
    after = torch.einsum("n,bnk->bk", weights, logits)
    return after if before is None else after + (1 - share) ** steps * before


def evidence_at(logits: Tensor, evidence: int, before: Tensor | None = None) -> Tensor:
    """`KeywordNet.evidence` as one product: logits (B, N, K) to (B, N, K); before as in `evidence_after`."""
    keeps, steps = 1 - 2.0**-evidence, torch.arange(logits.shape[1], dtype=logits.dtype, device=logits.device)
    ages = steps[:, None] - steps
    weights = torch.where(ages >= 0, (1 - keeps) * keeps ** ages.clamp(min=0), 0)
    at = torch.einsum("mn,bnk->bmk", weights, logits)
    return at if before is None else at + keeps ** (steps[:, None] + 1) * before[:, None]


class KeywordNet(nn.Module):
    """Normalised features to logits: per-band normalisation, a cell over the frames, a linear classifier."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, config: CellConfig, labels: int, mean: Tensor, deviation: Tensor) -> None:
        """mean and deviation: (D,), of the features in log2.

        Raises WakewordError for a configuration that no cell has.
        """
        super().__init__()
        self.config = config
        self.cell = make_cell(config)
        # What learns as an average of many steps moves slowly, so that the logits of one step have to be large.
        self.gain = 4 if config.evidence else 1
        self.fused = True  # the recurrence by the compiled kernel, where there is one for the cell
        self.head = nn.Linear(config.hidden, labels)
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)

    def run(self, features: Tensor, state: Tensor | None = None, first: int = 0) -> tuple[Tensor, Tensor]:
        """features (B, T, D) in log2, and the state to begin in (B, S) or zeros, to the hidden states from step
        `first` on (B, N - first, H), and the state to go on from (B, S). For most cells that is h_N; `Cell` says what
        it is for the others. N = T // config.frames_per_step; frames that fill no step are left out.
        """
        x = stacked((features - self.mean) / self.deviation, self.config.frames_per_step)
        if state is None:
            state = x.new_zeros(len(x), self.cell.state_size)
        if self.fused and fused.takes(self.cell, x):
            states = fused.run_cell(self.cell, x, state, first)
            return states, states[:, -1]
        states, last = self.cell(x, state)
        return states[:, first:], last

    def states(self, features: Tensor, state: Tensor | None = None, first: int = 0) -> Tensor:
        """The hidden states alone of `run`."""
        return self.run(features, state, first)[0]

    def logits(self, states: Tensor) -> Tensor:
        """Hidden states (..., H) to the logits of these steps by themselves (..., K)."""
        logits: Tensor = self.gain * self.head(states)
        return logits

    def evidence(self, logits: Tensor) -> Tensor:
        """The evidence at each of a stream's first steps, from their logits, both (B, N, K); its softmax is posteriors.

        A leaky average with a time constant of 2**config.evidence steps. It remembers for the network: a hidden state
        that forgets within half a second, as an endless stream asks for, has to notice a word only when it passes.
        """
        return evidence_at(logits, self.config.evidence)

    def forward(self, features: Tensor) -> Tensor:
        """features (B, T, D) in log2 to the evidence of the last step (B, K)."""
        return evidence_after(self.logits(self.states(features)), self.config.evidence)
