"""Iterative hard thresholding keeps the largest entries, and the support between two projections."""

import pytest
import torch

from wakeword.networks.config import CellConfig
from wakeword.networks.keyword_net import KeywordNet
from wakeword.training.sparsify import Masks, factors, largest


@pytest.fixture
def net() -> KeywordNet:
    torch.manual_seed(0)
    return KeywordNet(CellConfig(hidden=20, rank_w=5, rank_u=6), 3, torch.zeros(32), torch.ones(32))


def test_the_largest_entries_are_kept() -> None:
    matrix = torch.tensor([[3.0, -1.0, 0.5], [-4.0, 0.1, 2.0]])
    assert largest(matrix, 0.5).tolist() == [[True, False, False], [True, False, True]]


def test_ties_are_cut_to_the_wanted_count() -> None:
    assert int(largest(torch.ones(4, 5), 0.3).sum()) == 6


def test_a_projection_gives_every_factor_the_wanted_density(net: KeywordNet) -> None:
    Masks(net, 0.3).project()
    assert [int((factor != 0).sum()) for factor in factors(net)] == [round(0.3 * f.numel()) for f in factors(net)]


def test_between_projections_nothing_outside_the_support_moves(net: KeywordNet) -> None:
    supports = Masks(net, 0.3)
    supports.project()
    masks = [mask.clone() for mask in supports.masks]
    with torch.no_grad():
        for factor in factors(net):
            factor.add_(10)
    supports.apply()
    assert all(bool(((factor != 0) == mask).all()) for factor, mask in zip(factors(net), masks, strict=True))


def test_an_entry_outside_the_support_can_come_back_by_a_projection(net: KeywordNet) -> None:
    supports = Masks(net, 0.3)
    supports.project()
    factor, mask = factors(net)[0], supports.masks[0]
    row, column = (~mask).nonzero()[0]
    with torch.no_grad():
        factor[row, column] = 100
    supports.project()
    assert bool(supports.masks[0][row, column])


def test_the_classifier_stays_dense(net: KeywordNet) -> None:
    Masks(net, 0.1).project()
    assert bool((net.head.weight != 0).all())
