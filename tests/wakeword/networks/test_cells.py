"""The contract of every recurrent cell, whatever its equations."""

from dataclasses import replace
from typing import Any, cast

import pytest
import torch

from tests.wakeword.cells import baseline
from wakeword.errors import WakewordError
from wakeword.networks.config import FAST, KINDS, CellConfig
from wakeword.networks.keyword_net import KeywordNet
from wakeword.networks.registry import Layers, make_cell

CONFIGS = {
    **{kind: baseline(kind, hidden=6) for kind in KINDS},
    **{f"low-rank {kind}": replace(baseline(kind, hidden=6), rank_w=3, rank_u=4) for kind in FAST},
    "ornn of 2 reflections": baseline("ornn", hidden=6, capacity=2),
    "spectralrnn of 3 reflections": baseline("spectralrnn", hidden=6, capacity=3),
    "eurnn of 2 layers": baseline("eurnn", hidden=5, capacity=2),
    "two layers": replace(baseline("fastgrnn", hidden=6), layers=2),
    "two layers of lstm": replace(baseline("lstm", hidden=6), layers=2),
}
every_cell = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)


def net(config: CellConfig, inputs: int = 32) -> KeywordNet:
    torch.manual_seed(1)
    return KeywordNet(replace(config, inputs=inputs), 3, torch.zeros(inputs), torch.ones(inputs))


@every_cell
def test_a_stream_cut_in_two_goes_on_from_the_carried_state(config: CellConfig) -> None:
    model, features = net(config), torch.randn(2, 20, 32)
    states, last = model.run(features)
    assert states.shape == (2, 20, config.hidden)
    assert last.shape == (2, model.cell.state_size)
    first, between = model.run(features[:, :7])
    second, end = model.run(features[:, 7:], between)
    torch.testing.assert_close(torch.cat([first, second], dim=1), states, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(end, last, atol=1e-5, rtol=1e-5)


@every_cell
def test_the_carried_state_begins_with_the_last_hidden_state(config: CellConfig) -> None:
    states, last = net(config).run(torch.randn(3, 5, 32))
    torch.testing.assert_close(last[:, : config.hidden], states[:, -1])


@every_cell
def test_smooth_gradients_are_right(config: CellConfig) -> None:
    model = net(config, inputs=3).double()
    names, parameters = zip(*model.named_parameters(), strict=True)
    features = torch.randn(2, 4, 3, dtype=torch.double)

    def logits(*values: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(model, dict(zip(names, values, strict=True)), (features,))

    assert torch.autograd.gradcheck(logits, parameters)


@every_cell
def test_every_parameter_learns(config: CellConfig) -> None:
    model = net(config)
    model(torch.randn(4, 10, 32)).square().sum().backward()
    silent = [name for name, value in model.named_parameters() if value.grad is None or not value.grad.any()]
    assert silent == []


@every_cell
def test_parameters_survive_a_round_trip(config: CellConfig) -> None:
    model, other, features = net(config), net(config), torch.randn(2, 9, 32)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(1)
    other.load_state_dict(model.state_dict())
    assert torch.equal(model(features), other(features))


@every_cell
def test_weights_that_a_step_reads_are_named(config: CellConfig) -> None:
    cell = net(config).cell
    parameters = {id(parameter) for parameter in cell.parameters()}
    named = [*cell.input_matrices(), *cell.recurrent_matrices()]
    assert named and all(id(matrix) in parameters and matrix.ndim == 2 for matrix in named)
    parametrised = config.kind in ("ornn", "eurnn", "spectralrnn", "factoredrnn")
    assert bool(cell.recurrent_matrices()) != parametrised


def test_a_second_layer_takes_the_states_of_the_first() -> None:
    model = net(replace(baseline("gru", hidden=6), layers=2))
    assert isinstance(model.cell, Layers)
    lower, upper = model.cell.layers
    x = torch.randn(2, 8, 32)
    below, _ = lower(x, torch.zeros(2, 6))
    above, _ = upper(below, torch.zeros(2, 6))
    torch.testing.assert_close(model.states(x), above)


def test_training_moves_the_non_linearity_of_all_layers() -> None:
    cell: Any = make_cell(CellConfig(layers=3))
    cell.piecewise = 0.25
    assert [layer.piecewise for layer in cell.layers] == [0.25] * 3


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (CellConfig("gru"), "low-rank"),
        (replace(baseline("lstm"), piecewise=True), "piecewise"),
        (replace(baseline("rnn"), kind=cast(Any, "transformer")), "choose one of rnn, fastrnn"),
        (replace(baseline("fastgrnn"), layers=0), "layers: 0 is less than 1"),
        (baseline("ornn", hidden=10, capacity=11), "capacity of 11 is more than the 10 hidden units"),
        (replace(baseline("spectralrnn"), margin=1.0), "margin: 1.0 is not less than 1"),
    ],
)
def test_a_configuration_that_no_cell_has_is_refused_in_one_line(config: CellConfig, said: str) -> None:
    with pytest.raises(WakewordError, match=said) as refusal:
        make_cell(config)
    assert "\n" not in str(refusal.value)
