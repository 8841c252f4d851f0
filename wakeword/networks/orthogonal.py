"""Three parametrizations of an orthogonal matrix, so that it stays orthogonal in every step of training.

A module returns its matrix (H, H), multiplied out once for all frames of a batch. Applying its factors frame by frame
would take far more and smaller operations.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Reflections(nn.Module):
    """A product of Householder reflections I - 2 v v^T / |v|^2, the i-th of which leaves the first i entries alone.

    H reflections reach every orthogonal matrix with the determinant (-1)^H.
    """

    def __init__(self, size: int, count: int) -> None:
        super().__init__()
        self.register_buffer("_index", torch.triu_indices(count, size), persistent=False)
        self.shape = (count, size)
        self.entries = nn.Parameter(torch.randn(self._index.shape[1]))

    _index: Tensor

    @property
    def vectors(self) -> Tensor:
        """(count, H): v_1, v_2, …, an upper triangle."""
        rows, cols = self._index
        return self.entries.new_zeros(self.shape).index_put((rows, cols), self.entries)

    def forward(self) -> Tensor:
        # The whole product is I - V^T T^-1 V; T is the upper triangle of V V^T with its diagonal halved (the compact
        # WY form, Schreiber and Van Loan 1989).
        vectors = self.vectors
        products = vectors @ vectors.T
        triangle = products.triu(1) + torch.diag(products.diagonal() / 2)
        identity = torch.eye(self.shape[1], dtype=vectors.dtype, device=vectors.device)
        return identity - vectors.T @ torch.linalg.solve_triangular(triangle, vectors, upper=True)


class Rotations(nn.Module):
    """Layers of rotations of neighbouring pairs of entries: (0, 1), (2, 3), … and (1, 2), (3, 4), … by turns.

    The tunable form of Jing et al. 2017, in the reals: each rotation has an angle and no phases. H layers have the
    H (H - 1) / 2 angles of a rotation in H dimensions.
    """

    def __init__(self, size: int, layers: int) -> None:
        super().__init__()
        self.size = size
        pairs = [(size - layer % 2) // 2 for layer in range(layers)]
        self.angles = nn.ParameterList([nn.Parameter((2 * torch.rand(count) - 1) * torch.pi) for count in pairs])

    def forward(self) -> Tensor:
        matrix = torch.eye(self.size, dtype=self.angles[0].dtype, device=self.angles[0].device)
        for layer, angles in enumerate(self.angles):
            matrix = _rotate(matrix, angles, first=layer % 2)
        return matrix


def _rotate(matrix: Tensor, angles: Tensor, first: int) -> Tensor:
    """Rotate the rows (first, first + 1), (first + 2, first + 3), … of a matrix, each pair by its angle."""
    end = first + 2 * len(angles)
    upper, lower = matrix[first:end:2], matrix[first + 1 : end : 2]
    cos, sin = torch.cos(angles)[:, None], torch.sin(angles)[:, None]
    turned = torch.stack([cos * upper - sin * lower, sin * upper + cos * lower], dim=1).flatten(0, 1)
    return torch.cat([matrix[:first], turned, matrix[end:]])


class Cayley(nn.Module):
    """(I + A)^-1 (I - A) with A antisymmetric: every orthogonal matrix without an eigenvalue of -1."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.register_buffer("_index", torch.triu_indices(size, size, offset=1), persistent=False)
        # Entries of this size spread the eigenvalues around the unit circle, as in a random rotation.
        self.entries = nn.Parameter(torch.randn(size * (size - 1) // 2) / size**0.5)

    _index: Tensor

    def forward(self) -> Tensor:
        rows, cols = self._index
        upper = self.entries.new_zeros(self.size, self.size).index_put((rows, cols), self.entries)
        antisymmetric = upper - upper.T
        identity = torch.eye(self.size, dtype=upper.dtype, device=upper.device)
        return torch.linalg.solve(identity + antisymmetric, identity - antisymmetric)
