"""Clips that go on where others have ended: an endless stream has no reset, and a word is to be named whatever came
before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from wakeword.data.keywords import SILENCE, KeywordSet
from wakeword.networks.keyword_net import evidence_after


@dataclass(frozen=True)
class Left:
    """What the clips of a batch leave, for others to go on from."""

    states: Tensor  # (B, H)
    evidence: Tensor  # (B, K)
    weights: Tensor | None  # (B,), how often each is drawn; None: all alike


def leave(
    states: Tensor, logits: Tensor, evidence: int, before: Tensor | None, early: int, weights: Tensor | None
) -> Left:
    """What clips leave to others that many steps before their end, from the states and logits of their last steps."""
    at = max(0, states.shape[1] - early - 1)
    return Left(states[:, at].detach(), evidence_after(logits[:, : at + 1].detach(), evidence, before), weights)


def after_silence(labels: Tensor, keywords: KeywordSet, share: float) -> Tensor | None:
    """Weights (B,) by which silent clips, of all that leave a state, are drawn as often as that; None: all alike."""
    if not share or SILENCE not in keywords.labels:
        return None
    silent = labels.argmax(dim=1) == keywords.labels.index(SILENCE)
    count = int(silent.sum())
    if count in (0, len(silent)):
        return None
    return torch.where(silent, share / count, (1 - share) / (len(silent) - count))


def carried(
    left: Left | None, count: int, probability: float, generator: torch.Generator
) -> tuple[Tensor | None, Tensor | None]:
    """Initial states and evidence: of each clip, with the given probability, what a clip of the last batch left.

    None for both: all clips begin anew.
    """
    if left is None or probability == 0:
        return None, None
    if left.weights is None:
        giver = torch.randint(len(left.states), (count,), generator=generator)
    else:
        giver = torch.multinomial(left.weights, count, replacement=True, generator=generator)
    keeps = (torch.rand(count, 1, generator=generator) < probability).to(left.states.device)
    giver = giver.to(left.states.device)
    return left.states[giver] * keeps, left.evidence[giver] * keeps
