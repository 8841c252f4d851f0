"""Smooth random curves: gains over bands, and the pace along a clip."""

from __future__ import annotations

import math

import torch
from torch import Tensor

_COSINES = 6  # so few that a curve rises and falls over several mel bands


def random_curves(clips: int, places: int, deviation: float, generator: torch.Generator) -> Tensor:
    """Draw a curve for each clip, (clips, places).

    A curve is a sum of cosines over the places; the k-th has a normal amplitude of variance proportional to 1 / k, so
    that neighbours differ little. deviation: standard deviation of the curve.
    """
    numbers = torch.arange(1, _COSINES + 1)
    shapes = torch.cos(math.pi * numbers[:, None] * (torch.arange(places) + 0.5) / places)
    scale = numbers**-0.5 * deviation * math.sqrt(2 / float((1 / numbers).sum()))
    return torch.randn(clips, _COSINES, generator=generator) * scale @ shapes
