"""Results that differ in their seed only, as one line of the table."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wakeword.errors import WakewordError
from wakeword.sweeps.results import Result


@dataclass(frozen=True)
class Spread:
    """A mean, and the standard deviation over seeds; None of a single one."""

    mean: float
    deviation: float | None

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """Of a sample, one value at least."""
        return cls(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None)

    def as_text(self, digits: int, scale: float = 1) -> str:
        """Mean ± deviation, `scale` times."""
        mean = f"{scale * self.mean:.{digits}f}"
        return mean if self.deviation is None else f"{mean} ± {scale * self.deviation:.{digits}f}"


@dataclass(frozen=True)
class Group:
    """The same training with several seeds."""

    results: tuple[Result, ...]  # by seed

    @property
    def any(self) -> Result:
        """One that stands for what they have in common."""
        return self.results[0]

    @property
    def series(self) -> str:
        """What kind of network it is, whatever its size."""
        return ", ".join(filter(None, [self.any.preset, self.any.cell]))

    @property
    def title(self) -> str:
        return self.title_without({})

    def title_without(self, common: Mapping[str, Any]) -> str:
        """Its title where all lines have these settings in common."""
        own = {name: value for name, value in self.any.settings.items() if name not in common}
        return ", ".join(filter(None, [self.series, as_text(own)]))

    @property
    def bytes(self) -> int:
        """Of the largest: sparse models of several seeds differ a little."""
        return max(result.bytes for result in self.results)

    @property
    def multiplications(self) -> int:
        """Of the one that takes most."""
        return max(result.multiplications for result in self.results)

    @property
    def seconds(self) -> float:
        return statistics.fmean(result.seconds for result in self.results)

    @property
    def commands(self) -> list[str]:
        return sorted({result.command for result in self.results})

    def accuracy(self, split: str) -> Spread | None:
        """As deployed, 0 to 1. None where it isn't known of all."""
        known = [share for result in self.results if (share := result.accuracy(split)) is not None]
        return Spread.of(known) if len(known) == len(self.results) else None

    def loss_by_integers(self, split: str) -> Spread | None:
        """How much less accurate the integers are than the same network in float. None where both aren't known."""
        shares = [result.accuracies.get(split, {}) for result in self.results]
        if not all({"integer", "float"} <= share.keys() for share in shares):
            return None
        return Spread.of([share["float"] - share["integer"] for share in shares])


def common_settings(groups: list[Group]) -> dict[str, Any]:
    """The settings that every one of several groups has, with the same value."""
    if len(groups) < 2:
        return {}
    return {
        name: value
        for name, value in groups[0].any.settings.items()
        if all(group.any.settings.get(name, ()) == value for group in groups)
    }


def as_text(settings: Mapping[str, Any]) -> str:
    """Settings as they stand in a title."""
    return ", ".join(f"{name} {_text(value)}" for name, value in settings.items())


def grouped(results: Iterable[Result]) -> dict[str, list[Group]]:
    """Groups by their keywords, by size. A trial that comes twice is one, measured on all that either was.

    Raises WakewordError where two runs claim to be the same training with the same seed.
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
            raise WakewordError(
                f"{twin.trial} and {result.trial} are runs of the same name on other data or settings: "
                "they can't stand in one line"
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
