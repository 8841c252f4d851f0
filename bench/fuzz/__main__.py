"""Give mutated input to a reader, and find what it crashes at: `python -m bench.fuzz TARGET`.

    python -m bench.fuzz models --count 20000         model files: the loader, the engines and the exporters
    python -m bench.fuzz receivers --count 1000000    messages: the serial link's two ends, Wyoming, the WebSocket

Whatever is given, a reader refuses it in one line or reads it: it never crashes, hangs or takes more than 200 MB. A run
of the same seed gives the same input. C is compiled with AddressSanitizer and UndefinedBehaviorSanitizer first, which
takes GCC.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.fuzz.sanitized import run_sanitized, sanitized, use_sanitized
from bench.options import Parser, errors_in_one_line

_TARGETS = ("models", "receivers")


def main() -> None:
    """Parse, fuzz, print."""
    parser = Parser("fuzz", __doc__, module=True)
    parser.add_argument("target", choices=_TARGETS, help="the reader")
    parser.add_argument("--count", type=int, default=20_000, help="inputs (20000)")
    parser.add_argument("--seed", type=int, default=0, help="of the mutations (0)")
    parser.add_argument("--plain", action="store_true", help="use the package's own C core")
    options = parser.parse_args()
    with errors_in_one_line():
        if options.target == "receivers":  # of these only the board's is C, a program of its own
            from bench.fuzz import receivers

            print(receivers.fuzz(options.count, options.seed))
            return
        if sanitized():
            use_sanitized()
        if sanitized() or options.plain:
            print(_fuzz_models(options.count, options.seed))
        else:
            with tempfile.TemporaryDirectory() as folder:
                sys.exit(run_sanitized(["-m", "bench.fuzz", *sys.argv[1:]], Path(folder)))


def _fuzz_models(count: int, seed: int) -> str:
    from bench.fuzz import models  # after the sanitized core, which a later import can't replace

    return models.fuzz(count, seed)


if __name__ == "__main__":
    main()
