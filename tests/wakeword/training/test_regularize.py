"""Regularizers: their terms of the loss, and weight dropping around a batch."""

from dataclasses import replace

import pytest
import torch

from tests.wakeword.cells import baseline
from wakeword.networks.config import CellConfig
from wakeword.networks.keyword_net import KeywordNet
from wakeword.quantization.fake_quant import QuantizedNet, choose_formats
from wakeword.training.regularize import activation_penalty, dropped, penalty, temporal_penalty

STATES = torch.tensor([[[1.0, -2.0], [1.0, 0.0], [3.0, 0.0]]])  # (1, 3, 2)


def net(config: CellConfig) -> KeywordNet:
    torch.manual_seed(0)
    return KeywordNet(config, 3, torch.zeros(32), torch.ones(32))


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_activation_regularization_is_the_mean_square_of_the_states() -> None:
    assert float(activation_penalty(STATES)) == pytest.approx((1 + 4 + 1 + 0 + 9 + 0) / 6)


def test_temporal_regularization_is_the_mean_square_of_the_changes() -> None:
    assert float(temporal_penalty(STATES)) == pytest.approx((0 + 4 + 4 + 0) / 4)
    assert float(temporal_penalty(STATES[:, :1])) == 0


def test_each_is_added_to_the_loss_with_its_own_weight() -> None:
    assert float(penalty(STATES, 0, 0)) == 0
    assert float(penalty(STATES, 3, 0)) == pytest.approx(3 * float(activation_penalty(STATES)))
    assert float(penalty(STATES, 3, 2)) == pytest.approx(
        3 * float(activation_penalty(STATES)) + 2 * float(temporal_penalty(STATES))
    )


def test_without_dropping_nothing_is_drawn() -> None:
    model, generator = net(baseline("rnn", 12)), random()
    before = generator.get_state()
    with dropped(model.cell.recurrent_matrices(), 0, generator):
        model(torch.randn(4, 10, 32)).square().sum().backward()
    assert torch.equal(generator.get_state(), before)


def test_both_have_gradients() -> None:
    for term in (activation_penalty, temporal_penalty):
        states = STATES.clone().requires_grad_()
        term(states).backward()
        assert states.grad is not None and states.grad.any()


def test_inside_entries_are_dropped_or_scaled_up_and_outside_all_is_as_before() -> None:
    model = net(baseline("gru", 40))
    (matrix,) = model.cell.recurrent_matrices()
    before = matrix.detach().clone()
    with dropped([matrix], 0.25, random()):
        gone = matrix.detach() == 0
        torch.testing.assert_close(matrix.detach(), torch.where(gone, 0, before * 4 / 3))
        assert float(gone.float().mean()) == pytest.approx(0.25, abs=0.03)
    assert torch.equal(matrix, before)


@pytest.mark.parametrize("config", [replace(baseline("fastgrnn", 12), rank_u=5), baseline("lstm", 12)])
def test_gradients_are_those_of_the_loss_by_the_undropped_weights(config: CellConfig) -> None:
    model, features = net(config).double(), torch.randn(4, 10, 32, dtype=torch.double)
    matrices = model.cell.recurrent_matrices()

    def loss() -> torch.Tensor:
        return model(features).square().sum()

    with dropped(matrices, 0.5, random(3)):
        loss().backward()
    for entry in [(0, 0), (1, 2), (3, 1), (4, 3)]:
        around = []
        for step in (1e-5, -2e-5):
            with torch.no_grad():
                matrices[0][entry] += step
            with dropped(matrices, 0.5, random(3)):
                around.append(float(loss().detach()))
        with torch.no_grad():
            matrices[0][entry] += 1e-5
        gradient = matrices[0].grad
        assert gradient is not None
        assert float(gradient[entry]) == pytest.approx((around[0] - around[1]) / 2e-5, rel=1e-4, abs=1e-7)


def test_a_dropped_entry_has_no_gradient() -> None:
    model = net(CellConfig(hidden=12, rank_w=4, rank_u=5))
    left = model.cell.recurrent_matrices()[0]
    with dropped([left], 0.5, random()):
        gone = left.detach() == 0
        model(torch.randn(4, 10, 32)).square().sum().backward()
    assert left.grad is not None
    assert gone.any() and not left.grad[gone].any() and left.grad[~gone].any()


def test_quantized_training_can_be_dropped_too() -> None:
    model, features = net(CellConfig(hidden=12, rank_w=4, rank_u=5)), torch.randn(4, 10, 32)
    quantized = QuantizedNet(model, choose_formats(model, features))
    plain = quantized.states(features)
    with dropped(model.cell.recurrent_matrices(), 0.5, random()):
        assert not torch.equal(quantized.states(features), plain)
    assert torch.equal(quantized.states(features), plain)


def test_a_backward_pass_outside_is_refused_instead_of_wrong() -> None:
    model = net(baseline("rnn", 12))
    with dropped(model.cell.recurrent_matrices(), 0.5, random()):
        loss = model(torch.randn(4, 10, 32)).square().sum()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_an_error_inside_leaves_the_weights_whole() -> None:
    model = net(baseline("rnn", 12))
    (matrix,) = model.cell.recurrent_matrices()
    before = matrix.detach().clone()
    with pytest.raises(KeyboardInterrupt), dropped([matrix], 0.5, random()):
        raise KeyboardInterrupt
    assert torch.equal(matrix, before)


@pytest.mark.parametrize("probability", [-0.1, 1.0])
def test_a_probability_outside_its_range_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="outside 0 to 1"), dropped([], probability, random()):
        pass
