"""Test whether a model returns to rest after hours of recordings, drawn at random and at random levels.

    python -m bench.endurance --audio DIR [--audio DIR ...] [--hours 1] [--rest 3] [--model MODEL]

Print one line of JSON: the trace of the stream in the state and the scores after some seconds of silence, and whether
it is within the bounds of `wakeword/evaluation/endurance.py`, which apply after three seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from bench.options import Parser, errors_in_one_line
from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import read_audio, to_int16
from wakeword.evaluation.endurance import LARGEST_SCORE, LARGEST_STATE, REST, remainder
from wakeword.evaluation.streams import files_of
from wakeword.inference.engine import open_engine
from wakeword.model.pretrained import load_model


def recordings(files: list[Path], hours: float, rng: np.random.Generator) -> Iterator[Samples]:
    """Draw files at random, each at -30 to +6 dB, one in fifty replaced by up to a minute of digital silence."""
    left = round(hours * 3600 * SAMPLE_RATE)
    while left > 0:
        samples = read_audio(files[int(rng.integers(len(files)))])
        if rng.random() < 0.02:
            samples = np.zeros(int(rng.integers(60 * SAMPLE_RATE)), np.int16)
        yield to_int16(samples * 10 ** (rng.uniform(-30, 6) / 20))
        left -= len(samples)


def main() -> None:
    """Parse the arguments, measure, and print."""
    parser = Parser("endurance", __doc__, module=True)
    parser.add_argument("--audio", type=Path, action="append", required=True, metavar="PATH", help="file or folder")
    parser.add_argument("--hours", type=float, default=1.0, help="length of the stream (default: 1)")
    parser.add_argument("--rest", type=float, default=REST, metavar="SECONDS", help="silence after it (default: 3)")
    parser.add_argument("--model", help="model file, or the name of a shipped model (default: google12)")
    parser.add_argument("--seed", type=int, default=0, help="of the drawing (default: 0)")
    options = parser.parse_args()
    with errors_in_one_line():
        model = load_model(options.model)
        stream = recordings(files_of(options.audio), options.hours, np.random.default_rng(options.seed))
        left = remainder(model, open_engine(model), stream, options.rest)
    at_rest = left.state <= LARGEST_STATE and left.score <= LARGEST_SCORE and not left.stuck
    print(json.dumps({"hours": options.hours, "rest": options.rest, **asdict(left), "at_rest": at_rest}))


if __name__ == "__main__":
    main()
