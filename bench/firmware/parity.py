"""Does the firmware, on emulated boards, compute what NumPy computes, on every frame of much real audio?

    python -m bench.firmware.parity --data DIR [--model MODEL] [--minutes 10]

One stream made of the clips of DIR: features, hidden states, posteriors and events must be equal. Exit status 1 if
they are not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from bench.firmware.board import BOARDS, HOP, SAMPLE_RATE, BoardTrace, trace
from wakeword.audio.files import read_audio
from wakeword.data.speech_commands import list_clips
from wakeword.inference.engine import open_engine
from wakeword.inference.trace import Trace
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model


def stream(folder: Path, minutes: float) -> np.ndarray:
    """Clips of all words in an order of chance, one behind the other."""
    paths = [clip.path for clip in list_clips(folder, "all")]
    np.random.default_rng(0).shuffle(paths)
    parts: list[np.ndarray] = []
    while sum(map(len, parts)) < minutes * 60 * SAMPLE_RATE:
        parts.append(read_audio(paths[len(parts)]))
    samples = np.concatenate(parts)
    return samples[: len(samples) // HOP * HOP]


def differences(found: BoardTrace, wanted: Trace, model: Model) -> list[str]:
    """What is not equal."""
    names = ("features", "hidden", "posteriors")
    unequal = [name for name in names if not np.array_equal(getattr(found, name), getattr(wanted, name))]
    events = [(model.labels[event.label], event.frame) for event in wanted.events]
    return unequal + ["events"] * (found.events != events)


def main() -> None:
    """Parse, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model")
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    model = load_model(options.model)
    samples = stream(options.data, options.minutes)
    wanted = open_engine(model, "numpy").push(samples)
    for name in ("due", "mkr1000"):
        with tempfile.TemporaryDirectory() as folder:
            found = trace(BOARDS[name], model, samples, Path(folder))
        if unequal := differences(found, wanted, model):
            sys.exit(f"{name}: {', '.join(unequal)} differ")
        minutes = len(samples) / SAMPLE_RATE / 60
        print(f"{name}: {minutes:.1f} minutes, {len(found.features)} frames and {len(found.events)} events equal")


if __name__ == "__main__":
    main()
