"""A teacher that is a residual network (He et al. 2016, arXiv:1512.03385) over bands and frames.

As in Tang and Lin 2018 (arXiv:1710.10361), a clip's features are an image. Here strides halve it, so that deep layers
are wide and cheap.

Shapes: B clips, D bands, T frames, C channels.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from wakeword.networks.teacher import Teacher

_BLOCKS = 2  # of each width


class Block(nn.Module):
    """Two convolutions beside a shortcut; it maps (B, C, D, T) to (B, C', D / stride, T / stride)."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Sequential(
            nn.Conv2d(channels, width, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))
        self.shortcut: nn.Module = nn.Identity()
        if channels != width or stride != 1:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, width, 1, stride=stride, bias=False), nn.BatchNorm2d(width)
            )
        self.dropout = nn.Dropout2d(0.1)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.shortcut(x) + self.dropout(self.second(self.first(x))))


class ResNet(Teacher):
    """Blocks of each width, the first of them with a stride of two; the mean of the image is classified."""

    def __init__(self, widths: tuple[int, ...], classes: int, mean: Tensor, deviation: Tensor) -> None:
        """Initialize the weights. mean and deviation: (D,), of the features in log2."""
        super().__init__(mean, deviation)
        self.stem = nn.Sequential(
            nn.Conv2d(1, widths[0], 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        blocks = [Block(widths[0], widths[0], stride=1) for _ in range(_BLOCKS)]
        for narrow, wide in pairwise(widths):
            blocks += [Block(narrow, wide, stride=2), *(Block(wide, wide, stride=1) for _ in range(_BLOCKS - 1))]
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(widths[-1], classes))

    def forward(self, features: Tensor) -> Tensor:
        x = self.image(features).contiguous(memory_format=torch.channels_last)  # the fastest on a CPU
        logits: Tensor = self.head(self.blocks(self.stem(x)).mean(dim=(2, 3)))
        return logits
