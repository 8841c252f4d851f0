"""Ternary training computes the integer engine's values, its matrices take a bit or two an entry, and it learns."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.signals import demo
from tests.wakeword.quantization.test_fake_quant import LABELS, speech_like, trained
from wakeword.errors import WakewordError
from wakeword.inference.c_core import CoreEngine
from wakeword.inference.engine import NumpyEngine
from wakeword.inference.fastgrnn import FastGRNNQ
from wakeword.model.file import DetectorSettings, Model
from wakeword.model.packing import pack
from wakeword.model.size import model_size
from wakeword.networks.config import CellConfig, Gate
from wakeword.networks.keyword_net import KeywordNet
from wakeword.quantization.fake_quant import QuantizedNet, choose_formats, to_model
from wakeword.quantization.ternary import MATRICES, TernaryNet, bernoulli, choose_ternary_formats, ternary


def model_of(quantized: QuantizedNet) -> Model:
    return to_model(quantized, LABELS, 2, DetectorSettings((0, 0, 9000, 9000)), {})


def ternary_net(gate: Gate = "sigmoid", slope: float = 1.0) -> tuple[TernaryNet, np.ndarray]:
    """A net as large as trained ones, in float64, and features for it."""
    net, features = trained(gate, 1.0), speech_like(6, 120)
    formats = choose_ternary_formats(net, torch.from_numpy(features / 512.0).float(), slope)
    return TernaryNet(net, formats, slope).double(), features


def test_weights_beyond_two_thirds_of_the_mean_magnitude_keep_their_sign_and_share_their_mean() -> None:
    matrix = torch.tensor([[0.9, -0.1], [-0.5, 0.3]])  # mean magnitude 0.45, threshold 0.3
    assert ternary(matrix).flatten().tolist() == pytest.approx([0.7, 0, -0.7, 0])


def test_entries_that_sparsity_set_to_zero_stay_so_and_do_not_move_the_threshold() -> None:
    matrix = torch.tensor([[0.9, 0.0, 0.0, 0.0], [-0.5, 0.0, 0.0, 0.1]])  # mean of the three 0.5, threshold 0.333
    assert ternary(matrix).flatten().tolist() == pytest.approx([0.7, 0, 0, 0, -0.7, 0, 0, 0])
    assert not ternary(torch.zeros(3, 3)).any()


def test_no_other_scale_is_nearer_to_the_weights() -> None:
    torch.manual_seed(0)
    matrix = torch.randn(40, 30)
    found = ternary(matrix)

    def error(scale: float) -> float:
        return float((matrix - scale * found).square().sum())

    assert error(1.0) < min(error(0.99), error(1.01))


def test_a_scale_is_one_that_int8_holds() -> None:
    matrix = torch.tensor([[0.9, -0.9]])
    assert ternary(matrix, bits=2).tolist() == [[1.0, -1.0]]
    assert ternary(matrix, bits=10).abs().max() == 127 / 1024
    assert ternary(matrix / 100, bits=2).abs().max() == 0.25


def test_gradients_pass_to_all_weights() -> None:
    matrix = torch.tensor([[0.9, -0.1], [0.0, 0.3]], requires_grad=True)
    (ternary(matrix) * torch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    assert matrix.grad is not None and matrix.grad.tolist() == [[1, 2], [3, 4]]


def test_an_activation_is_ternary_by_chance_and_itself_on_average() -> None:
    x = torch.tensor([-1.0, -0.7, 0.0, 0.2, 1.0]).repeat(20000, 1).requires_grad_()
    drawn = bernoulli(x, torch.Generator().manual_seed(0))
    assert set(drawn.unique().tolist()) == {-1, 0, 1}
    torch.testing.assert_close(drawn.mean(dim=0), x[0], atol=0.015, rtol=0)  # four standard errors
    drawn.sum().backward()
    assert x.grad is not None and torch.equal(x.grad, torch.ones_like(x))


@pytest.mark.parametrize("gate", ["sigmoid", "tanh"])
@pytest.mark.parametrize("slope", [1.0, 1.5, 2.0])
def test_states_equal_the_integers(gate: Gate, slope: float) -> None:
    quantized, features = ternary_net(gate, slope)
    with torch.no_grad():
        states = quantized.states(torch.from_numpy(features / 512.0))
    integers, *_ = FastGRNNQ(model_of(quantized)).run(features)
    assert np.array_equal(states.numpy() * 4096, integers)
    assert integers.std() > 100  # it moves


@pytest.mark.parametrize("slope", [1.0, 2.0])
def test_the_c_core_runs_the_model_from_signs_as_numpy_does_from_int8(slope: float) -> None:
    model = model_of(ternary_net(slope=slope)[0])
    assert all(pack(getattr(model, name)).magnitude for name in MATRICES)
    trace, wanted = (engine(model).push(demo()[:32000]) for engine in (CoreEngine, NumpyEngine))
    np.testing.assert_array_equal(trace.hidden, wanted.hidden)
    np.testing.assert_array_equal(trace.posteriors, wanted.posteriors)
    assert wanted.hidden.std() > 100


def test_the_matrices_take_a_bit_an_entry_and_one_for_each_sign() -> None:
    quantized, features = ternary_net()
    formats = choose_formats(quantized.net, torch.from_numpy(features / 512.0))
    models = [model_of(q) for q in (quantized, QuantizedNet(quantized.net, formats))]
    small, large = map(model_size, models)
    for name in MATRICES:
        ternary_matrix, matrix = (getattr(model, name) for model in models)
        rows, cols = matrix.shape
        marks = rows * -(-cols // 8) + 3  # each row in whole bytes; a word may be read at the last one
        assert small[name] == marks + -(-np.count_nonzero(ternary_matrix) // 8)
        assert large[name] == min(matrix.size, marks + np.count_nonzero(matrix))
    assert {name: small[name] for name in small if name not in MATRICES} == {
        name: large[name] for name in large if name not in MATRICES
    }


def test_the_slope_makes_non_linearities_steeper() -> None:
    """Two nets whose weights and biases differ by a factor are one net at two slopes."""
    quantized, _ = ternary_net()
    steeper = TernaryNet(quantized.net, quantized.formats, slope=2.0)
    weights, doubled = quantized.weights(), steeper.weights()
    for name in ("w1", "u1", "bias_gate", "bias_update"):
        torch.testing.assert_close(doubled[name], 2 * weights[name], atol=2.0**-7, rtol=0.03)
    for name in ("w2", "u2", "head", "zeta", "mean"):
        assert torch.equal(doubled[name], weights[name])


def test_u_meets_a_ternary_state_that_is_the_state_on_average() -> None:
    quantized, features = ternary_net()
    with torch.no_grad():
        hidden = quantized.states(torch.from_numpy(features[:1] / 512.0))[:, -1]
    assert torch.equal(quantized.operand(hidden), hidden)  # as in the engine
    quantized.generator = torch.Generator().manual_seed(0)
    drawn = quantized.operand(hidden.repeat(20000, 1))
    assert len(drawn.unique()) == 3
    assert drawn.max() == max(1, hidden.abs().max())
    torch.testing.assert_close(drawn.mean(dim=0, keepdim=True), hidden, atol=0.03, rtol=0)


def test_random_activations_change_the_states_but_not_the_model() -> None:
    quantized, features = ternary_net()
    clips, before = torch.from_numpy(features / 512.0), model_of(quantized)
    with torch.no_grad():
        exact = quantized.states(clips)
        quantized.generator = torch.Generator().manual_seed(0)
        assert not torch.equal(quantized.states(clips), exact)
    after = model_of(quantized)
    assert all(np.array_equal(getattr(before, name), getattr(after, name)) for name in (*MATRICES, "bias_gate"))


def test_it_learns() -> None:
    torch.manual_seed(0)
    features = torch.from_numpy(speech_like(16, 25) / 512.0).float()
    labels = torch.arange(16) % 2
    net = KeywordNet(CellConfig(hidden=24, rank_w=8, rank_u=8), 2, features.mean((0, 1)), features.std((0, 1)))
    formats = choose_ternary_formats(net, features)
    quantized = TernaryNet(net, formats, generator=torch.Generator().manual_seed(1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)

    def step() -> float:
        loss = functional.cross_entropy(quantized.logits(quantized.states(features)[:, -1]), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    losses = [step() for _ in range(60)]
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) / 3


@pytest.mark.parametrize("config", [CellConfig("fastrnn"), CellConfig(piecewise=False)])
def test_a_cell_without_an_integer_form_is_refused(config: CellConfig) -> None:
    net = KeywordNet(config, 3, torch.zeros(32), torch.ones(32))
    with pytest.raises(WakewordError, match="only a FastGRNN"):
        choose_ternary_formats(net, torch.zeros(1, 3, 32))
