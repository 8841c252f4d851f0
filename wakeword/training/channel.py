"""Microphones, rooms and mouths weigh the bands each in their own way: a network should hear through any of them."""

from __future__ import annotations

import math

import torch
from torch import Tensor

_COSINES = 6  # as many as make a gain that goes up and down over a few mel bands at most


def random_channel(features: Tensor, deviation: float, generator: torch.Generator) -> Tensor:
    """features (B, T, D) in log2, each clip heard through a channel of its own: a gain for each band, constant in time.

    The gain is a sum of cosines over the bands, the k-th of them with a normal amplitude of variance proportional to
    1 / k, so that neighbours differ little. deviation: of the gain, in log2; 0 leaves the features as they are.
    """
    if not deviation:
        return features
    clips, _, bands = features.shape
    numbers = torch.arange(1, _COSINES + 1)
    shapes = torch.cos(math.pi * numbers[:, None] * (torch.arange(bands) + 0.5) / bands)
    scale = numbers**-0.5 * deviation * math.sqrt(2 / float((1 / numbers).sum()))
    gains = torch.randn(clips, _COSINES, generator=generator) * scale @ shapes
    return features + gains[:, None].to(features.device)
