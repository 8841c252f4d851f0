"""SpecAugment: which features it masks, and how many."""

import pytest
import torch

from wakeword.training.config import SpecAugment
from wakeword.training.feature_augment import spec_augment

MEAN = torch.full((32,), -7.0)


def hidden(config: SpecAugment, seed: int = 0) -> torch.Tensor:
    """The masks of 200 clips, (200, 99, 32)."""
    features = torch.rand(200, 99, 32)
    masked = spec_augment(features, MEAN, config, torch.Generator().manual_seed(seed))
    assert torch.equal(masked[masked != -7], features[masked != -7])
    return masked == -7


def test_nothing_is_hidden_by_default() -> None:
    assert not hidden(SpecAugment()).any()


def test_whole_bands_and_whole_frames_are_hidden() -> None:
    where = hidden(SpecAugment(count=1, bands=5, frames=0))
    assert torch.equal(where, where[:, :1].expand_as(where))
    where = hidden(SpecAugment(count=1, bands=0, frames=9))
    assert torch.equal(where, where[:, :, :1].expand_as(where))


@pytest.mark.parametrize("count", [1, 3])
def test_never_more_than_the_wanted_widths_and_sometimes_as_much(count: int) -> None:
    frames = hidden(SpecAugment(count=count, bands=0, frames=9))[:, :, 0].sum(dim=1)
    assert frames.min() <= 3 and 9 <= frames.max() <= 9 * count


def test_each_clip_is_masked_in_its_own_place_anywhere() -> None:
    where = hidden(SpecAugment(count=1, bands=4, frames=0))[:, 0]
    assert len({tuple(row.tolist()) for row in where}) > 50
    assert where.any(dim=0).all()


def test_the_generator_decides() -> None:
    config = SpecAugment(count=2)
    assert torch.equal(hidden(config, 1), hidden(config, 1))
    assert not torch.equal(hidden(config, 1), hidden(config, 2))
