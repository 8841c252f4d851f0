"""Regularizers of the paper's Appendix H beside weight decay, after Merity et al. 2017.

Two are terms of the loss; weight dropping is a context around a batch's forward and backward pass. The fourth, a second
layer, is `CellConfig.layers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn


def activation_penalty(states: Tensor) -> Tensor:
    """Return the activation regularization: the mean square of hidden states (B, T, H)."""
    return states.square().mean()


def temporal_penalty(states: Tensor) -> Tensor:
    """Return the temporal activation regularization: the mean square of the changes of hidden states (B, T, H).

    It is zero for one frame.
    """
    if states.shape[1] < 2:
        return states.new_zeros(())
    return (states[:, 1:] - states[:, :-1]).square().mean()


def penalty(states: Tensor, activation: float, temporal: float) -> Tensor:
    """Return the weighted sum of both; a weight of zero computes nothing."""
    total = states.new_zeros(())
    if activation:
        total = total + activation * activation_penalty(states)
    if temporal:
        total = total + temporal * temporal_penalty(states)
    return total


@contextmanager
def dropped(matrices: Sequence[nn.Parameter], probability: float, generator: torch.Generator) -> Iterator[None]:
    """Drop weights (DropConnect): inside, each entry is 0 with this probability, and the others are scaled up.

    The expectation stays the same. One draw serves all frames of all clips. Both the forward and the backward pass
    belong inside; afterwards the entries have their values again. A probability of 0 changes and draws nothing. Raises
    ValueError for a probability outside 0 to 1, 1 excluded.
    """
    if not 0 <= probability < 1:
        raise ValueError(f"a probability of {probability} is outside 0 to 1")
    if probability == 0:
        yield
        return
    masks = [_mask(matrix, probability, generator) for matrix in matrices]
    values = [matrix.detach().clone() for matrix in matrices]
    # An entry's gradient is the gradient of its masked value, times the mask.
    hooks = [matrix.register_hook(mask.mul) for matrix, mask in zip(matrices, masks, strict=True)]
    try:
        _overwrite(matrices, [value * mask for value, mask in zip(values, masks, strict=True)])
        yield
    finally:
        _overwrite(matrices, values)
        for hook in hooks:
            hook.remove()


@torch.no_grad()
def _overwrite(matrices: Sequence[nn.Parameter], values: Sequence[Tensor]) -> None:
    for matrix, value in zip(matrices, values, strict=True):
        matrix.copy_(value)


def _mask(matrix: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Draw a mask of zeros and 1 / (1 - probability)."""
    drawn = torch.rand(matrix.shape, generator=generator).to(matrix)
    return (drawn >= probability) / (1 - probability)
