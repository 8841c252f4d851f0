"""Groups of results as Markdown: a line each, and the command that makes it."""

from __future__ import annotations

import statistics
from collections.abc import Mapping

from bench.accuracy.groups import Group, Spread, as_text, common_settings

_DASH = "–"


def as_table(groups: list[Group], splits: list[str], foreign: Mapping[str, float]) -> str:
    """Columns for each split, the last of which the integers are compared with floats on.

    foreign: by trial, the share of words never heard that it takes for a keyword; empty where it wasn't measured.
    """
    header = ["", "network", "weights", "seeds", *(f"{split}, %" for split in splits), "float more, points"]
    header += ["foreign taken, %"] * bool(foreign) + ["bytes", "multiplications/s", "training, min"]
    lines = [header, ["---"] * len(header)]
    common = common_settings(groups)
    for i, group in enumerate(groups, start=1):
        lines.append([str(i), group.title_without(common), *_cells(group, splits, foreign)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_commands(groups: list[Group]) -> str:
    """What makes each line of the table, by its number."""
    return "\n".join(f"{command}  # {i}" for i, group in enumerate(groups, start=1) for command in group.commands)


def as_notes(groups: list[Group]) -> str:
    """Where and how the figures came about."""
    results = [result for group in groups for result in group.results]
    machines = sorted({result.machine for result in results})
    beside = sorted({str(result.parallel) for result in results if result.parallel})
    versions = sorted({result.version for result in results})
    side = f", up to {' or '.join(beside)} trainings side by side" if beside else ""
    common = as_text(common_settings(groups))
    return (f"All with {common}. " if common else "") + (
        f"Means ± standard deviations over seeds; bytes and multiplications of the largest. Training time is that of "
        f"one seed, on {'; '.join(machines)}{side}. Version {', '.join(versions)}."
    )


def _cells(group: Group, splits: list[str], foreign: Mapping[str, float]) -> list[str]:
    taken = [foreign[result.trial] for result in group.results if result.trial in foreign]
    return [
        group.any.weights,
        str(len(group.results)),
        *(_percent(group.accuracy(split), 1) for split in splits),
        _percent(group.loss_by_integers(splits[-1]), 2),
        *([_percent(Spread(statistics.fmean(taken), None), 1) if taken else _DASH] * bool(foreign)),
        f"{group.bytes:,}",
        f"{group.multiplications:,}",
        f"{group.seconds / 60:.1f}",
    ]


def _percent(spread: Spread | None, digits: int) -> str:
    return _DASH if spread is None else spread.as_text(digits, scale=100)
