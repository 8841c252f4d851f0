"""Fake quantization computes the integer engine's values, and a model made from it holds them."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch

from featurizer.fixed import softmax_q15
from wakeword.errors import WakewordError
from wakeword.inference.fastgrnn import FastGRNNQ
from wakeword.model.file import DetectorSettings
from wakeword.networks.config import CellConfig, ConvolutionConfig, Gate
from wakeword.networks.keyword_net import KeywordNet
from wakeword.quantization.fake_quant import Formats, QuantizedNet, choose_formats, to_model
from wakeword.quantization.rounding import held, rounded
from wakeword.training.sparsify import Masks

LABELS = ("_silence_", "_unknown_", "yes", "no")


def speech_like(clips: int, frames: int, seed: int = 0) -> np.ndarray:
    """Features with the range of speech that hold still for some frames, as speech does: int16 log2 Q9."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(13, 5, (clips, frames // 5 + 1, 32)).repeat(5, axis=1)[:, :frames]
    return np.clip((steps + rng.normal(0, 0.5, steps.shape)) * 512, -4096, 18000).astype(np.int16)


def trained(gate: Gate, weight: float, rank_w: int | None = 7, rank_u: int | None = 9, evidence: int = 0) -> KeywordNet:
    """A net whose weights are as large as trained ones, some of them more."""
    torch.manual_seed(4)
    config = CellConfig(hidden=30, rank_w=rank_w, rank_u=rank_u, gate=gate, evidence=evidence)
    net = KeywordNet(config, len(LABELS), torch.full((32,), 13.03), torch.full((32,), 5.01))
    cell: Any = net.cell
    with torch.no_grad():
        for factor in (*cell.w.factors, *cell.u.factors, net.head.weight):
            factor.mul_(weight)
    Masks(net, 0.5).project()
    return net


def convolved(gain: float) -> KeywordNet:
    """A net with convolutions whose normalizations have followed some batches. gain: of the normalizations."""
    torch.manual_seed(5)
    config = CellConfig(
        inputs=128, frames_per_step=4, hidden=30, rank_w=7, rank_u=9, convolution=ConvolutionConfig(channels=6)
    )
    net = KeywordNet(config, len(LABELS), torch.full((32,), 13.03), torch.full((32,), 5.01))
    assert net.convolution is not None
    for normalization in net.convolution.normalizations.values():
        torch.nn.init.uniform_(normalization.gain, 0.5 * gain, gain)  # type: ignore[arg-type]
        torch.nn.init.uniform_(normalization.bias, -0.5, 0.5)  # type: ignore[arg-type]
    net.learns(True)
    for _ in range(20):
        net(torch.from_numpy(speech_like(8, 100) / 512.0).float())
    net.learns(False)
    net.convolution.fold()
    return net


@pytest.mark.parametrize("gate", ["sigmoid", "tanh"])
@pytest.mark.parametrize("weight", [0.5, 1.0, 2.5])
@pytest.mark.parametrize("ranks", [(7, 9), (None, None)], ids=["low rank", "whole"])
@pytest.mark.parametrize("largest", [127, 7])
def test_fake_quantized_states_and_logits_equal_the_integers(gate: Gate, weight: Any, ranks: Any, largest: Any) -> None:
    net, features = trained(gate, weight, *ranks), speech_like(6, 120)
    reals = torch.from_numpy(features / 512.0)
    quantized = QuantizedNet(net, choose_formats(net, reals.float(), largest)).double()
    model = to_model(quantized, LABELS, 2, DetectorSettings((0, 0, 1, 1)), {})
    with torch.no_grad():
        states = quantized.states(reals)
    integers, *_ = FastGRNNQ(model).run(features)
    assert np.array_equal(states.numpy() * 4096, integers)
    assert integers.std() > 100  # it moves


@pytest.mark.parametrize("largest", [127, 7])
@pytest.mark.parametrize("gain", [0.3, 1.0, 4.0])
def test_fake_quantized_convolutions_equal_the_integers(largest: int, gain: float) -> None:
    net, features = convolved(gain), speech_like(6, 120)
    reals = torch.from_numpy(features / 512.0)
    formats = Formats.of(asdict(choose_formats(net, reals.float(), largest, largest)))
    quantized = QuantizedNet(net, formats).double()
    model = to_model(quantized, LABELS, 2, DetectorSettings((0, 0, 1, 1)), {})
    with torch.no_grad():
        states = quantized.states(reals)
    integers, *_ = FastGRNNQ(model).run(features)
    assert np.array_equal(states.numpy() * 4096, integers[:, 3::4])
    assert integers.std() > 100


def test_weights_of_four_bits_lie_on_fifteen_levels_and_no_other_scale_is_nearer() -> None:
    net = trained("sigmoid", 1.0)
    formats = choose_formats(net, torch.from_numpy(speech_like(6, 120) / 512.0).float(), largest=7)
    weights = QuantizedNet(net, formats).weights()
    cell: Any = net.cell
    floats = dict(zip(("w1", "w2", "u1", "u2"), (*cell.w.factors, *cell.u.factors), strict=True))
    for name, weight in {**floats, "head": net.gain * net.head.weight}.items():
        matrix = weight.detach()
        bits = getattr(formats, name)
        levels = weights[name] * 2.0**bits
        assert torch.equal(levels, levels.round())
        assert levels.abs().max() <= 7
        errors = [float((held(matrix, other, 7) - matrix).square().sum()) for other in (bits - 1, bits, bits + 1)]
        assert min(errors) == errors[1]


def test_of_int8_no_weight_is_cut_off() -> None:
    net = trained("sigmoid", 1.0)
    cell: Any = net.cell
    with torch.no_grad():
        cell.u.factors[0][0, 0] = 9.0
    formats = choose_formats(net, torch.from_numpy(speech_like(6, 120) / 512.0).float())
    assert abs(QuantizedNet(net, formats).weights()["u1"][0, 0].item() - 9) <= 2.0 ** -(formats.u1 + 1)


@pytest.mark.parametrize("evidence", [0, 1, 4, 8])
def test_fake_quantized_evidence_is_the_evidence_of_the_integers(evidence: int) -> None:
    net, features = trained("sigmoid", 1.0, evidence=evidence), speech_like(6, 120)
    reals = torch.from_numpy(features / 512.0)
    quantized = QuantizedNet(net, choose_formats(net, reals.float())).double()
    model = to_model(quantized, LABELS, 2, DetectorSettings((0, 0, 1, 1)), {})
    with torch.no_grad():
        found = quantized.evidence(quantized.logits(quantized.states(reals))).numpy() * 1024
    _, posteriors, _ = FastGRNNQ(model).run(features)
    assert np.array_equal(softmax_q15(found.astype(np.int64)), posteriors)
    assert posteriors.std() > 100


def test_float32_training_follows_the_integers_within_a_few_last_bits() -> None:
    net, features = trained("sigmoid", 1.0), speech_like(6, 120)
    reals = torch.from_numpy(features / 512.0).float()
    quantized = QuantizedNet(net, choose_formats(net, reals))
    model = to_model(quantized, LABELS, 2, DetectorSettings((0, 0, 1, 1)), {})
    with torch.no_grad():
        states = quantized.states(reals).numpy() * 4096
    # float32 holds 24 bits; a product sum that needs more may round the other way, once in a while.
    difference = np.abs(states - FastGRNNQ(model).run(features)[0])
    assert difference.mean() < 0.5


def test_gradients_pass_through_the_rounding() -> None:
    x = torch.tensor([0.1, -0.3], requires_grad=True)
    rounded(x, 2).sum().backward()
    assert rounded(x, 2).tolist() == [0.0, -0.25]
    assert x.grad is not None and x.grad.tolist() == [1.0, 1.0]


def test_rounding_is_half_up() -> None:
    assert rounded(torch.tensor([-0.5, -1.5, 0.5, 1.5]), 0).tolist() == [0, -1, 1, 2]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (CellConfig("fastrnn"), "only a FastGRNN"),
        (CellConfig(piecewise=False), "only a FastGRNN"),
        (CellConfig(layers=2), "only a FastGRNN"),
        (CellConfig(rank_u=None), "a rank of 64, this model has 100"),
        (CellConfig(rank_w=65), "a rank of 64, this model has 65"),
    ],
)
def test_a_cell_without_an_integer_form_is_refused(config: CellConfig, said: str) -> None:
    net = KeywordNet(config, 3, torch.zeros(32), torch.ones(32))
    with pytest.raises(WakewordError, match=said):
        choose_formats(net, torch.zeros(1, 3, 32))
