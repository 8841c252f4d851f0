"""Transition matrices of the unitary family are as in the papers: orthogonal, or with singular values near one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.wakeword.cells import baseline
from wakeword.networks.config import Kind
from wakeword.networks.orthogonal import Cayley, Reflections, Rotations
from wakeword.networks.registry import make_cell
from wakeword.networks.unitary import LEAK, UnitaryCell

SIZE = 7
ORTHOGONAL = {
    "all reflections": lambda: Reflections(SIZE, SIZE),
    "one reflection": lambda: Reflections(SIZE, 1),
    "three reflections": lambda: Reflections(SIZE, 3),
    "all rotations": lambda: Rotations(SIZE, SIZE),
    "one layer of rotations": lambda: Rotations(SIZE, 1),
    "Cayley": lambda: Cayley(SIZE),
}


def reflection(vector: np.ndarray) -> np.ndarray:
    return np.eye(len(vector)) - 2 * np.outer(vector, vector) / (vector @ vector)


def rotation(size: int, first: int, angle: float) -> np.ndarray:
    """Of the entries first and first + 1."""
    matrix = np.eye(size)
    matrix[first : first + 2, first : first + 2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return matrix


def made(kind: Kind, **settings: Any) -> Any:
    torch.manual_seed(6)
    cell = make_cell(replace(baseline(kind, SIZE), **settings)).double()
    assert isinstance(cell, UnitaryCell)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.add_(torch.randn_like(parameter))
    return cell


@pytest.mark.parametrize("make", ORTHOGONAL.values(), ids=ORTHOGONAL)
@pytest.mark.parametrize("scale", [1, 100])
@torch.no_grad()
def test_a_matrix_is_orthogonal_wherever_training_takes_its_parameters(make: Any, scale: float) -> None:
    torch.manual_seed(0)
    module = make().double()
    for parameter in module.parameters():
        parameter.add_(scale * torch.randn_like(parameter))
    matrix = module().numpy()
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(SIZE), atol=1e-10)
    assert np.abs(matrix - np.eye(SIZE)).max() > 0.01


@pytest.mark.parametrize("count", [1, 3, SIZE])
@torch.no_grad()
def test_reflections_are_multiplied_in_order_and_each_leaves_one_entry_more_alone(count: int) -> None:
    torch.manual_seed(1)
    module = Reflections(SIZE, count).double()
    wanted = np.eye(SIZE)
    for index, vector in enumerate(module.vectors.numpy()):
        assert not vector[:index].any()
        wanted = wanted @ reflection(vector)
    np.testing.assert_allclose(module().numpy(), wanted, atol=1e-12)


@pytest.mark.parametrize("layers", [1, 2, SIZE])
@torch.no_grad()
def test_layers_of_rotations_take_neighbours_by_turns(layers: int) -> None:
    torch.manual_seed(2)
    module = Rotations(SIZE, layers).double()
    wanted = np.eye(SIZE)
    for layer, angles in enumerate(module.angles):
        for pair, angle in enumerate(angles):
            wanted = rotation(SIZE, layer % 2 + 2 * pair, float(angle)) @ wanted
    np.testing.assert_allclose(module().numpy(), wanted, atol=1e-12)


@pytest.mark.parametrize("size", [6, 7])
def test_parameters_are_as_many_as_the_group_has_dimensions(size: int) -> None:
    dimensions = size * (size - 1) // 2
    assert sum(angles.numel() for angles in Rotations(size, size).angles) == dimensions
    assert Cayley(size).entries.numel() == dimensions
    assert Reflections(size, size).entries.numel() == dimensions + size  # the length of each vector is free


@torch.no_grad()
def test_a_cayley_transform_is_of_an_antisymmetric_matrix() -> None:
    torch.manual_seed(3)
    module = Cayley(SIZE).double()
    upper = np.zeros((SIZE, SIZE))
    upper[np.triu_indices(SIZE, 1)] = module.entries.numpy()
    antisymmetric = upper - upper.T
    wanted = np.linalg.inv(np.eye(SIZE) + antisymmetric) @ (np.eye(SIZE) - antisymmetric)
    np.testing.assert_allclose(module().numpy(), wanted, atol=1e-12)


@pytest.mark.parametrize("kind", ["ornn", "eurnn"])
@pytest.mark.parametrize("capacity", [None, 2])
@torch.no_grad()
def test_ornn_and_eurnn_keep_the_length_of_the_state(kind: Kind, capacity: Any) -> None:
    transition = made(kind, capacity=capacity).transition().numpy()
    np.testing.assert_allclose(transition.T @ transition, np.eye(SIZE), atol=1e-12)


@pytest.mark.parametrize("kind", ["spectralrnn", "factoredrnn"])
@pytest.mark.parametrize("margin", [0.0, 0.1, 0.5])
@torch.no_grad()
def test_singular_values_fill_the_margin_and_stay_within_it(kind: Kind, margin: float) -> None:
    cell = made(kind, margin=margin)
    cell.stretch.copy_(torch.linspace(-50, 50, SIZE))
    values = np.linalg.svd(cell.transition().numpy(), compute_uv=False)
    assert values.max() == pytest.approx(1 + margin, abs=1e-9)
    assert values.min() == pytest.approx(1 - margin, abs=1e-9)


@pytest.mark.parametrize("kind", ["spectralrnn", "factoredrnn"])
def test_training_begins_with_singular_values_of_one(kind: Kind) -> None:
    torch.manual_seed(7)
    cell: Any = make_cell(baseline(kind, SIZE))
    transition = cell.transition().detach().double().numpy()
    np.testing.assert_allclose(np.linalg.svd(transition, compute_uv=False), np.ones(SIZE), atol=1e-5)


@pytest.mark.parametrize("kind", ["spectralrnn", "factoredrnn"])
@torch.no_grad()
def test_the_transition_is_its_singular_value_decomposition(kind: Kind) -> None:
    cell = made(kind)
    values = 1 + 2 * 0.1 * (1 / (1 + np.exp(-cell.stretch.numpy())) - 0.5)
    wanted = cell.left().numpy() @ np.diag(values) @ cell.right().numpy().T
    np.testing.assert_allclose(cell.transition().numpy(), wanted, atol=1e-12)


def leaky(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, LEAK * x)


NON_LINEARITIES = {
    "ornn": lambda a, b: leaky(a + b),
    "spectralrnn": lambda a, b: leaky(a + b),
    "eurnn": lambda a, b: np.sign(a) * np.maximum(0, np.abs(a) + b),
    "factoredrnn": lambda a, b: np.tanh(a + b),
}


@pytest.mark.parametrize("kind", NON_LINEARITIES)
@torch.no_grad()
def test_a_step_is_the_familys_equation(kind: Kind) -> None:
    cell = made(kind)
    (w,) = cell.w.factors
    x, hidden = torch.randn(1, 5, 32, dtype=torch.double), torch.randn(1, SIZE, dtype=torch.double)
    states, _ = cell(x, hidden)
    wanted = hidden[0].numpy()
    for frame in range(5):
        linear = w.numpy() @ x[0, frame].numpy() + cell.transition().numpy() @ wanted
        wanted = NON_LINEARITIES[kind](linear, cell.bias.numpy())
        np.testing.assert_allclose(states[0, frame].numpy(), wanted, atol=1e-11)
