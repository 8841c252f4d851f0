"""SpecAugment (Park et al. 2019, arXiv:1904.08779): stretches of bands and of frames are hidden from a network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class SpecAugment:
    """How much of a clip may be hidden: `count` times at most `bands` bands, and as often at most `frames` frames."""

    count: int = 0
    bands: int = 6
    frames: int = 15


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
