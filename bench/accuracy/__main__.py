"""The table of accuracies: `wakeword bench accuracy`, or `python -m bench.accuracy`.

    wakeword bench accuracy RUNS --data DATA                          print it, with the test list
    wakeword bench accuracy RUNS MORE_RUNS --split validation         of several sweeps, as they were chosen
    wakeword bench accuracy RUNS --data DATA --write accuracy.md      and draw accuracy.svg beside the document
    wakeword bench accuracy RUNS --data DATA --record networks.json   and keep it for the pages of results
    wakeword bench accuracy RUNS --data DATA --foreign marvin,wow     with words that no training has heard

RUNS is the folder of a `wakeword sweep`, or its results.jsonl. What was not tested yet is, and is kept there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.accuracy.document import write_section
from bench.accuracy.figure import draw, points
from bench.accuracy.groups import Group, grouped
from bench.accuracy.measure import Foreign, false_accepts, load_foreign, measured
from bench.accuracy.record import as_records
from bench.accuracy.table import as_commands, as_notes, as_table
from bench.options import Parser
from wakeword.errors import WakewordError
from wakeword.files import write_whole
from wakeword.sweeps.results import Result, read_table

_SPLITS = {"test": ["validation", "test, protocol", "test"], "validation": ["validation"]}
_PICTURE = "accuracy.svg"


def main() -> None:
    """Parse, measure what is missing, print or write."""
    parser = Parser("accuracy", __doc__)
    parser.add_argument("results", type=Path, nargs="+", metavar="RUNS")
    parser.add_argument("--split", choices=list(_SPLITS), default="test")
    parser.add_argument("--data", type=Path, help="the clips to test on")
    parser.add_argument("--foreign", help="a folder of clips by word, or WORD,WORD of the data, that none has heard")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="replace its section, and the picture beside it")
    parser.add_argument(
        "--record", type=Path, metavar="JSON", help="a table of bench/results; only one set of keywords"
    )
    options = parser.parse_args()
    try:
        report(options.results, options.split, options.data, options.foreign, options.write, options.record)
    except WakewordError as error:
        print(f"wakeword: {error}", file=sys.stderr)
        sys.exit(2)


def report(
    tables: list[Path],
    split: str,
    data: Path | None,
    foreign: str | None,
    document: Path | None = None,
    record: Path | None = None,
) -> None:
    """Print the section, and write it into the document and the table if they are given.

    Raises WakewordError as the parts that it is made of.
    """
    clips = load_foreign(foreign, data) if foreign else None
    results: list[Result] = []
    taken: dict[str, float] = {}
    for table in tables:
        found = measured(table, data) if split == "test" else read_table(table)
        results += found
        if clips:
            taken |= dict(false_accepts(table, found, clips))
    groups = grouped(results)
    text = "\n\n".join(section(keywords, each, split, clips, taken) for keywords, each in groups.items())
    print(text)
    if document:
        last = _SPLITS[split][-1]
        panels = {keywords: points(each, last) for keywords, each in groups.items()}
        write_whole(document.with_name(_PICTURE), draw(panels, last))
        write_section(document, f"![Accuracy against size, a curve for each kind of network]({_PICTURE})\n\n{text}")
    if record:
        write_whole(record, as_records(groups, _SPLITS[split], clips, taken))


def section(keywords: str, groups: list[Group], split: str, foreign: Foreign | None, taken: dict[str, float]) -> str:
    """All about one set of keywords."""
    parts = [f"### {keywords}", as_table(groups, _SPLITS[split], taken), as_notes(groups)]
    if foreign:
        words = ", ".join(foreign.words)
        parts.append(f"Foreign: {len(foreign.clips):,} clips of {words}, which no training of these has heard.")
    return "\n\n".join([*parts, f"```\n{as_commands(groups)}\n```"])


if __name__ == "__main__":
    main()
