"""A larger network that teaches the small one (distillation: Hinton et al. 2015, arXiv:1503.02531).

A temporal convolution network in the manner of TC-ResNet (Choi et al. 2019, arXiv:1904.03814): bands are channels,
residual blocks of wide one-dimensional convolutions halve the time axis, their mean over time is classified. Its
half a million weights never leave the computer. It learns every word of the data as a class of its own, so that it
finds out what sets words apart, not what ten of them look like.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from wakeword.data.augment import Augmentation
from wakeword.training.channel import random_channel
from wakeword.training.feature_augment import SpecAugment, spec_augment

# Much of everything: a large network with few clips of a word has to be kept from learning them by heart.
_STRONG = Augmentation(
    noise_probability=0.7, snr_db=(0, 30), speed_probability=0.6, speed=(0.85, 1.18), gain_db=(-12, 6)
)


_CPU = torch.device("cpu")


@dataclass(frozen=True)
class TeacherConfig:
    """How a teacher is made and trained."""

    widths: tuple[int, ...] = (48, 64, 96, 128)  # channels of the first convolution and of each block
    epochs: int = 60
    batch_size: int = 100
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    mixup: float = 0.3  # alpha of the Beta distribution that two clips are mixed by (Zhang et al. 2018)
    clips_per_word: int = 450
    unknown: float = 0.6  # clips of other words for an epoch, relative to its keyword clips
    silence: float = 0.08
    augmentation: Augmentation = _STRONG
    masks: SpecAugment = field(default_factory=lambda: SpecAugment(count=2))
    channel: float = 0.0  # deviation of the gain over the bands that clips are heard with (channel.py)
    seed: int = 0  # its own: networks of several seeds may learn from one teacher


class Block(nn.Module):
    """Two convolutions over time beside a shortcut, at half the frame rate; (B, C, T) to (B, C', T / 2)."""

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


class Teacher(nn.Module):
    """Features to logits of whole clips."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, widths: tuple[int, ...], classes: int, mean: Tensor, deviation: Tensor) -> None:
        """mean and deviation: (D,), of the features in log2; D is a multiple of 4."""
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        # Two-dimensional convolutions first, which don't mind a voice that is a band higher.
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
        """features (B, T, D) in log2 to logits (B, classes)."""
        x = ((features - self.mean) / self.deviation).transpose(1, 2)
        x = self.narrow(self.stem(x[:, None]).flatten(1, 2))
        logits: Tensor = self.head(self.blocks(x).mean(dim=2))
        return logits


def posteriors(teacher: Teacher, features: Tensor) -> Tensor:
    """What a trained teacher says of clips: features (n, T, D) to (n, classes). The teacher must be in eval mode."""
    device = teacher.mean.device
    with torch.no_grad(), _half_precision(device):
        return torch.cat([teacher(part.to(device)).float().softmax(dim=1).cpu() for part in features.split(256)])


@dataclass
class Pupil:
    """A teacher that still learns. What teaches in the end is the moving average of its weights."""

    network: Teacher
    average: Teacher
    optimiser: torch.optim.Optimizer
    next_epoch: int = 0

    @classmethod
    def begin(
        cls, config: TeacherConfig, classes: int, mean: Tensor, deviation: Tensor, device: torch.device = _CPU
    ) -> Pupil:
        """A fresh one, by torch's random state on the CPU."""
        network = Teacher(config.widths, classes, mean, deviation).to(device)
        optimiser = torch.optim.AdamW(network.parameters(), config.learning_rate, weight_decay=config.weight_decay)
        return cls(network, deepcopy(network).eval(), optimiser)

    def state_dict(self) -> dict[str, Any]:
        """All that `load_state_dict` needs to go on to the same bits."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "next_epoch": self.next_epoch,
        }

    def load_state_dict(self, content: dict[str, Any]) -> None:
        self.network.load_state_dict(content["network"])
        self.average.load_state_dict(content["average"])
        self.optimiser.load_state_dict(content["optimiser"])
        self.next_epoch = content["next_epoch"]


def train_epoch(
    pupil: Pupil,
    features: Tensor,
    classes: Tensor,
    config: TeacherConfig,
    step: Callable[[float, float], None] = lambda share, loss: None,
) -> float:
    """One epoch over features (n, T, D) in log2 and classes (n,); calls `step` with the share done and the mean loss
    after each batch, and returns the latter.
    """
    generator = torch.Generator().manual_seed(config.seed * 100_003 + pupil.next_epoch)
    torch.manual_seed(config.seed * 100_003 + pupil.next_epoch)  # of the dropout
    pupil.network.train()
    batches = max(1, len(classes) // config.batch_size)
    device, total = pupil.network.mean.device, 0.0
    for batch in range(batches):
        rows = slice(batch * config.batch_size, (batch + 1) * config.batch_size)
        for group in pupil.optimiser.param_groups:
            group["lr"] = _learning_rate(config, pupil.next_epoch + batch / batches)
        x = random_channel(features[rows].to(device), config.channel, generator)
        x = spec_augment(x, pupil.network.mean, config.masks, generator)
        loss = _mixed_loss(pupil.network, x, classes[rows].to(device), config, generator)
        pupil.optimiser.zero_grad()
        loss.backward()
        pupil.optimiser.step()
        _follow(pupil.average, pupil.network, pupil.next_epoch * batches + batch)
        total += float(loss.detach())
        step((batch + 1) / batches, total / (batch + 1))
    pupil.next_epoch += 1
    return total / batches


def _learning_rate(config: TeacherConfig, epoch: float) -> float:
    warm_up = min(1.0, epoch / 2 + 0.05)
    return config.learning_rate * warm_up * (1 + math.cos(math.pi * epoch / config.epochs)) / 2


def _mixed_loss(
    teacher: Teacher, x: Tensor, classes: Tensor, config: TeacherConfig, generator: torch.Generator
) -> Tensor:
    """Cross entropy of clips that are each mixed with another, towards both classes in the same proportion."""
    share = _beta(config.mixup, generator) if config.mixup else 1.0
    other = torch.randperm(len(x), generator=generator).to(x.device)
    with _half_precision(x.device):
        logits = teacher(share * x + (1 - share) * x[other]).float()
    smoothing = config.label_smoothing
    own = functional.cross_entropy(logits, classes, label_smoothing=smoothing)
    return share * own + (1 - share) * functional.cross_entropy(logits, classes[other], label_smoothing=smoothing)


def _beta(alpha: float, generator: torch.Generator) -> float:
    """A draw from Beta(alpha, alpha), as a ratio of two Gamma draws."""
    a, b = torch._standard_gamma(torch.full((2,), alpha), generator=generator).tolist()
    return a / (a + b) if a + b > 0 else 1.0


def _half_precision(device: torch.device) -> torch.autocast:
    """bfloat16 where the device computes in it; elsewhere it would only be slow."""
    on_cpu = device.type == "cpu"
    able = torch.ops.mkldnn._is_mkldnn_bf16_supported() if on_cpu else torch.cuda.is_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=able)


def _follow(average: Teacher, teacher: Teacher, step: int) -> None:
    decay = min(0.998, 1 - 1 / (10 + step))
    with torch.no_grad():
        for mean, value in zip(average.state_dict().values(), teacher.state_dict().values(), strict=True):
            if value.dtype.is_floating_point:
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)
