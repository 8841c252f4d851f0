"""Accuracy against size, drawn from the records of the networks."""

from __future__ import annotations

import hashlib
import json

from bench.results.records import Table

NAME = "networks"
_SPLIT, _BYTES = "test, %", "bytes"


def picture(table: Table) -> bytes:
    """Draw the figure of docs/results/networks.md as SVG; its metadata hold the digest of the drawn figures."""
    from bench.accuracy.figure import Point, draw  # matplotlib, which a check does without
    from bench.accuracy.groups import Spread

    points = [
        Point(series, int(size), Spread(mean / 100, None if sd is None else sd / 100))
        for series, size, mean, sd in _drawn(table)
    ]
    return draw({"digits10": points}, "test", note=digest(table))


def digest(table: Table) -> str:
    """Say which points the figure shows. A stale figure is told by this: its bytes depend on matplotlib's release."""
    return f"drawn from {hashlib.sha256(json.dumps(_drawn(table)).encode()).hexdigest()[:16]}"


def _drawn(table: Table) -> list[tuple[str, float, float, float | None]]:
    """Return series, bytes, accuracy and its standard deviation (%) of each row, whose name is NUMBER: SERIES, SIZE."""
    sizes = {record.row: record.values[0] for record in table.records if record.column == _BYTES}
    accuracies = [record for record in table.records if record.column == _SPLIT and record.values]
    return [(_series(r.row), sizes[r.row], r.values[0], r.sd) for r in accuracies]


def _series(row: str) -> str:
    return row.partition(": ")[2].partition(", ")[0]
