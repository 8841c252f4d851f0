"""The cost of networks without an integer form, computed by hand, and counted on the cells."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.signals import ROOT
from tests.wakeword.cells import baseline
from tests.wakeword.models import convolved_model, random_convolution, random_model, ternary_model
from wakeword.model.file import MATRICES
from wakeword.model.pretrained import load_model
from wakeword.model.size import integer_multiplications, model_size
from wakeword.networks.config import KINDS, CellConfig, ConvolutionConfig, Kind
from wakeword.networks.cost import float_size, multiplications
from wakeword.networks.registry import make_cell

LABELS = ("_silence_", "_unknown_", "yes", "no")
W, U, H, D, K = 10 * 32, 10 * 10, 10, 32, 4

# Numbers of the cell, and multiplications of its step, with 10 hidden units.
CELLS = {
    "rnn": (baseline("rnn", H), W + U + H, W + U),
    "fastrnn": (baseline("fastrnn", H), W + U + H + 2, W + U + 2 * H),
    "fastrnn-vector": (baseline("fastrnn-vector", H), W + U + 3 * H, W + U + 2 * H),
    "fastgrnn": (baseline("fastgrnn", H), W + U + 2 * H + 2, W + U + 3 * H),
    "fastgrnn of ranks 3 and 2": (
        CellConfig(hidden=H, rank_w=3, rank_u=2),
        3 * (10 + 32) + 2 * (10 + 10) + 2 * H + 2,
        3 * (10 + 32) + 2 * (10 + 10) + 3 * H,
    ),
    "ugrnn": (baseline("ugrnn", H), 2 * (W + U + H), 2 * (W + U) + 2 * H),
    "gru": (baseline("gru", H), 3 * (W + U) + 4 * H, 3 * (W + U) + 3 * H),
    "lstm": (baseline("lstm", H), 4 * (W + U + H), 4 * (W + U) + 3 * H),
    "two layers of rnn": (replace(baseline("rnn", H), layers=2), W + U + H + 2 * U + H, W + 3 * U),
    "ornn": (baseline("ornn", H), W + 55 + H, W + 2 * 55 + H),
    "ornn of 2 reflections": (baseline("ornn", H, 2), W + 19 + H, W + 2 * 19 + H),
    "eurnn": (baseline("eurnn", H), W + 90 + H, W + 180),
    "eurnn of 2 layers": (baseline("eurnn", H, 2), W + 18 + H, W + 36),
    "spectralrnn, multiplied out": (baseline("spectralrnn", H), W + U + H, W + U + H),
    "spectralrnn of 2 reflections": (baseline("spectralrnn", H, 2), W + 38 + H + H, W + 2 * 38 + H + H),
    "factoredrnn": (baseline("factoredrnn", H), W + U + H, W + U),
}


@pytest.mark.parametrize(("config", "numbers", "products"), CELLS.values(), ids=CELLS)
def test_a_cell_costs_what_its_equations_have(config: CellConfig, numbers: int, products: int) -> None:
    assert float_size(config, LABELS)["cell"] == 4 * numbers
    assert multiplications(config, K) == 100 * (D + products + K * H)


def test_every_cell_has_a_cost() -> None:
    assert {config.kind for config, _, _ in CELLS.values()} == set(KINDS)


@pytest.mark.parametrize("kind", ["fastrnn", "fastrnn-vector", "fastgrnn", "ugrnn"])
def test_all_parameters_of_a_whole_cell_are_counted(kind: Kind) -> None:
    config = baseline(kind, 24)
    assert float_size(config, LABELS)["cell"] == 4 * sum(p.numel() for p in make_cell(config).parameters())


@pytest.mark.parametrize(("kind", "twice"), [("rnn", 1), ("gru", 2), ("lstm", 4)])
def test_biases_that_torch_adds_to_each_other_count_once(kind: Kind, twice: Any) -> None:
    config = baseline(kind, 24)
    parameters = sum(p.numel() for p in make_cell(config).parameters())
    assert float_size(config, LABELS)["cell"] == 4 * (parameters - twice * 24)


def test_around_the_cell_stand_classifier_normalisation_thresholds_and_labels() -> None:
    size = float_size(baseline("gru", H), LABELS)
    assert {part: size[part] for part in ("head", "normalisation", "thresholds")} == {
        "head": 4 * (K * H + K),
        "normalisation": 4 * 2 * D,
        "thresholds": 2 * K,
    }
    model = random_model(words=2)
    assert float_size(baseline("gru"), model.labels)["labels"] == model_size(model)["labels"]


def test_the_table_of_the_page_has_the_values_of_the_functions() -> None:
    labels = load_model().labels
    rows = {}
    for kind in KINDS:
        config = baseline(kind, 100)
        size, products = float_size(config, labels), multiplications(config, len(labels)) / 1e6
        rows[kind] = f"| `{kind}` | {size['cell']:,} | {sum(size.values()):,} | {products:.2f} million |"
    page = (ROOT / "docs/cells.md").read_text()
    assert [kind for kind, row in rows.items() if row not in page] == []


def test_convolutions_cost_what_their_kernels_have() -> None:
    config = CellConfig(inputs=128, frames_per_step=4, hidden=H, rank_w=3, rank_u=2, convolution=ConvolutionConfig())
    kernels, separable = 12 * 5 * 4, 12 * 9 + 12 * 16  # at fifteen places twice a step, and at seven
    assert float_size(config, LABELS)["convolution"] == 4 * (kernels + separable + 12 + 12 + 16)
    cell = 3 * (10 + 7 * 16) + 2 * (10 + 10) + 3 * H
    assert float_size(config, LABELS)["cell"] == 4 * (cell - 3 * H + 2 * H + 2)
    assert multiplications(config, K) == 100 * D + 25 * (30 * kernels + 7 * separable + cell + K * H)


def test_integer_convolutions_cost_as_much_as_those_in_floats() -> None:
    model = convolved_model(random_model(hidden=40, words=2), random_convolution())
    of_first, of_pointwise = (np.count_nonzero(getattr(model.convolution, name)) for name in ("first", "pointwise"))
    entries = sum(np.count_nonzero(getattr(model, name)) for name in MATRICES)
    step = 30 * of_first + 7 * (12 * 9 + of_pointwise) + entries + 3 * 40
    assert integer_multiplications(model) == 100 * 32 + 25 * step


def test_integers_multiply_by_nonzero_entries_alone() -> None:
    model = random_model(hidden=40, words=2)
    entries = sum(np.count_nonzero(getattr(model, name)) for name in MATRICES)
    assert integer_multiplications(model) == 100 * (32 + entries + 3 * 40)


def test_a_ternary_matrix_multiplies_once_a_row() -> None:
    model = ternary_model(random_model(hidden=40, rank_w=8, rank_u=10, words=2))
    head = np.count_nonzero(model.head)
    assert integer_multiplications(model) == 100 * (32 + 40 + 8 + 40 + 10 + head + 3 * 40)
