"""Each cell is the equation of its paper, written here a second time in NumPy, for one clip."""

from typing import Any

import numpy as np
import pytest
import torch

from tests.wakeword.cells import baseline
from wakeword.networks.cell import LowRank
from wakeword.networks.config import Kind
from wakeword.networks.registry import make_cell

INPUTS, HIDDEN, FRAMES = 32, 6, 12


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def numbers(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy()


def whole(matrix: LowRank) -> np.ndarray:
    (factor,) = matrix.factors
    return numbers(factor)


def fastrnn_vector(cell: Any, x: np.ndarray, h: np.ndarray) -> np.ndarray:
    candidate = np.tanh(whole(cell.w) @ x + whole(cell.u) @ h + numbers(cell.bias))
    return sigmoid(numbers(cell.alpha_logit)) * candidate + sigmoid(numbers(cell.beta_logit)) * h


def ugrnn(cell: Any, x: np.ndarray, h: np.ndarray) -> np.ndarray:
    (wg, wc), (ug, uc), (bg, bc) = (np.split(m, 2) for m in (whole(cell.w), whole(cell.u), numbers(cell.bias)))
    gate = sigmoid(wg @ x + ug @ h + bg)
    return gate * h + (1 - gate) * np.tanh(wc @ x + uc @ h + bc)


def rnn(cell: Any, x: np.ndarray, h: np.ndarray) -> np.ndarray:
    w, u, bw, bu = map(numbers, cell.network.parameters())
    return np.tanh(w @ x + bw + u @ h + bu)


def gru(cell: Any, x: np.ndarray, h: np.ndarray) -> np.ndarray:
    (wr, wz, wn), (ur, uz, un), (br, bz, bn), (cr, cz, cn) = (
        np.split(numbers(parameter), 3) for parameter in cell.network.parameters()
    )
    reset = sigmoid(wr @ x + br + ur @ h + cr)
    z = sigmoid(wz @ x + bz + uz @ h + cz)
    return (1 - z) * np.tanh(wn @ x + bn + reset * (un @ h + cn)) + z * h


def lstm(cell: Any, x: np.ndarray, state: np.ndarray) -> np.ndarray:
    h, c = np.split(state, 2)
    (wi, wf, wg, wo), (ui, uf, ug, uo), (bi, bf, bg, bo), (ci, cf, cg, co) = (
        np.split(numbers(parameter), 4) for parameter in cell.network.parameters()
    )
    c = sigmoid(wf @ x + bf + uf @ h + cf) * c + sigmoid(wi @ x + bi + ui @ h + ci) * np.tanh(wg @ x + bg + ug @ h + cg)
    return np.concatenate([sigmoid(wo @ x + bo + uo @ h + co) * np.tanh(c), c])


DEFINITIONS = {"fastrnn-vector": fastrnn_vector, "ugrnn": ugrnn, "rnn": rnn, "gru": gru, "lstm": lstm}


@pytest.mark.parametrize("kind", DEFINITIONS)
def test_a_cell_is_its_equation(kind: Kind) -> None:
    torch.manual_seed(5)
    cell = make_cell(baseline(kind, HIDDEN)).double()
    with torch.no_grad():
        for parameter in cell.parameters():  # biases and logits too, so that none is left out unseen
            parameter.add_(0.3 * torch.randn_like(parameter))
    x = torch.randn(1, FRAMES, INPUTS, dtype=torch.double)
    states, last = cell(x, torch.zeros(1, cell.state_size, dtype=torch.double))
    state = np.zeros(cell.state_size)
    for frame in range(FRAMES):
        state = DEFINITIONS[kind](cell, x[0, frame].numpy(), state)
        np.testing.assert_allclose(numbers(states[0, frame]), state[:HIDDEN], atol=1e-12)
    np.testing.assert_allclose(numbers(last[0]), state, atol=1e-12)


def test_fastrnn_vector_begins_as_fastrnn_does() -> None:
    cell: Any = make_cell(baseline("fastrnn-vector", HIDDEN))
    assert numbers(cell.alpha_logit).tolist() == [-3] * HIDDEN
    assert numbers(cell.beta_logit).tolist() == [3] * HIDDEN
