"""Configurations of cells for tests."""

from wakeword.networks.config import CellConfig, Kind


def baseline(kind: Kind, hidden: int = 100, capacity: int | None = None) -> CellConfig:
    """A cell in the form that every kind has: whole matrices and smooth non-linearities."""
    return CellConfig(kind, hidden=hidden, rank_w=None, rank_u=None, piecewise=False, capacity=capacity)
