"""The cells are the paper's equations (Kusupati et al. 2018), written here a second time, one unit at a time."""

import math
from typing import Any

import pytest
import torch

from wakeword.networks import cell
from wakeword.networks.cell import LowRank, hard_sigmoid, hard_tanh
from wakeword.networks.config import CellConfig, Gate, Kind
from wakeword.networks.fastgrnn import FastGRNN, FastRNN
from wakeword.networks.keyword_net import KeywordNet, evidence_after, evidence_at


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def whole(matrix: LowRank) -> torch.Tensor:
    first, *rest = matrix.factors
    return first @ rest[0] if rest else first


@pytest.mark.parametrize("ranks", [(None, None), (3, 4)])
@torch.no_grad()
def test_fastrnn_is_equation_2(ranks: Any) -> None:
    torch.manual_seed(0)
    config = CellConfig("fastrnn", inputs=5, hidden=6, rank_w=ranks[0], rank_u=ranks[1], piecewise=False)
    cell = FastRNN(config)
    x, h = torch.randn(1, 5), torch.randn(1, 6)
    alpha, beta = sigmoid(-3), sigmoid(3)
    w, u = whole(cell.w), whole(cell.u)
    for unit, value in enumerate(cell.step(cell.w(x), h)[0]):
        candidate = math.tanh(float(w[unit] @ x[0] + u[unit] @ h[0] + cell.bias[unit]))
        assert float(value) == pytest.approx(alpha * candidate + beta * float(h[0, unit]), abs=1e-6)


@pytest.mark.parametrize("gate", ["sigmoid", "tanh"])
@pytest.mark.parametrize("piecewise", [False, True])
@torch.no_grad()
def test_fastgrnn_is_equation_6(gate: Gate, piecewise: bool) -> None:
    torch.manual_seed(1)
    config = CellConfig(inputs=5, hidden=6, rank_w=3, rank_u=4, gate=gate, piecewise=piecewise)
    cell = FastGRNN(config)
    cell.bias_gate.copy_(torch.randn(6))
    cell.bias_update.copy_(torch.randn(6))
    x, h = torch.randn(1, 5), torch.randn(1, 6)
    zeta, nu = sigmoid(float(cell.zeta_logit)), sigmoid(float(cell.nu_logit))
    tanh = (lambda v: max(-1.0, min(1.0, v))) if piecewise else math.tanh
    logistic = (lambda v: max(0.0, min(1.0, 0.5 + v / 4))) if piecewise else sigmoid
    w, u = whole(cell.w), whole(cell.u)
    for unit, value in enumerate(cell.step(cell.w(x), h)[0]):
        shared = float(w[unit] @ x[0] + u[unit] @ h[0])
        z = min(1 - 3 / 128, (tanh if gate == "tanh" else logistic)(shared + float(cell.bias_gate[unit])))
        candidate = tanh(shared + float(cell.bias_update[unit]))
        wanted = (zeta * (1 - z) + nu) * candidate + z * float(h[0, unit])
        assert float(value) == pytest.approx(wanted, abs=1e-6)


def test_piecewise_functions_touch_the_smooth_ones_at_zero_and_at_the_ends() -> None:
    x = torch.tensor([-9.0, -2.0, 0.0, 2.0, 9.0])
    assert hard_sigmoid(x).tolist() == [0, 0, 0.5, 1, 1]
    assert hard_tanh(x / 2).tolist() == [-1, -1, 0, 1, 1]
    near = torch.tensor([-1e-3, 1e-3])
    assert torch.allclose(hard_sigmoid(near), torch.sigmoid(near), atol=1e-8)
    assert torch.allclose(hard_tanh(near), torch.tanh(near), atol=1e-8)


def test_between_smooth_and_piecewise_linear_lies_their_mixture() -> None:
    x = torch.linspace(-4, 4, 33)
    assert torch.allclose(cell.tanh(x, 0.25), 0.75 * torch.tanh(x) + 0.25 * hard_tanh(x))
    assert torch.allclose(cell.sigmoid(x, 0.25), 0.75 * torch.sigmoid(x) + 0.25 * hard_sigmoid(x))


@pytest.mark.parametrize("kind", ["fastgrnn", "fastrnn"])
def test_a_stream_cut_in_two_has_the_same_states(kind: Kind) -> None:
    torch.manual_seed(2)
    net = KeywordNet(CellConfig(kind, hidden=8, rank_w=4, rank_u=4), 3, torch.zeros(32), torch.ones(32))
    features = torch.randn(2, 20, 32)
    states = net.states(features)
    assert states.shape == (2, 20, 8)
    assert torch.allclose(net.states(features[:, 7:], states[:, 6]), states[:, 7:], atol=1e-6)
    assert torch.allclose(net(features), net.head(states[:, -1]))


@pytest.mark.parametrize("evidence", [0, 1, 4])
def test_evidence_is_a_leaky_average_of_the_logits(evidence: int) -> None:
    torch.manual_seed(5)
    config = CellConfig(hidden=8, rank_w=4, rank_u=4, evidence=evidence)
    net = KeywordNet(config, 3, torch.zeros(32), torch.ones(32))
    features = torch.randn(2, 20, 32)
    logits = net.logits(net.states(features))
    average, share = torch.zeros(2, 3), 1 / 2**evidence
    for step in range(20):
        average = share * logits[:, step] + (1 - share) * average
        assert torch.allclose(net.evidence(logits)[:, step], average, atol=1e-6)
    assert torch.allclose(net(features), average, atol=1e-6)
    before = evidence_after(logits[:, :7], evidence)
    assert torch.allclose(evidence_after(logits[:, 7:], evidence, before), average, atol=1e-6)
    at = torch.cat([evidence_at(logits[:, :7], evidence), evidence_at(logits[:, 7:], evidence, before)], dim=1)
    assert torch.allclose(at, net.evidence(logits), atol=1e-6)


@pytest.mark.parametrize("kind", ["fastgrnn", "fastrnn"])
def test_smooth_gradients_are_right(kind: Kind) -> None:
    torch.manual_seed(3)
    config = CellConfig(kind, inputs=3, hidden=4, rank_w=2, rank_u=2, piecewise=False)
    net = KeywordNet(config, 2, torch.zeros(3), torch.ones(3)).double()
    features = torch.randn(2, 5, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(net, (features,))
