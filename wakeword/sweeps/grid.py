"""The grid of a sweep: all combinations of presets, networks and settings, or random ones, each with every seed."""

from __future__ import annotations

import hashlib
import json
import math
import random
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import reduce
from itertools import product
from typing import Any

from wakeword.data.keywords import KeywordSet
from wakeword.errors import UsageError
from wakeword.training.config import Distillation, TeacherConfig, TrainConfig, check_integer_form
from wakeword.training.overrides import apply_settings, field_path, parse_settings
from wakeword.training.presets import preset, variant

_RANGE = ".."
_COMPLETE = TrainConfig(distillation=Distillation(TeacherConfig()))  # has all the fields that a setting may name
# Fields that decide how a model is judged, or that follow from another choice.
_REFUSED = {
    "seed": "--seeds counts the seeds",
    "selection.include_validation": "a sweep chooses by the validation clips",
    "cell.kind": "--cell names networks",
    "cell.inputs": "the inputs follow from frames_per_step",
}


@dataclass(frozen=True)
class Interval:
    """Numbers to draw from, both ends included: integers evenly, others evenly on a logarithmic scale."""

    low: float
    high: float
    whole: bool

    def draw(self, rng: random.Random) -> str:
        """Draw a number, as text; one that isn't whole has three digits."""
        if self.whole:
            return str(rng.randint(int(self.low), int(self.high)))
        return f"{math.exp(rng.uniform(math.log(self.low), math.log(self.high))):.3g}"


@dataclass(frozen=True)
class Grid:
    """The values to combine. A cell of None is the preset's own network."""

    presets: tuple[str, ...]
    cells: tuple[str | None, ...]
    settings: dict[str, tuple[str, ...] | Interval]
    seeds: int
    samples: int | None = None  # combinations to draw; None takes all


@dataclass(frozen=True)
class Point:
    """One combination, without its seed."""

    preset: str
    cell: str | None
    settings: dict[str, str]  # as the user wrote them

    def config(self, seed: int) -> TrainConfig:
        """Return the configuration of the training. Raises UsageError for settings that no training takes."""
        config = apply_settings(preset(self.preset, seed), self.settings)
        return variant(config, self.cell) if self.cell else config

    def options(self) -> str:
        """Return the point as options of a command."""
        cell = ["--cell", self.cell] if self.cell else []
        settings = [text for name, value in self.settings.items() for text in ("--set", f"{name}={value}")]
        return shlex.join(["--preset", self.preset, *cell, *settings])


@dataclass(frozen=True)
class Trial:
    """One training run of a sweep."""

    name: str  # of its folder; a run has the same name in every sweep
    point: Point
    seed: int
    config: TrainConfig

    @property
    def settings(self) -> dict[str, Any]:
        """The values in the run of the settings that the user named.

        They may differ from the user's: a cell without a low-rank form has no ranks.
        """
        return {name: _value(self.config, name) for name in self.point.settings}


def parse_dimensions(texts: Iterable[str], samples: int | None) -> dict[str, tuple[str, ...] | Interval]:
    """Parse FIELD=VALUE,VALUE,... and FIELD=LOW..HIGH texts; the last text of a field counts.

    Raises UsageError for a text of another form, a field that a sweep can't set, and a range without `samples`.
    """
    dimensions: dict[str, tuple[str, ...] | Interval] = {}
    for name, text in parse_settings(texts).items():
        field = ".".join(field_path(_COMPLETE, name))
        if field in _REFUSED:
            raise UsageError(f"--set {name} is not for a sweep: {_REFUSED[field]}")
        if _RANGE in text and samples is None:
            raise UsageError(f"{name}={text} is a range; say how many combinations to draw with --samples N")
        dimensions[name] = _parse_interval(name, text) if _RANGE in text else tuple(text.split(","))
    return dimensions


def trials(grid: Grid, keywords: KeywordSet, corpus: str) -> list[Trial]:
    """Return the runs of a grid, all of one seed before those of the next.

    Combinations that give the same training are one run. corpus: a digest of the clips. Raises UsageError for settings
    that no training takes.
    """
    points = list(_drawn(grid) if grid.samples is not None else _all(grid))
    distinct: dict[str, Trial] = {}
    for seed in range(grid.seeds):
        for point in points:
            config = point.config(seed)
            check_integer_form(config, len(keywords.labels))
            name = _name(point, config, keywords, corpus)
            distinct.setdefault(name, Trial(name, point, seed, config))
    return list(distinct.values())


def _all(grid: Grid) -> Iterator[Point]:
    lists = [values for values in grid.settings.values() if isinstance(values, tuple)]
    for name, cell, *values in product(grid.presets, grid.cells, *lists):
        yield Point(str(name), cell, dict(zip(grid.settings, map(str, values), strict=True)))


def _drawn(grid: Grid) -> Iterator[Point]:
    """Draw the same points each time; a larger number begins with the points of a smaller one."""
    rng = random.Random(0)
    for _ in range(grid.samples or 0):
        name, cell = rng.choice(grid.presets), rng.choice(grid.cells)
        settings = {
            field: values.draw(rng) if isinstance(values, Interval) else rng.choice(values)
            for field, values in grid.settings.items()
        }
        yield Point(name, cell, settings)


def _parse_interval(name: str, text: str) -> Interval:
    low, _, high = text.partition(_RANGE)
    whole = low.isdigit() and high.isdigit()
    try:
        drawn = Interval(float(low), float(high), whole)
    except ValueError:
        raise UsageError(f"{name}: {text!r} is no range LOW{_RANGE}HIGH of two numbers") from None
    if not (drawn.low < drawn.high < math.inf) or (not whole and drawn.low <= 0):
        raise UsageError(f"{name}: a range goes from one number above zero to a greater one, not {text!r}")
    return drawn


def _name(point: Point, config: TrainConfig, keywords: KeywordSet, corpus: str) -> str:
    decides = [asdict(config), asdict(keywords), corpus]
    digest = hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()
    return f"{point.preset}-{point.cell or 'own'}-seed{config.seed}-{digest[:12]}"


def _value(config: TrainConfig, name: str) -> Any:
    """Return the value of a field, by the name that `apply_settings` takes."""
    return reduce(getattr, field_path(config, name), config)
