"""What all teachers are: a large network from the features of whole clips to classes. It never leaves the computer.

Shapes: B clips, T frames, D bands.
"""

from __future__ import annotations

from torch import Tensor, nn


class Teacher(nn.Module):
    """Per-band normalization, before a network that each kind of teacher has for itself."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: Tensor, deviation: Tensor) -> None:
        """Keep the mean and the deviation (D,) of the features in log2."""
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)

    def image(self, features: Tensor) -> Tensor:
        """Return features (B, T, D) in log2, normalized, as images of one channel: (B, 1, D, T)."""
        return ((features - self.mean) / self.deviation).transpose(1, 2)[:, None]

    def forward(self, features: Tensor) -> Tensor:
        """Map features (B, T, D) in log2 to logits (B, classes)."""
        raise NotImplementedError
