"""The compiled recurrence is the plain loop: the same states and gradients, for every form of cell that it takes."""

import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.processes import run
from wakeword.networks import fused
from wakeword.networks.config import CellConfig
from wakeword.networks.keyword_net import KeywordNet
from wakeword.quantization.fake_quant import QuantizedNet, choose_formats

CLIPS, FRAMES = 21, 12  # no whole number of chunks
RANKS = [(None, None), (5, None), (None, 6), (5, 6)]


def make_net(
    kind: str, gate: str = "sigmoid", ranks: tuple[int | None, int | None] = (5, 6), share: float = 1
) -> KeywordNet:
    torch.manual_seed(0)
    config = CellConfig(kind, 9, 20, *ranks, gate=gate)  # type: ignore[arg-type]
    net = KeywordNet(config, 3, torch.zeros(9), torch.ones(9)).double()
    with torch.no_grad():
        for name, parameter in net.cell.named_parameters():
            if "logit" not in name:  # every branch of the non-linearities, and of the gate's limit, is taken
                parameter.mul_(2).add_(0.1 * torch.randn_like(parameter))
    net.cell.piecewise = share
    return net


def states_and_gradients(net: KeywordNet, model: QuantizedNet | KeywordNet, first: int = 0) -> list[Tensor]:
    """The states from frame `first` on, and all gradients of a loss on them, the initial state's included."""
    torch.manual_seed(1)
    features = torch.round(torch.randn(CLIPS, FRAMES, 9, dtype=torch.float64) * 512) / 512
    initial = (torch.round(torch.randn(CLIPS, 20, dtype=torch.float64) * 4096) / 4096).requires_grad_()
    features.requires_grad_()
    net.zero_grad()
    states = model.states(features, initial, first)
    (states * torch.randn_like(states)).sum().backward()
    assert features.grad is not None and initial.grad is not None
    weights = [p.grad.clone() for p in net.cell.parameters() if p.grad is not None]
    assert len(weights) == len(list(net.cell.parameters()))
    return [states.detach(), features.grad, initial.grad, *weights]


def by_both(net: KeywordNet, model: QuantizedNet | KeywordNet, first: int = 0) -> list[tuple[Tensor, Tensor]]:
    results = []
    for net.fused in (False, True):
        results.append(states_and_gradients(net, model, first))
    return list(zip(*results, strict=True))


def test_the_kernel_is_built_here() -> None:
    assert fused.kernel() is not None


@pytest.mark.parametrize("share", [0, 0.3, 1])
@pytest.mark.parametrize("ranks", RANKS)
@pytest.mark.parametrize(("kind", "gate"), [("fastrnn", "sigmoid"), ("fastgrnn", "sigmoid"), ("fastgrnn", "tanh")])
def test_states_and_gradients_equal_those_of_the_loop(kind: str, gate: str, ranks: tuple, share: float) -> None:
    net = make_net(kind, gate, ranks, share)
    assert fused.takes(net.cell, torch.zeros(1))
    for plain, compiled in by_both(net, net):
        torch.testing.assert_close(compiled, plain, rtol=1e-10, atol=1e-10)


def test_only_the_wanted_frames_are_given_and_only_their_gradients_flow() -> None:
    net = make_net("fastgrnn")
    whole = states_and_gradients(net, net)[0]
    for plain, compiled in by_both(net, net, first=9):
        torch.testing.assert_close(compiled, plain, rtol=1e-10, atol=1e-10)
    assert torch.equal(states_and_gradients(net, net, first=9)[0], whole[:, 9:])


@pytest.mark.parametrize("gate", ["sigmoid", "tanh"])
def test_fake_quantized_states_are_equal_to_the_bit(gate: str) -> None:
    net = make_net("fastgrnn", gate)
    quantized = QuantizedNet(net, choose_formats(net, torch.randn(50, FRAMES, 9, dtype=torch.float64)))
    (plain, compiled), *gradients = by_both(net, quantized)
    assert torch.equal(plain, compiled)
    assert plain.abs().max() > 1
    for plain, compiled in gradients:
        torch.testing.assert_close(compiled, plain, rtol=1e-10, atol=1e-10)


def test_saturation_stops_gradients_as_in_the_loop() -> None:
    """Rank vectors and states far beyond int16: nearly all is saturated, and the rest must match still."""
    net = make_net("fastgrnn")
    formats = choose_formats(net, torch.randn(50, FRAMES, 9, dtype=torch.float64))
    with torch.no_grad():
        for factor in net.cell.recurrent_matrices():
            factor.mul_(40)
    for plain, compiled in by_both(net, QuantizedNet(net, formats)):
        torch.testing.assert_close(compiled, plain, rtol=1e-10, atol=1e-10)


def test_gradients_are_those_of_the_function() -> None:
    """torch's own check, by differences; smooth, for differences say nothing at a corner."""
    torch.manual_seed(2)
    shapes = [(3, 4, 2), (3, 5), (), (), (5, 2), (5, 3), (3, 5), (5,), (5,)]
    tensors = [torch.randn(shape, dtype=torch.float64).mul(0.5).requires_grad_() for shape in shapes]

    def run(x: Tensor, h: Tensor, a: Tensor, b: Tensor, w: Tensor, u1: Tensor, u2: Tensor, *biases: Tensor) -> Tensor:
        return fused.run(
            fused.Recurrence("sigmoid", piecewise=0, gate_limit=0.9), x, h, (a, b), w, (u1, u2), biases, first=1
        )

    assert torch.autograd.gradcheck(run, tensors)


def test_float_differs_by_rounding_only() -> None:
    for share in (0.0, 0.5, 1.0):
        net = make_net("fastgrnn", share=share)
        double = states_and_gradients(net, net)[0]
        torch.manual_seed(1)
        net.float().fused = True
        features = torch.round(torch.randn(CLIPS, FRAMES, 9, dtype=torch.float64) * 512) / 512
        initial = torch.round(torch.randn(CLIPS, 20, dtype=torch.float64) * 4096) / 4096
        torch.testing.assert_close(net.states(features.float(), initial.float()).double(), double, rtol=0, atol=1e-5)


def test_the_number_of_threads_changes_no_bit() -> None:
    results, before = [], torch.get_num_threads()
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            net = make_net("fastgrnn")
            results.append(states_and_gradients(net, net))
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(one, two) for one, two in zip(*results, strict=True))


def test_without_a_compiler_the_loop_runs_and_says_so(tmp_path: Path) -> None:
    program = (
        "import torch; from wakeword.networks import fused; from wakeword.networks.keyword_net import *; "
        "net = KeywordNet(CellConfig(), 3, torch.zeros(32), torch.ones(32)); "
        "print(net.states(torch.zeros(2, 4, 32)).shape, fused.kernel())"
    )
    environment = {"CXX": "/bin/false", "XDG_CACHE_HOME": str(tmp_path)}
    result = run([sys.executable, "-c", program], environment=environment)
    assert result.stdout == "torch.Size([2, 4, 100]) None\n"
    assert result.stderr.count("the fused kernel can't be built, training takes the slow way") == 1


def test_a_build_that_was_killed_stops_no_later_training() -> None:
    assert fused.kernel() is not None
    (fused.build_folder() / "lock").touch()  # what the loader of a killed process leaves, and waits for
    program = "from wakeword.networks import fused; assert fused.kernel() is not None"
    run([sys.executable, "-c", program]).check_returncode()
