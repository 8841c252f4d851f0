"""Iterative hard thresholding (Blumensath and Davies 2009), as in the paper's second and third stages.

A projection keeps the largest entries of each low-rank factor and sets the rest to zero. Between projections only the
kept entries, the support, move; the step before a projection moves all, so that an entry can enter the support again.
"""

from __future__ import annotations

import torch
from torch import Tensor

from wakeword.networks.keyword_net import KeywordNet


def factors(net: KeywordNet) -> list[Tensor]:
    """Return the matrices that become sparse: the factors of W and U. The classifier stays dense."""
    return [*net.cell.input_matrices(), *net.cell.recurrent_matrices()]


def largest(matrix: Tensor, density: float) -> Tensor:
    """Return a mask of the round(density * size) entries of largest magnitude, at least one."""
    kept = max(1, round(density * matrix.numel()))
    order = matrix.detach().abs().flatten().argsort(descending=True, stable=True)
    mask = torch.zeros(matrix.numel(), dtype=torch.bool, device=matrix.device)
    mask[order[:kept]] = True
    return mask.reshape(matrix.shape)


class Masks:
    """The masks of a network's factors: true for the entries of the support."""

    def __init__(self, net: KeywordNet, density: float) -> None:
        self._factors = factors(net)
        self._density = density
        self.masks: list[Tensor] = []

    def project(self) -> None:
        """Choose the masks anew, and apply them."""
        self.masks = [largest(factor, self._density) for factor in self._factors]
        self.apply()

    def apply(self) -> None:
        """Set all entries outside the masks to zero."""
        with torch.no_grad():
            for factor, mask in zip(self._factors, self.masks, strict=True):
                factor.mul_(mask)
