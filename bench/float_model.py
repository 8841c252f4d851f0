"""Compare the accuracy of a model's integer engine with that of its float parameters, on Speech Commands.

    python -m bench.float_model MODEL --data DIR [--split test]

`wakeword train` leaves the float parameters of the epoch that became MODEL in the `.training` folder beside it. Print
one line of JSON.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.options import Parser, errors_in_one_line
from wakeword.data.split_lists import Split


def main() -> None:
    """Parse the arguments, measure, and print."""
    parser = Parser("float_model", __doc__, module=True)
    parser.add_argument("model", type=Path, help="model file, beside its .training folder")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of Speech Commands")
    parser.add_argument("--split", choices=["test", "validation", "training"], default="test", help="of the data")
    options = parser.parse_args()
    with errors_in_one_line():
        print(json.dumps(compare(options.model, options.data, options.split)))


def compare(path: Path, data: Path, split: Split) -> dict[str, Any]:
    """Return both accuracies. Raises WakewordError if model, float parameters or data can't be read."""
    from wakeword.data.examples import load_examples
    from wakeword.data.keywords import KeywordSet
    from wakeword.model.file import read_model
    from wakeword.training.trained import load_trained  # imports torch, which takes seconds

    model = read_model(path)
    keywords = KeywordSet.of_labels(model.labels)
    examples = load_examples(data, keywords, split)
    found = load_trained(path, keywords).labels(examples.samples)
    integers, floats = (float((found[engine] == examples.labels).mean()) for engine in ("integer", "float"))
    return {
        "clips": len(examples),
        "integer_accuracy": integers,
        "float_accuracy": floats,
        "difference": integers - floats,
    }


if __name__ == "__main__":
    main()
