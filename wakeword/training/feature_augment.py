"""Augmentation of features: warps, a random equalizer, and SpecAugment (Park et al. 2019, arXiv:1904.08779).

Shapes: B clips, T frames, D bands.
"""

from __future__ import annotations

import torch
from torch import Tensor

from wakeword.training.config import FeatureAugmentation, SpecAugment
from wakeword.training.random_curve import random_curves
from wakeword.training.warp import random_warp


def augment_features(features: Tensor, mean: Tensor, config: FeatureAugmentation, generator: torch.Generator) -> Tensor:
    """Warp, equalize, then mask, each clip in its own way; features (B, T, D) in log2, mean (D,)."""
    warped = random_warp(features, config.pace, config.tract, generator)
    equalized = random_equalizer(warped, config.equalizer, generator)
    return spec_augment(equalized, mean, config.masks, generator)


def random_equalizer(features: Tensor, deviation: float, generator: torch.Generator) -> Tensor:
    """Add a random gain over the bands to each clip, constant in time; features (B, T, D) in log2.

    Microphones, rooms and mouths weigh the bands each in their own way, and neighbouring bands alike.
    deviation: standard deviation of the gain, in log2; 0 changes nothing and draws nothing.
    """
    if not deviation:
        return features
    clips, _, bands = features.shape
    return features + random_curves(clips, bands, deviation, generator)[:, None].to(features.device)


def spec_augment(features: Tensor, mean: Tensor, config: SpecAugment, generator: torch.Generator) -> Tensor:
    """Set stretches of bands and of frames to `mean` (D,); features (B, T, D), each clip masked in its own places."""
    clips, frames, bands = features.shape
    masked = torch.zeros(clips, frames, bands, dtype=torch.bool)
    for _ in range(config.count):
        masked |= _stretch(clips, bands, config.bands, generator)[:, None, :]
        masked |= _stretch(clips, frames, config.frames, generator)[:, :, None]
    return torch.where(masked.to(features.device), mean, features)


def _stretch(clips: int, length: int, most: int, generator: torch.Generator) -> Tensor:
    """Draw for each clip a stretch of 0 to `most` neighbours among `length` places, (clips, length) bool."""
    width = torch.randint(min(most, length) + 1, (clips, 1), generator=generator)
    start = (torch.rand(clips, 1, generator=generator) * (length - width + 1)).long()
    at = torch.arange(length)
    return (at >= start) & (at < start + width)
