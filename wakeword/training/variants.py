"""The networks of the paper's comparison as training settings: what stays, goes or is smooth, from any preset."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from wakeword.errors import WakewordError
from wakeword.networks.cell import KINDS, CellConfig, Kind

if TYPE_CHECKING:  # the presets may be made of variants
    from wakeword.training.presets import TrainConfig

# FastGRNN low rank, sparse, quantised; without the low rank; and quantised alone.
COMPRESSED = ("fastgrnn-lsq", "fastgrnn-sq", "fastgrnn-q")
VARIANTS = (*COMPRESSED, *KINDS)


def variant(config: TrainConfig, name: str, hidden: int | None = None) -> TrainConfig:
    """The settings with another network: one of COMPRESSED, or any cell in full (whole, dense and in floats).

    All of it is trained for as many epochs: a stage that a variant has no use for adds its own to the one before.
    hidden: units, where not those of `config`. Raises WakewordError for an unknown name.
    """
    if name not in VARIANTS:
        raise WakewordError(f"there is no network {name!r}; choose one of {', '.join(VARIANTS)}")
    cell = replace(config.cell, hidden=hidden or config.cell.hidden)
    if name == "fastgrnn-lsq":
        return replace(config, cell=replace(cell, kind="fastgrnn", piecewise=True))
    whole = replace(cell, kind="fastgrnn", rank_w=None, rank_u=None, piecewise=True)
    if name == "fastgrnn-sq":
        return replace(config, cell=whole)
    if name == "fastgrnn-q":
        return _dense(config, whole, quantised=config.stages.quantised)
    return _dense(config, replace(whole, kind=cast(Kind, name), piecewise=False), quantised=0)


def _dense(config: TrainConfig, cell: CellConfig, quantised: int) -> TrainConfig:
    """The settings without the sparse stage, whose epochs go to the first."""
    stages = replace(config.stages, low_rank=config.stages.total - quantised, sparse=0, quantised=quantised)
    return replace(config, cell=cell, density=1.0, stages=stages)
