"""Measure, print and write the comparison of sweeps."""

from __future__ import annotations

from pathlib import Path

from bench.accuracy.document import write_section
from bench.accuracy.figure import draw, points
from bench.accuracy.groups import Group, grouped
from bench.accuracy.measure import Untrained, accepted, load_untrained, measured
from bench.accuracy.record import as_records
from bench.accuracy.table import as_commands, as_notes, as_table
from wakeword.files import write_whole
from wakeword.sweeps.results import Result, read_table

_SPLITS = {"test": ["validation", "test, protocol", "test"], "validation": ["validation"]}
_PICTURE = "accuracy.svg"


def report(
    tables: list[Path],
    split: str,
    data: Path | None,
    untrained: str | None,
    document: Path | None = None,
    record: Path | None = None,
) -> None:
    """Print the table of these sweeps, and write it to the document and as JSON to the record, if given.

    Raises WakewordError if results, models or data can't be read, or a file can't be written.
    """
    clips = load_untrained(untrained, data) if untrained else None
    results: list[Result] = []
    shares: dict[str, float] = {}
    for table in tables:
        found = measured(table, data) if split == "test" else read_table(table)
        results += found
        if clips:
            shares |= dict(accepted(table, found, clips))
    groups = grouped(results)
    text = "\n\n".join(section(keywords, each, split, clips, shares) for keywords, each in groups.items())
    print(text)
    if document:
        last = _SPLITS[split][-1]
        panels = {keywords: points(each, last) for keywords, each in groups.items()}
        write_whole(document.with_name(_PICTURE), draw(panels, last))
        write_section(document, f"![Accuracy against size, a curve for each kind of network]({_PICTURE})\n\n{text}")
    if record:
        write_whole(record, as_records(groups, _SPLITS[split], clips, shares))


def section(
    keywords: str, groups: list[Group], split: str, untrained: Untrained | None, shares: dict[str, float]
) -> str:
    """Return the table, notes and commands of one set of keywords."""
    parts = [f"### {keywords}", as_table(groups, _SPLITS[split], shares), as_notes(groups)]
    if untrained:
        words = ", ".join(untrained.words)
        parts.append(f"Untrained words: {len(untrained.clips):,} clips of {words}.")
    return "\n\n".join([*parts, f"```\n{as_commands(groups)}\n```"])
