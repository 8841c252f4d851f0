"""Does the C core equal the NumPy reference, in every frame of many minutes of real audio?

    python bench/parity.py --data DIR [--model MODEL] [--clips 1000] [--minutes 10]

The audio is a thousand clips, each from reset, and one stream of ten minutes made of further clips. Features, hidden
states, posteriors, scores and events must be equal. Exit status 1: they differ; the first difference is printed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from featurizer import SAMPLE_RATE, pad_clip
from wakeword.audio.files import read_audio
from wakeword.data.speech_commands import list_clips
from wakeword.inference.engine import Engine, open_engine
from wakeword.inference.trace import Trace
from wakeword.model.pretrained import load_model


def differences(c: Trace, reference: Trace) -> list[str]:
    """Return the names of the parts that differ."""
    names = ("features", "hidden", "posteriors", "scores")
    unequal = [name for name in names if not np.array_equal(getattr(c, name), getattr(reference, name))]
    return unequal + ["events"] * (c.events != reference.events)


def compare(what: str, engines: list[Engine], samples: np.ndarray) -> int:
    """Run both engines from reset; return the number of frames, or exit if they differ."""
    for engine in engines:
        engine.reset()
    c, reference = (engine.push(samples) for engine in engines)
    if found := differences(c, reference):
        sys.exit(f"{what}: {', '.join(found)} differ")
    return len(c.features)


def main() -> None:
    """Parse, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder of clips, in the layout of Speech Commands")
    parser.add_argument("--model", help="a model file or the name of a shipped model; google12 if left out")
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    model = load_model(options.model)
    engines = [open_engine(model, "c"), open_engine(model, "numpy")]
    paths = [clip.path for clip in list_clips(options.data, "all")]
    np.random.default_rng(0).shuffle(paths)
    frames = sum(compare(str(path), engines, pad_clip(read_audio(path))) for path in paths[: options.clips])
    print(f"{options.clips} clips: {frames} frames equal")
    following = iter(paths[options.clips :])
    parts = []
    while sum(map(len, parts)) < options.minutes * 60 * SAMPLE_RATE:
        parts.append(read_audio(next(following)))
    samples = np.concatenate(parts)
    print(
        f"stream of {len(samples) / SAMPLE_RATE / 60:.1f} minutes: {compare('stream', engines, samples)} frames equal"
    )


if __name__ == "__main__":
    main()
