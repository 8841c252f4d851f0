"""How often is a word missed at so many false accepts? Rows of a table of docs/results.md.

    python -m bench.misses MODEL --positives DIR --stream DIR [--stream DIR ...]

Prints, for each stream in which nobody says the word, its hours and the miss rates (%) at 0, 1, 2, 4, 8, 16 and 32
false accepts in all of it. The word is the model's first; each clip of it is heard after near silence.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from wakeword.evaluation.det import SECONDS_AN_HOUR, curve, lowest_that_holds
from wakeword.evaluation.detection import Hearing, hear_stream, hear_words
from wakeword.evaluation.positives import Surroundings
from wakeword.model.pretrained import load_model

FALSE_ACCEPTS = (0, 1, 2, 4, 8, 16, 32)


def main() -> None:
    """Parse, listen, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--positives", type=Path, required=True)
    parser.add_argument("--stream", type=Path, action="append", required=True)
    options = parser.parse_args()
    model = load_model(options.model)
    hearing = Hearing(model)
    clips = hear_words(hearing, options.positives, Surroundings(), model.keywords[0])
    for stream in options.stream:
        heard = hear_stream(hearing, [stream])
        points = curve(0, heard, clips)
        found = [lowest_that_holds(points, allowed) for allowed in FALSE_ACCEPTS]
        rates = " ".join("-" if point is None else f"{100 * point.missed / point.trials.said:.1f}" for point in found)
        print(f"{stream.name}: {heard.seconds / SECONDS_AN_HOUR:.2f} h, misses {rates}", flush=True)


if __name__ == "__main__":
    main()
