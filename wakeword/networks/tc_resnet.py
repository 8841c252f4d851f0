"""A teacher that is a temporal convolution network in the manner of TC-ResNet (Choi et al. 2019, arXiv:1904.03814).

Bands are channels; residual blocks of wide one-dimensional convolutions halve the time axis; the mean over time is
classified.

Shapes: B clips, T frames, D bands, C channels.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional

from wakeword.networks.teacher import Teacher


class Block(nn.Module):
    """Two convolutions over time beside a shortcut; it maps (B, C, T) to (B, C', T / 2)."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.first = nn.Sequential(
            nn.Conv1d(channels, width, 9, stride=2, padding=4, bias=False), nn.BatchNorm1d(width), nn.ReLU()
        )
        self.second = nn.Sequential(nn.Conv1d(width, width, 9, padding=4, bias=False), nn.BatchNorm1d(width))
        self.shortcut = nn.Sequential(nn.Conv1d(channels, width, 1, stride=2, bias=False), nn.BatchNorm1d(width))
        self.dropout = nn.Dropout1d(0.1)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.shortcut(x) + self.dropout(self.second(self.first(x))))


class TcResNet(Teacher):
    """Two convolutions over bands and frames, then blocks over time; the mean over time is classified."""

    def __init__(self, widths: tuple[int, ...], classes: int, mean: Tensor, deviation: Tensor) -> None:
        """Initialize the weights. mean and deviation: (D,), of the features in log2; D is a multiple of 4."""
        super().__init__(mean, deviation)
        # Two-dimensional convolutions first: they respond alike to a voice that is a band higher.
        self.stem = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=(2, 1), padding=2, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 16, 3, stride=(2, 1), padding=1, groups=4, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        )  # fmt: skip
        bands = 16 * len(mean) // 4
        self.narrow = nn.Sequential(
            nn.Conv1d(bands, widths[0], 3, padding=1, bias=False), nn.BatchNorm1d(widths[0]), nn.ReLU()
        )
        self.blocks = nn.Sequential(*(Block(a, b) for a, b in pairwise(widths)))
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(widths[-1], classes))

    def forward(self, features: Tensor) -> Tensor:
        x = self.narrow(self.stem(self.image(features)).flatten(1, 2))
        logits: Tensor = self.head(self.blocks(x).mean(dim=2))
        return logits
