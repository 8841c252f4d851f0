"""A random equalizer is a gain over the bands: each clip has its own, constant in time, smooth, as strong as wanted."""

import torch

from wakeword.training.feature_augment import random_equalizer

SILENT = torch.zeros(4000, 3, 32)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_a_gain_is_constant_in_time_and_of_each_clip_its_own() -> None:
    equalized = random_equalizer(SILENT[:2], 1.0, generator())
    assert torch.equal(equalized[:, 0], equalized[:, 1]) and torch.equal(equalized[:, 0], equalized[:, 2])
    assert not torch.allclose(equalized[0], equalized[1])


def test_it_adds_to_the_features() -> None:
    speech = torch.randn(2, 3, 32)
    gains = random_equalizer(SILENT[:2], 0.5, generator())
    assert torch.allclose(random_equalizer(speech, 0.5, generator()), speech + gains)


def test_its_deviation_is_the_wanted_one() -> None:
    gains = random_equalizer(SILENT, 0.7, generator())[:, 0]
    assert gains.mean().abs() < 0.02
    assert gains.std().sub(0.7).abs() < 0.02


def test_neighbouring_bands_differ_by_much_less_than_distant_ones() -> None:
    gains = random_equalizer(SILENT, 1.0, generator())[:, 0]
    assert gains.diff(dim=1).square().mean() < 0.1 * (gains[:, 0] - gains[:, 31]).square().mean()


def test_without_a_deviation_nothing_is_changed_or_drawn() -> None:
    source = generator()
    assert torch.equal(random_equalizer(SILENT[:2], 0.0, source), SILENT[:2])
    assert torch.equal(torch.rand(3, generator=source), torch.rand(3, generator=generator()))
