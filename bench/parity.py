"""Test that the C core equals the NumPy reference in every frame of many minutes of Speech Commands.

    python -m bench.parity --data DIR [--model MODEL] [--clips 1000] [--minutes 10]

The audio is a thousand clips, each from reset, and one stream of ten minutes made of further clips. Features, hidden
states, posteriors, scores and events must be equal. Exit status 1: they differ; the first difference is printed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from bench.options import Parser, errors_in_one_line
from featurizer import SAMPLE_RATE, pad_clip
from featurizer.logmel import Samples
from wakeword.audio.files import read_audio
from wakeword.data.speech_commands import list_clips
from wakeword.errors import DataError
from wakeword.inference.engine import Engine, open_engine
from wakeword.inference.trace import Trace
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model


def differences(c: Trace, reference: Trace) -> list[str]:
    """Return the names of the parts that differ."""
    names = ("features", "hidden", "posteriors", "scores")
    unequal = [name for name in names if not np.array_equal(getattr(c, name), getattr(reference, name))]
    return unequal + ["events"] * (c.events != reference.events)


def compare(what: str, engines: list[Engine], samples: Samples) -> int:
    """Run both engines from reset; return the number of frames, or exit if they differ."""
    for engine in engines:
        engine.reset()
    c, reference = (engine.push(samples) for engine in engines)
    if found := differences(c, reference):
        sys.exit(f"{what}: {', '.join(found)} differ")
    return len(c.features)


def main() -> None:
    """Parse the arguments, compare, and print."""
    parser = Parser("parity", __doc__, module=True)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of Speech Commands")
    parser.add_argument("--model", help="model file, or the name of a shipped model (default: google12)")
    parser.add_argument("--clips", type=int, default=1000, help="number of clips (default: 1000)")
    parser.add_argument("--minutes", type=float, default=10, help="length of the stream (default: 10)")
    options = parser.parse_args()
    with errors_in_one_line():
        compare_all(options.data, load_model(options.model), options.clips, options.minutes)


def compare_all(data: Path, model: Model, clips: int, minutes: float) -> None:
    """Compare the engines on clips and on a stream of further clips. Raises DataError for too few clips."""
    engines = [open_engine(model, "c"), open_engine(model, "numpy")]
    paths = [clip.path for clip in list_clips(data, "all")]
    np.random.default_rng(0).shuffle(paths)
    frames = sum(compare(str(path), engines, pad_clip(read_audio(path))) for path in paths[:clips])
    print(f"{clips} clips: {frames} frames equal")
    stream, length = [], 0
    for path in paths[clips:]:
        if length >= minutes * 60 * SAMPLE_RATE:
            break
        stream.append(read_audio(path))
        length += len(stream[-1])
    if length < minutes * 60 * SAMPLE_RATE:
        raise DataError(f"{data} has too few clips for {minutes:g} minutes: give fewer --minutes")
    print(
        f"stream of {length / SAMPLE_RATE / 60:.1f} minutes: "
        f"{compare('stream', engines, np.concatenate(stream))} frames equal"
    )


if __name__ == "__main__":
    main()
