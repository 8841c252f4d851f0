"""Read the measured figures: a JSON file for each table, in it a flat record for each figure."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from wakeword.errors import DataError
from wakeword.evaluation.intervals import wilson

FOLDER = Path(__file__).parent
NOTES = "lab-notes"


@dataclass(frozen=True)
class Goal:
    """A limit that was set before the measurement, in the unit of the figure."""

    limit: float
    lowest: bool  # whether the figure must reach the limit; else it must not exceed it

    @classmethod
    def of(cls, spec: Mapping[str, float]) -> Goal:
        """Read {"at_least": 92} or {"at_most": 5}. Raises DataError for anything else."""
        if len(spec) != 1 or not spec.keys() <= {"at_least", "at_most"}:
            raise DataError(f"goal {dict(spec)}: give either at_least or at_most, and a number")
        ((sense, limit),) = spec.items()
        return cls(limit, sense == "at_least")

    def met(self, value: float) -> bool:
        """Compare a figure with the limit."""
        return value >= self.limit if self.lowest else value <= self.limit


@dataclass(frozen=True)
class Record:
    """A figure, or the same figure of several seeds, with all that is known of how it came about.

    It is either counts of a total, or values, or a text. None says that a field was not recorded.
    """

    row: str
    column: str = ""
    counts: tuple[int, ...] = ()  # one a seed; each of `total`
    total: int | None = None
    values: tuple[float, ...] = ()  # one a seed, or their mean
    sd: float | None = None  # the standard deviation of the mean's seeds
    text: str = ""
    unit: str = ""
    decimals: int = 1
    note: str = ""
    goal: Goal | None = None
    task: str = ""  # of the first page; a record without one doesn't stand there
    figure: str = ""  # the name of the figure on the first page, if the row's alone doesn't say it
    bytes: tuple[int, ...] = ()  # of the models, as `wakeword info` prints them
    command: str | None = None
    seeds: str | None = None
    data: str | None = None
    machine: str | None = None
    date: str | None = None
    commit: str | None = None

    @property
    def figures(self) -> tuple[float, ...]:
        """Return the values, or the counts in percent of their total."""
        return tuple(100 * count / self.total for count in self.counts) if self.total else self.values

    @property
    def mean(self) -> float:
        """Return the mean over seeds."""
        return statistics.fmean(self.figures)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return the 95 % interval (Wilson) of one count in percent, or None for several counts or a value."""
        if not self.total or len(self.counts) != 1:
            return None
        low, high = wilson(self.counts[0], self.total)
        return 100 * low, 100 * high


@dataclass(frozen=True)
class Table:
    """The records of one file."""

    name: str
    records: tuple[Record, ...]


_TUPLES = {"counts", "values", "bytes"}
_FIELDS = {field.name for field in fields(Record)}


def read_tables(folder: Path = FOLDER) -> dict[str, Table]:
    """Read every table of the folder, by name. Raises DataError for a file that can't be read as one."""
    paths = sorted(path for path in folder.glob("*.json") if path.stem != NOTES)
    return {path.stem: read_table(path) for path in paths}


def read_table(path: Path) -> Table:
    """Read one file: "shared" holds the fields of all records, "rows" those of a row's, "records" each one's own.

    The nearest counts. Raises DataError for what isn't JSON, an unknown field, or a record without a figure.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        shared, rows, records = content["shared"], content.get("rows", {}), content["records"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} must be JSON with shared and records: {error}") from error
    return Table(
        path.stem, tuple(_record(path, shared | rows.get(record.get("row"), {}) | record) for record in records)
    )


def _record(path: Path, spec: dict[str, Any]) -> Record:
    unknown = spec.keys() - _FIELDS
    if unknown or "row" not in spec:
        raise DataError(f"{path}: a record needs a row and can't have {', '.join(sorted(unknown)) or 'none'}: {spec}")
    spec = {name: tuple(value) if name in _TUPLES else value for name, value in spec.items()}
    goal = spec.pop("goal", None)
    record = Record(**spec, goal=Goal.of(goal) if goal else None)
    if bool(record.counts) != bool(record.total) or not (record.counts or record.values or record.text):
        raise DataError(f"{path}, {record.row}: give counts and total, or values, or a text")
    if any(not 0 <= count <= (record.total or 0) for count in record.counts):
        raise DataError(f"{path}, {record.row}: a count must lie between 0 and the total, {record.total}")
    return record


def read_notes(folder: Path = FOLDER) -> list[dict[str, str]]:
    """Read the experiments, one a line of the lab notes. Raises DataError as `read_table`."""
    path = folder / f"{NOTES}.json"
    try:
        notes: list[dict[str, str]] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} must be a JSON list of experiments: {error}") from error
    return notes
