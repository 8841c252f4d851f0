"""Iterative hard thresholding (Blumensath & Davies 2009), as the paper's second and third stages use it.

A projection keeps the largest entries of each low-rank factor and makes the rest zero. Between projections only
the kept entries, the support, move; the step before a projection moves all of them, so that an entry outside
the support can come back.
"""

from __future__ import annotations

import torch
from torch import Tensor

from wakeword.networks.keyword_net import KeywordNet


def factors(net: KeywordNet) -> list[Tensor]:
    """The matrices that become sparse: the factors of W and U. The classifier stays dense."""
    return [*net.cell.input_matrices(), *net.cell.recurrent_matrices()]


def largest(matrix: Tensor, density: float) -> Tensor:
    """Boolean support of the round(density * size) entries of largest magnitude, at least one."""
    kept = max(1, round(density * matrix.numel()))
    order = matrix.detach().abs().flatten().argsort(descending=True, stable=True)
    support = torch.zeros(matrix.numel(), dtype=torch.bool, device=matrix.device)
    support[order[:kept]] = True
    return support.reshape(matrix.shape)


class Supports:
    """The supports of a model's factors."""

    def __init__(self, net: KeywordNet, density: float) -> None:
        self._factors = factors(net)
        self._density = density
        self.masks: list[Tensor] = []

    def project(self) -> None:
        """Choose the supports anew, and apply them."""
        self.masks = [largest(factor, self._density) for factor in self._factors]
        self.apply()

    def apply(self) -> None:
        """Make all outside the supports zero."""
        with torch.no_grad():
            for factor, mask in zip(self._factors, self.masks, strict=True):
                factor.mul_(mask)
