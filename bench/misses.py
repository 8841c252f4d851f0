"""Measure the miss rate of a wake word at fixed counts of false accepts, on clips of the word and negative audio.

    python -m bench.misses MODEL --positives DIR --stream DIR [--stream DIR ...]

Print, for each stream, its hours and the miss rates in percent at 0, 1, 2, 4, 8, 16 and 32 false accepts in all of it.
The word is the model's first. Each clip is processed alone, after near silence.
"""

from __future__ import annotations

from pathlib import Path

from bench.options import Parser, errors_in_one_line
from wakeword.evaluation.det import SECONDS_AN_HOUR, Point, curve, lowest_that_holds
from wakeword.evaluation.detection import EvaluationSetup, evaluate_positives, evaluate_stream
from wakeword.evaluation.positives import Conditions
from wakeword.model.pretrained import load_model

FALSE_ACCEPTS = (0, 1, 2, 4, 8, 16, 32)


def main() -> None:
    """Parse the arguments, measure, and print a line for each stream."""
    parser = Parser("misses", __doc__, module=True)
    parser.add_argument("model", help="model file, or the name of a shipped model")
    parser.add_argument("--positives", type=Path, required=True, metavar="DIR", help="folder of clips of the word")
    parser.add_argument(
        "--stream", type=Path, action="append", required=True, metavar="DIR", help="folder of audio without the word"
    )
    options = parser.parse_args()
    with errors_in_one_line():
        measure(options.model, options.positives, options.stream)


def measure(name: str, positives: Path, streams: list[Path]) -> None:
    """Print the miss rates of a model. Raises WakewordError as the evaluation does."""
    model = load_model(name)
    setup = EvaluationSetup(model)
    clips = evaluate_positives(setup, positives, Conditions(), model.keywords[0])
    for stream in streams:
        counts = evaluate_stream(setup, [stream])
        points = curve(0, counts, clips)
        rates = " ".join(_percent(lowest_that_holds(points, allowed)) for allowed in FALSE_ACCEPTS)
        print(f"{stream.name}: {counts.seconds / SECONDS_AN_HOUR:.2f} h, misses {rates}", flush=True)


def _percent(point: Point | None) -> str:
    return "-" if point is None or point.miss_rate is None else f"{100 * point.miss_rate:.1f}"


if __name__ == "__main__":
    main()
