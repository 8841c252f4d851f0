"""The convolutions in front of a cell: their geometry, causality and normalization."""

from __future__ import annotations

import pytest
import torch

from wakeword.networks.config import CellConfig, ConvolutionConfig
from wakeword.networks.convolution import Convolution
from wakeword.networks.keyword_net import KeywordNet


def made(config: ConvolutionConfig | None = None) -> Convolution:
    torch.manual_seed(0)
    return Convolution(config or ConvolutionConfig(), 32)


def frames(count: int, clips: int = 3) -> torch.Tensor:
    return torch.randn(clips, count, 32, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("config", "positions", "padding"),
    [
        (ConvolutionConfig(bands=5), 7, 1),
        (ConvolutionConfig(bands=4), 7, 0),
        (ConvolutionConfig(bands=8), 6, 0),
        (ConvolutionConfig(bands=32, band_stride=1), 1, 2),
        (ConvolutionConfig(bands=1, band_stride=1), 16, 1),
    ],
)
def test_the_kernels_reach_all_bands_with_the_fewest_positions(
    config: ConvolutionConfig, positions: int, padding: int
) -> None:
    assert (config.positions(32), config.padding(32)) == (positions, padding)
    found = made(config)(frames(8))
    assert found.shape == (3, 8 // config.frames_per_step, positions * config.outputs)
    assert found.shape[2] == config.inputs(32)


@pytest.mark.parametrize("band", [0, 31])
def test_every_band_counts(band: int) -> None:
    convolution, x = made(), frames(8)
    changed = x.clone()
    changed[:, :, band] += 1
    assert not torch.equal(convolution(x), convolution(changed))


def test_a_step_depends_on_no_frame_after_it() -> None:
    convolution, x = made(), frames(40)
    changed = x.clone()
    changed[:, 20:] += 1
    before, after = convolution(x), convolution(changed)
    assert torch.equal(before[:, :5], after[:, :5])
    assert not torch.equal(before[:, 5], after[:, 5])


def test_nothing_marks_the_start_of_a_clip_that_goes_on_after_others() -> None:
    """With a mark at the start of each clip, a network learns to return to rest there; a stream has no such marks."""
    steady, begins, goes_on = frames(1).expand(-1, 40, -1), torch.zeros(3), torch.ones(3)
    convolution = made()
    steps = convolution(steady, goes_on)
    torch.testing.assert_close(steps, steps[:, -1:].expand_as(steps))
    assert torch.equal(convolution(steady, begins), convolution(steady))
    assert not torch.allclose(convolution(steady)[:, 0], steps[:, 0])
    torch.testing.assert_close(convolution(steady)[:, 1:], steps[:, 1:])


def test_each_clip_begins_or_goes_on_by_itself() -> None:
    convolution, x = made(), frames(40)
    mixed = convolution(x, torch.tensor([0.0, 1.0, 0.0]))
    torch.testing.assert_close(mixed[1], convolution(x, torch.ones(3))[1])
    torch.testing.assert_close(mixed[[0, 2]], convolution(x)[[0, 2]])


def test_a_single_step_is_as_the_first_of_many() -> None:
    convolution, x = made(), frames(40)
    torch.testing.assert_close(convolution(x[:, :4]), convolution(x)[:, :1])


def test_frames_that_fill_no_step_are_left_out() -> None:
    convolution, x = made(), frames(43)
    assert torch.equal(convolution(x), convolution(x[:, :40]))


def test_the_same_sound_a_place_higher_gives_the_same_outputs_a_place_higher() -> None:
    convolution = made()
    sound = torch.zeros(1, 40, 32)
    sound[:, :, 8:12] = frames(40, 1)[:, :, :4]
    outputs = [convolution(torch.roll(sound, 4 * places, dims=2)).reshape(10, 7, 16) for places in (0, 1)]
    assert torch.allclose(outputs[0][:, 1:5], outputs[1][:, 2:6], atol=1e-6)
    assert outputs[0].std() > 0.1


def learned() -> tuple[KeywordNet, torch.Tensor]:
    """A net whose normalizations have followed some batches, and features."""
    torch.manual_seed(0)
    config = CellConfig(inputs=128, frames_per_step=4, convolution=ConvolutionConfig())
    net, features = KeywordNet(config, 4, torch.full((32,), 8.0), torch.full((32,), 2.0)), frames(60) * 3 + 9
    assert net.convolution is not None
    for normalization in net.convolution.normalizations.values():
        torch.nn.init.uniform_(normalization.gain, 0.5, 2)  # type: ignore[arg-type]
        torch.nn.init.uniform_(normalization.bias, -0.5, 0.5)  # type: ignore[arg-type]
    net.learns(True)
    for _ in range(30):
        net(features)
    net.learns(False)
    return net, features


def test_normalizations_follow_the_batches_only_while_they_learn() -> None:
    net, features = learned()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    alone, together = net(features[:1]), net(features)[:1]
    assert torch.allclose(alone, together, atol=1e-5)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_folding_the_normalizations_and_balancing_the_channels_changes_no_output() -> None:
    net, features = learned()
    convolution = net.convolution
    assert convolution is not None
    before = net(features)
    convolution.fold()
    assert torch.allclose(net(features), before, atol=1e-4)
    first, depthwise, pointwise = (
        weight.abs().flatten(1).amax(1)
        for weight in (convolution.first, convolution.depthwise, convolution.pointwise.T)
    )
    assert torch.allclose(first, depthwise, rtol=1e-3)
    assert torch.allclose(depthwise, pointwise, rtol=1e-3)
