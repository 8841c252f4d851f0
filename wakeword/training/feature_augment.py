"""Augmentation of features: a random equalizer, and SpecAugment (Park et al. 2019, arXiv:1904.08779).

Microphones, rooms and mouths weigh the bands each in their own way; a network has to work through all of them.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from wakeword.training.config import SpecAugment

_COSINES = 6  # as many as make a gain that goes up and down over a few mel bands at most


def random_equalizer(features: Tensor, deviation: float, generator: torch.Generator) -> Tensor:
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


def spec_augment(features: Tensor, mean: Tensor, config: SpecAugment, generator: torch.Generator) -> Tensor:
    """features (B, T, D) with what is hidden set to `mean` (D,); each clip is masked in its own places."""
    clips, frames, bands = features.shape
    hidden = torch.zeros(clips, frames, bands, dtype=torch.bool)
    for _ in range(config.count):
        hidden |= _stretch(clips, bands, config.bands, generator)[:, None, :]
        hidden |= _stretch(clips, frames, config.frames, generator)[:, :, None]
    return torch.where(hidden.to(features.device), mean, features)


def _stretch(clips: int, length: int, most: int, generator: torch.Generator) -> Tensor:
    """For each clip 0 to `most` neighbours among `length` places, (clips, length) bool."""
    width = torch.randint(min(most, length) + 1, (clips, 1), generator=generator)
    start = (torch.rand(clips, 1, generator=generator) * (length - width + 1)).long()
    at = torch.arange(length)
    return (at >= start) & (at < start + width)
