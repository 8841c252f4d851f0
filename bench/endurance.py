"""Does a model come back to rest after hours of recordings, put on one stream at random places and levels?

    python -m bench.endurance --audio DIR [--audio DIR ...] [--hours 1] [--rest 3] [--model MODEL]

Prints one line of JSON: what the stream has left in the state and the scores after so many seconds of silence, and
whether that is within the bounds of `wakeword/evaluation/endurance.py`, which are for three seconds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import read_audio, to_int16
from wakeword.evaluation.endurance import LARGEST_SCORE, LARGEST_STATE, REST, remainder
from wakeword.evaluation.streams import files_of
from wakeword.inference.engine import open_engine
from wakeword.model.pretrained import load_model


def recordings(files: list[Path], hours: float, rng: np.random.Generator) -> Iterator[Samples]:
    """Files drawn at random, each at -30 to +6 dB, now and then behind up to a minute of digital silence."""
    left = round(hours * 3600 * SAMPLE_RATE)
    while left > 0:
        samples = read_audio(files[int(rng.integers(len(files)))])
        if rng.random() < 0.02:
            samples = np.zeros(int(rng.integers(60 * SAMPLE_RATE)), np.int16)
        yield to_int16(samples * 10 ** (rng.uniform(-30, 6) / 20))
        left -= len(samples)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--audio", type=Path, action="append", required=True)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--rest", type=float, default=REST)
    parser.add_argument("--model")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    model = load_model(options.model)
    stream = recordings(files_of(options.audio), options.hours, np.random.default_rng(options.seed))
    left = remainder(model, open_engine(model), stream, options.rest)
    at_rest = left.state <= LARGEST_STATE and left.score <= LARGEST_SCORE and not left.stuck
    print(json.dumps({"hours": options.hours, "rest": options.rest, **asdict(left), "at_rest": at_rest}))


if __name__ == "__main__":
    main()
