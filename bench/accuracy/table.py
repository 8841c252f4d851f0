"""Format groups of results as a Markdown table, with the command behind each line."""

from __future__ import annotations

import statistics
from collections.abc import Mapping

from bench.accuracy.groups import Group, Spread, as_text, common_settings

_DASH = "–"


def as_table(groups: list[Group], splits: list[str], untrained: Mapping[str, float]) -> str:
    """Return the table, with a column for each split; floats are compared with integers on the last one.

    untrained: fraction of untrained words accepted, by trial; empty if it wasn't measured.
    """
    header = ["", "network", "weights", "seeds", *(f"{split}, %" for split in splits), "float less integers, points"]
    header += ["untrained words accepted, %"] * bool(untrained) + ["bytes", "multiplications/s", "training, min"]
    lines = [header, ["---"] * len(header)]
    common = common_settings(groups)
    for i, group in enumerate(groups, start=1):
        lines.append([str(i), group.title_without(common), *_cells(group, splits, untrained)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_commands(groups: list[Group]) -> str:
    """Return the commands that trained each line, with its number."""
    return "\n".join(f"{command}  # {i}" for i, group in enumerate(groups, start=1) for command in group.commands)


def as_notes(groups: list[Group]) -> str:
    """Return the common settings, the machines and the versions of the results."""
    results = [result for group in groups for result in group.results]
    machines = sorted({result.machine for result in results})
    beside = sorted({str(result.parallel) for result in results if result.parallel})
    versions = sorted({result.version for result in results})
    side = f", up to {' or '.join(beside)} trainings side by side" if beside else ""
    common = as_text(common_settings(groups))
    return (f"All with {common}. " if common else "") + (
        f"Means ± standard deviations over seeds; bytes and multiplications of the largest. Training time of "
        f"one seed, on {'; '.join(machines)}{side}. Version {', '.join(versions)}."
    )


def _cells(group: Group, splits: list[str], untrained: Mapping[str, float]) -> list[str]:
    accepted = [untrained[result.trial] for result in group.results if result.trial in untrained]
    return [
        group.any.weights,
        str(len(group.results)),
        *(_percent(group.accuracy(split), 1) for split in splits),
        _percent(group.loss_by_integers(splits[-1]), 2),
        *([_percent(Spread(statistics.fmean(accepted), None), 1) if accepted else _DASH] * bool(untrained)),
        f"{group.bytes:,}",
        f"{group.multiplications:,}",
        f"{group.seconds / 60:.1f}",
    ]


def _percent(spread: Spread | None, digits: int) -> str:
    return _DASH if spread is None else spread.as_text(digits, scale=100)
