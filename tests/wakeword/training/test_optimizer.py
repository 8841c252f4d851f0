"""The optimizer: its learning rate over a run, what decays, and the moving average of the weights."""

import sys
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.processes import run
from tests.signals import ROOT
from wakeword.training.adamw import AdamW
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


def _groups(network: nn.Module) -> list[dict[str, Any]]:
    weight, bias, unused = network.parameters()
    return [{"params": [weight, unused], "weight_decay": 0.3}, {"params": [bias], "weight_decay": 0.0}]


def _step(optimizer: Any, network: nn.Sequential, number: int) -> None:
    set_learning_rate(optimizer, 0.1 / (1 + number))
    optimizer.zero_grad()
    generator = torch.Generator().manual_seed(number)
    network[0](torch.randn(9, 5, generator=generator)).square().mean().backward()
    optimizer.step()


def test_adamw_is_that_of_torch_and_goes_on_from_a_state_of_either() -> None:
    networks = [nn.Sequential(nn.Linear(5, 7), nn.Linear(1, 1, bias=False)) for _ in range(2)]
    networks[1].load_state_dict(networks[0].state_dict())
    ours, theirs = AdamW(_groups(networks[0]), lr=0.1), torch.optim.AdamW(_groups(networks[1]), lr=0.1)
    for number in range(20):
        if number == 7:
            state = theirs.state_dict()
            ours, theirs = AdamW(_groups(networks[0]), lr=0.1), torch.optim.AdamW(_groups(networks[1]), lr=0.1)
            ours.load_state_dict(state)
            theirs.load_state_dict(state)
        elif number == 13:
            state = ours.state_dict()
            ours = AdamW(_groups(networks[0]), lr=0.1)
            ours.load_state_dict(state)
        for optimizer, network in ((ours, networks[0]), (theirs, networks[1])):
            _step(optimizer, network, number)
        for own, other in zip(networks[0].parameters(), networks[1].parameters(), strict=True):
            assert torch.equal(own, other), number


def test_a_training_loads_no_compiler_of_torch() -> None:
    program = """
import sys
from torch import nn
from wakeword.training.config import Optimization
from wakeword.training.optimizer import make_optimizer
optimizer = make_optimizer(nn.Linear(1, 1), Optimization())
optimizer.zero_grad()
optimizer.step()
assert "torch._dynamo" not in sys.modules
"""
    done = run([sys.executable, "-c", program], cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_the_average_moves_by_one_minus_its_decay_and_copies_integers() -> None:
    average, network = (nn.BatchNorm1d(2) for _ in range(2))
    with torch.no_grad():
        network.weight.fill_(5)
    assert network.num_batches_tracked is not None
    network.num_batches_tracked.fill_(7)
    update_average(average, network, decay=0.75)
    assert average.weight.tolist() == [2, 2]  # one, and a quarter of the way to five
    assert average.num_batches_tracked is not None and int(average.num_batches_tracked) == 7
