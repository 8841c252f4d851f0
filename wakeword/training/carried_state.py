"""Carried state: clips begin in the states in which other clips ended.

A stream is endless and has no reset; a word has to be recognized whatever came before it.

Shapes: B clips, N steps, H hidden units, K labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from wakeword.data.keywords import SILENCE, KeywordSet
from wakeword.networks.keyword_net import evidence_after


@dataclass(frozen=True)
class SavedStates:
    """The states of a batch's clips near their ends, for the clips of the next batch to begin in."""

    states: Tensor  # (B, H)
    evidence: Tensor  # (B, K)
    weights: Tensor | None  # (B,), relative frequency with which each is sampled. None: all alike


def save(
    states: Tensor, logits: Tensor, evidence: int, before: Tensor | None, jitter: int, weights: Tensor | None
) -> SavedStates:
    """Save the states `jitter` steps before the clips' ends.

    states: (B, N, H) and logits: (B, N, K), of the clips' last steps.
    evidence: as in `CellConfig`.
    before: the evidence in which the clips began, (B, K).
    """
    at = max(0, states.shape[1] - jitter - 1)
    after = evidence_after(logits[:, : at + 1].detach(), evidence, before)
    return SavedStates(states[:, at].detach(), after, weights)


def silence_weights(targets: Tensor, keywords: KeywordSet, fraction: float) -> Tensor | None:
    """Return weights (B,) by which silent clips are this fraction of all samples. None: all alike.

    targets: (B, K), probabilities of the labels.
    """
    if not fraction or SILENCE not in keywords.labels:
        return None
    silent = targets.argmax(dim=1) == keywords.labels.index(SILENCE)
    count = int(silent.sum())
    if count in (0, len(silent)):
        return None
    return torch.where(silent, fraction / count, (1 - fraction) / (len(silent) - count))


class Start(NamedTuple):
    """What clips begin in. None: zeros."""

    states: Tensor | None = None  # (B, H)
    evidence: Tensor | None = None  # (B, K)
    continued: Tensor | None = None  # (B,), 1 for a clip that begins in the state of another, else 0


def sample(saved: SavedStates | None, count: int, probability: float, generator: torch.Generator) -> Start:
    """Sample what so many clips begin in: saved states with this probability, else zeros."""
    if saved is None or probability == 0:
        return Start()
    if saved.weights is None:
        rows = torch.randint(len(saved.states), (count,), generator=generator)
    else:
        rows = torch.multinomial(saved.weights, count, replacement=True, generator=generator)
    keeps = (torch.rand(count, 1, generator=generator) < probability).to(saved.states.device)
    rows = rows.to(saved.states.device)
    return Start(saved.states[rows] * keeps, saved.evidence[rows] * keeps, keeps[:, 0])
