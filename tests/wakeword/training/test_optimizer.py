"""The optimizer: its learning rate over a run, what decays, and the moving average of the weights."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from wakeword.training.config import Optimization
from wakeword.training.optimizer import learning_rate, make_optimizer, set_learning_rate, update_average

EPOCHS = 30


def test_the_learning_rate_warms_up_and_falls_to_zero() -> None:
    rates = [learning_rate(0.01, step / 300 * EPOCHS, EPOCHS) for step in range(301)]
    top = int(np.argmax(rates))
    assert 0 < top < 30 and max(rates) == pytest.approx(0.01, rel=0.02)
    assert rates[0] < 0.1 * max(rates) and rates[-1] == pytest.approx(0)
    assert all(later <= earlier for earlier, later in zip(rates[top:], rates[top + 1 :], strict=False))


@pytest.mark.parametrize("name", ["adam", "momentum"])
def test_only_matrices_decay(name: Any) -> None:
    network = nn.Linear(3, 2)
    before = network.weight.detach().clone(), network.bias.detach().clone()
    optimizer = make_optimizer(network, Optimization(name, weight_decay=0.5))
    set_learning_rate(optimizer, 0.1)
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    assert network.weight.norm() < before[0].norm()
    assert torch.equal(network.bias, before[1])


def test_the_average_moves_by_one_minus_its_decay_and_copies_integers() -> None:
    average, network = (nn.BatchNorm1d(2) for _ in range(2))
    with torch.no_grad():
        network.weight.fill_(5)
    assert network.num_batches_tracked is not None
    network.num_batches_tracked.fill_(7)
    update_average(average, network, decay=0.75)
    assert average.weight.tolist() == [2, 2]  # one, and a quarter of the way to five
    assert average.num_batches_tracked is not None and int(average.num_batches_tracked) == 7
