"""Measure the shipped models and write their cards.

    python -m bench.cards [NAME ...] --streams OUT --speech SPEECH --wakewords WAKEWORDS --spoken SPOKEN
        --data DATA
    python -m bench.cards --page

The figures go to wakeword/assets/figures.json, from where `wakeword models NAME` takes them, and the cards of all
shipped models to docs/models.md; --page only writes that page. In figures.json `made_by` is written by hand.
OUT is the folder that `python -m bench.streams` wrote. A stream that a model was trained on is left out of its card.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.cards.measure import Sources, measured
from bench.cards.page import PAGE, page
from bench.options import Parser, errors_in_one_line, positive
from wakeword.files import write_whole
from wakeword.model.pretrained import figures, shipped_models

_FIGURES = Path(__file__).parents[2] / "wakeword/assets/figures.json"
_FOLDERS = {  # by the fields of `Sources`, in their order
    "streams": "OUT that bench.streams wrote",
    "speech": "of recorded sentences",
    "wakewords": "with a folder of clips for each wake word that real people said",
    "spoken": "that wakeword synth NAME --engine kokoro --seed 1 --out wrote, of the other wake words",
    "data": "of Speech Commands",
}


def main() -> None:
    """Parse, measure, write."""
    parser = Parser("cards", __doc__, module=True)
    parser.add_argument("names", nargs="*", metavar="NAME", help="shipped models to measure; all if none is named")
    parser.add_argument("--page", action="store_true", help="write docs/models.md from the figures that are there")
    for name, folder in _FOLDERS.items():
        parser.add_argument(f"--{name}", type=Path, metavar="DIR", help=f"the folder {folder}")
    parser.add_argument("--jobs", type=positive, default=1, metavar="N", help="processes (default: 1)")
    options = parser.parse_args()
    folders = [getattr(options, name) for name in _FOLDERS]
    if not options.page and None in folders:
        parser.error(f"to measure, give {', '.join(f'--{name}' for name in _FOLDERS)}")
    if unknown := [name for name in options.names if name not in shipped_models()]:
        parser.error(f"there is no shipped model {unknown[0]!r}; choose of {', '.join(shipped_models())}")
    with errors_in_one_line():
        if not options.page:
            for name in options.names or shipped_models():
                _write_figures(name, measured(name, Sources(*folders), options.jobs))
                print(name, flush=True)
        write_whole(PAGE, page().encode())


def _write_figures(name: str, new: dict[str, Any]) -> None:
    """Replace the figures of a model in the file; how it was made stays."""
    every = {each: figures(each) for each in shipped_models()}
    kept = {key: value for key, value in every[name].items() if key == "made_by"}
    every[name] = {**kept, **new}
    write_whole(_FIGURES, (json.dumps(every, indent=2) + "\n").encode())


if __name__ == "__main__":
    main()
