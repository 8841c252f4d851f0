"""Make the tables of docs/results and docs/lab-notes.md from the JSON files of bench/results.

    python -m bench.results            write every table between its marks in the pages
    python -m bench.results --check    write nothing; exit with 1 and name the pages that are stale

A page marks the place of a table and its layout, up to <!-- end -->: <!-- list: NAME -->, <!-- grid: NAME -->,
<!-- claims: NAME NAME -->, <!-- goals: NAME NAME --> or <!-- notes -->. NAME is that of a JSON file. The text outside
the marks is written by hand. docs/results/accuracy.svg is drawn from networks.json.
"""

from __future__ import annotations

import sys

from bench.options import Parser, errors_in_one_line
from bench.results.pages import stale, write_pages


def main() -> None:
    """Parse, then write or check."""
    parser = Parser("results", __doc__, module=True)
    parser.add_argument("--check", action="store_true", help="only say which pages are stale")
    options = parser.parse_args()
    with errors_in_one_line():
        if not options.check:
            write_pages()
        elif pages := stale():
            sys.exit(f"stale: {', '.join(pages)}; write them anew by python -m bench.results")


if __name__ == "__main__":
    main()
