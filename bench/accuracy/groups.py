"""Group results that differ only in their seed: a group is one line of the table."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wakeword.errors import DataError
from wakeword.sweeps.results import Result


@dataclass(frozen=True)
class Spread:
    """A mean, and the standard deviation over seeds, None for one seed."""

    mean: float
    deviation: float | None

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """Compute both of a sample of one value or more."""
        return cls(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None)

    def as_text(self, digits: int, scale: float = 1) -> str:
        """Return mean ± deviation, each times `scale`."""
        mean = f"{scale * self.mean:.{digits}f}"
        return mean if self.deviation is None else f"{mean} ± {scale * self.deviation:.{digits}f}"


@dataclass(frozen=True)
class Group:
    """Results of the same training with several seeds."""

    results: tuple[Result, ...]  # by seed

    @property
    def any(self) -> Result:
        """Return one result, for the fields that all have in common."""
        return self.results[0]

    @property
    def series(self) -> str:
        """Return the kind of network, without its size."""
        return ", ".join(filter(None, [self.any.preset, self.any.cell]))

    @property
    def title(self) -> str:
        """Return preset, cell and settings."""
        return self.title_without({})

    def title_without(self, common: Mapping[str, Any]) -> str:
        """Return the title without settings that all lines have in common."""
        own = {name: value for name, value in self.any.settings.items() if name not in common}
        return ", ".join(filter(None, [self.series, as_text(own)]))

    @property
    def bytes(self) -> int:
        """Return the bytes of the largest result: sparse models differ a little by seed."""
        return max(result.bytes for result in self.results)

    @property
    def multiplications(self) -> int:
        """Return the most multiplications of any result."""
        return max(result.multiplications for result in self.results)

    @property
    def seconds(self) -> float:
        """Return the mean time of training."""
        return statistics.fmean(result.seconds for result in self.results)

    @property
    def commands(self) -> list[str]:
        """Return the commands that trained these results."""
        return sorted({result.command for result in self.results})

    def accuracy(self, split: str) -> Spread | None:
        """Return the accuracy as deployed, 0 to 1; None if a result doesn't have it."""
        known = [share for result in self.results if (share := result.accuracy(split)) is not None]
        return Spread.of(known) if len(known) == len(self.results) else None

    def loss_by_integers(self, split: str) -> Spread | None:
        """Return the accuracy in float less that in integers; None if a result doesn't have both."""
        shares = [result.accuracies.get(split, {}) for result in self.results]
        if not all({"integer", "float"} <= share.keys() for share in shares):
            return None
        return Spread.of([share["float"] - share["integer"] for share in shares])


def common_settings(groups: list[Group]) -> dict[str, Any]:
    """Return the settings that several groups share, with the same value in each."""
    if len(groups) < 2:
        return {}
    return {
        name: value
        for name, value in groups[0].any.settings.items()
        if all(group.any.settings.get(name, ()) == value for group in groups)
    }


def as_text(settings: Mapping[str, Any]) -> str:
    """Format settings for a title."""
    return ", ".join(f"{name} {_text(value)}" for name, value in settings.items())


def grouped(results: Iterable[Result]) -> dict[str, list[Group]]:
    """Return groups by keywords, in the order of size. Of a trial that comes twice, keep the one with more accuracies.

    Raises:
        DataError: two runs of the same name and seed have different data or settings.
    """
    trials: dict[str, Result] = {}
    for result in results:
        known = trials.get(result.trial)
        trials[result.trial] = _fuller(known, result) if known else result
    groups: dict[str, dict[int, Result]] = {}
    for result in trials.values():
        seeds = groups.setdefault(_key(result), {})
        twin = seeds.setdefault(result.seed, result)
        if twin is not result:
            raise DataError(
                f"{twin.trial} and {result.trial} are runs of the same name on other data or settings: "
                "compare their folders one at a time"
            )
    found = [Group(tuple(seeds[seed] for seed in sorted(seeds))) for seeds in groups.values()]
    by_keywords: dict[str, list[Group]] = {}
    for group in sorted(found, key=lambda group: (group.any.keywords, group.bytes, group.title)):
        by_keywords.setdefault(group.any.keywords, []).append(group)
    return by_keywords


def _fuller(a: Result, b: Result) -> Result:
    return a if len(a.accuracies) >= len(b.accuracies) else b


def _key(result: Result) -> str:
    return json.dumps([result.keywords, result.preset, result.cell, result.settings, result.weights], sort_keys=True)


def _text(value: object) -> str:
    if isinstance(value, list):
        return " to ".join(map(str, value))
    return "none" if value is None else str(value)
