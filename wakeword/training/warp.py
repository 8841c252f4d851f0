"""Warped features: a clip as another mouth would say it, at a pace that changes along the clip.

Synthetic voices of one engine share their rhythm and their vocal tracts, and a network learns both by heart. Warping
the bands is vocal tract length perturbation (Jaitly and Hinton 2013).

Shapes: B clips, T frames, D bands.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from wakeword.training.random_curve import random_curves

_WARPED = 0.5  # of the clips; straight lines between neighbours smooth what noise is in them


def random_warp(features: Tensor, pace: float, tract: float, generator: torch.Generator) -> Tensor:
    """Warp half of the clips in time and over the bands, each in its own way; features (B, T, D).

    The last frame stays where it is, because a word is detected there; before the first frame, it is repeated. The
    lowest and the highest band stay, and those in the middle move farthest.

    pace: standard deviation, in log2, of the pace along a clip. tract: standard deviation, in bands, of the middle
    band's move. If both are 0, nothing is changed or drawn.
    """
    if not (pace or tract):
        return features
    clips, frames, bands = features.shape
    warped = torch.rand(clips, 1, generator=generator) < _WARPED
    steps = 2 ** (warped * random_curves(clips, frames, pace, generator))  # frames of the clip in one of the result
    to_the_end = steps.flip(1).cumsum(1).flip(1) - steps
    hump = torch.sin(math.pi * torch.arange(bands) / max(1, bands - 1))
    moves = warped * tract * torch.randn(clips, 1, generator=generator) * hump
    in_time = _between(features, (frames - 1 - to_the_end).to(features.device))
    return _between(in_time.mT, (torch.arange(bands) + moves).to(features.device)).mT


def _between(values: Tensor, places: Tensor) -> Tensor:
    """Return values (B, N, M) at places (B, N) of their second axis, by straight lines between neighbours.

    Beyond the ends are the values there.
    """
    last = values.shape[1] - 1
    places = places.clamp(0, last)
    lower = places.floor().long()
    upper = (lower + 1).clamp(max=last)

    def at(index: Tensor) -> Tensor:
        return values.gather(1, index[..., None].expand(-1, -1, values.shape[2]))

    return torch.lerp(at(lower), at(upper), (places - lower)[..., None])
