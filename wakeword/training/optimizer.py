"""The optimizer, its learning rate over a run, and the moving average of a network's weights."""

from __future__ import annotations

import math

import torch
from torch import nn

from wakeword.training.adamw import AdamW
from wakeword.training.config import Optimization

Optimizer = AdamW | torch.optim.Optimizer


def make_optimizer(network: nn.Module, config: Optimization) -> Optimizer:
    """Return AdamW, or SGD with a Nesterov momentum of 0.9.

    Only matrices decay: biases and scalars set what units do at rest, not how strongly they drive each other.
    """
    groups = [
        {"params": [p for p in network.parameters() if p.dim() > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in network.parameters() if p.dim() <= 1], "weight_decay": 0.0},
    ]
    if config.optimizer == "momentum":
        return torch.optim.SGD(groups, lr=config.learning_rate, momentum=0.9, nesterov=True)
    return AdamW(groups, lr=config.learning_rate)


def learning_rate(peak: float, epoch: float, epochs: int) -> float:
    """Return the learning rate at a point of a run: a warm-up of two epochs, then half a cosine down to 0.

    epoch: epochs done, with a fraction for the batches of the current one.
    """
    progress = epoch / epochs
    warm_up = min(1.0, progress * epochs / 2 + 0.05)
    return peak * warm_up * (1 + math.cos(math.pi * progress)) / 2


def set_learning_rate(optimizer: Optimizer, rate: float) -> None:
    """Set the learning rate of all parameters."""
    for group in optimizer.param_groups:
        group["lr"] = rate


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move an exponential moving average (EMA) of a network's weights and buffers one step towards the network.

    decay: fraction of the average that stays. Integer buffers are copied.
    """
    for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if value.dtype.is_floating_point:
            mean.lerp_(value, 1 - decay)
        else:
            mean.copy_(value)
