"""Compare the models of sweeps: accuracy on Speech Commands, bytes, multiplications and training time.

    wakeword bench accuracy RUNS --data DATA                           print a table with the test list
    wakeword bench accuracy RUNS MORE_RUNS --split validation          several sweeps, without the test list
    wakeword bench accuracy RUNS --data DATA --write accuracy.md       write the table, and accuracy.svg beside it
    wakeword bench accuracy RUNS --data DATA --record networks.json    write the table as JSON, for bench/results
    wakeword bench accuracy RUNS --data DATA --untrained marvin,wow    add false accepts of words outside the training

RUNS is the folder of a `wakeword sweep`, or its results.jsonl. Models without test results are tested, and the results
are added to that folder. `python -m bench.accuracy` is the same command.
"""

from __future__ import annotations

from pathlib import Path

from bench.options import Parser, errors_in_one_line


def main() -> None:
    """Parse the arguments, measure the missing figures, and print or write the table."""
    parser = Parser("accuracy", __doc__)
    parser.add_argument("results", type=Path, nargs="+", metavar="RUNS", help="folder of a sweep, or its results.jsonl")
    parser.add_argument(
        "--split", choices=["test", "validation"], default="test", help="clips to compare on (default: test)"
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of Speech Commands, to test models on")
    parser.add_argument(
        "--untrained", metavar="WORDS", help="words of the data, or a folder of clips by word, to reject"
    )
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="Markdown file to write the table to")
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="JSON file to write the table of one keyword set to"
    )
    options = parser.parse_args()
    with errors_in_one_line():
        from bench.accuracy.report import report  # imports torch, which takes seconds

        report(options.results, options.split, options.data, options.untrained, options.write, options.record)


if __name__ == "__main__":
    main()
