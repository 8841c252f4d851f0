"""Record the table of accuracies as JSON, from which bench/results makes the page of the networks."""

from __future__ import annotations

import datetime
import json
import statistics
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.accuracy.groups import Group, Spread, as_text
from bench.accuracy.measure import Untrained
from wakeword.errors import UsageError


def as_records(
    groups: dict[str, list[Group]], splits: list[str], untrained: Untrained | None, accepted: Mapping[str, float]
) -> bytes:
    """Make a record for each cell of the table; return the JSON file.

    accepted: fraction of untrained words accepted as a keyword, by trial.
    Raises UsageError unless all groups are of one set of keywords.
    """
    if len(groups) != 1:
        raise UsageError(f"--record takes the runs of one set of keywords; these have {', '.join(groups)}")
    ((keywords, each),) = groups.items()
    machines = sorted({result.machine for group in each for result in group.results})
    shared: dict[str, Any] = {"machine": "; ".join(machines), "data": keywords, "date": f"{datetime.date.today()}"}
    shared["commit"] = _commit()
    if untrained:
        shared["data"] += f"; untrained words: {len(untrained.clips)} clips of {', '.join(untrained.words)}"
    names = {f"{i}: {_name(group)}": group for i, group in enumerate(each, start=1)}
    rows = {name: _row(group) for name, group in names.items()}
    records = [record for name, group in names.items() for record in _records(name, group, splits, accepted)]
    return table_text(shared, rows, records).encode()


def table_text(shared: dict[str, Any], rows: dict[str, Any], records: list[dict[str, Any]]) -> str:
    """Return a table of bench/results as JSON text, with a line for each row and record."""
    row_lines = [f"    {json.dumps(name)}: {json.dumps(row, ensure_ascii=False)}" for name, row in rows.items()]
    lines = [f"    {json.dumps(record, ensure_ascii=False)}" for record in records]
    head = json.dumps(shared, ensure_ascii=False, indent=2).replace("\n", "\n  ")
    parts = [f'  "shared": {head}', _block("rows", "{}", row_lines), _block("records", "[]", lines)]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _block(name: str, brackets: str, lines: list[str]) -> str:
    inner = ",\n".join(lines)
    return f'  "{name}": {brackets[0]}\n{inner}\n  {brackets[1]}'


def _name(group: Group) -> str:
    """Name the kind of network, then its settings. The kind has no comma: the figure joins points by it."""
    return ", ".join(filter(None, [group.series.replace(", ", " "), as_text(group.any.settings)]))


def _row(group: Group) -> dict[str, Any]:
    seeds = [str(result.seed) for result in group.results]
    return {"seeds": ", ".join(seeds), "command": " && ".join(group.commands)}


def _records(name: str, group: Group, splits: list[str], accepted: Mapping[str, float]) -> list[dict[str, Any]]:
    shares = [accepted[result.trial] for result in group.results if result.trial in accepted]
    cells: dict[str, dict[str, Any]] = {"weights": {"text": group.any.weights}}
    cells["seeds"] = {"values": [len(group.results)], "decimals": 0}
    cells |= {f"{split}, %": _spread(group.accuracy(split), 1) for split in splits}
    cells["float less integers, points"] = _spread(group.loss_by_integers(splits[-1]), 2)
    if shares:
        cells["untrained words accepted, %"] = _spread(Spread(statistics.fmean(shares), None), 1)
    cells["bytes"] = {"values": [group.bytes], "decimals": 0}
    cells["multiplications/s"] = {"values": [group.multiplications], "decimals": 0}
    cells["training, min"] = {"values": [round(group.seconds / 60, 1)], "decimals": 1}
    return [{"row": name, "column": column} | cell for column, cell in cells.items()]


def _spread(spread: Spread | None, decimals: int) -> dict[str, Any]:
    if spread is None:
        return {"text": "–"}
    cell: dict[str, Any] = {"values": [round(100 * spread.mean, decimals)], "decimals": decimals}
    return cell if spread.deviation is None else cell | {"sd": round(100 * spread.deviation, decimals)}


def _commit() -> str | None:
    """Return the commit of this checkout, or None outside one."""
    command = ["git", "rev-parse", "--short=7", "HEAD"]
    found = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None
