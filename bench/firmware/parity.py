"""Test that the firmware on emulated boards equals the NumPy reference in every frame of many minutes of audio.

    python -m bench.firmware.parity --data DIR [--model MODEL] [--minutes 10]

The audio is one stream of the clips of DIR. Features, hidden states, posteriors and events must be equal. Exit status
1: they differ.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from bench.firmware.board import BOARDS, BoardTrace, trace
from bench.options import Parser, errors_in_one_line
from featurizer import HOP, SAMPLE_RATE
from wakeword.audio.files import read_audio
from wakeword.data.speech_commands import list_clips
from wakeword.inference.engine import open_engine
from wakeword.inference.trace import Trace
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model


def stream(folder: Path, minutes: float) -> np.ndarray:
    """Return a stream of clips of all words in random order."""
    paths = [clip.path for clip in list_clips(folder, "all")]
    np.random.default_rng(0).shuffle(paths)
    parts: list[np.ndarray] = []
    while sum(map(len, parts)) < minutes * 60 * SAMPLE_RATE:
        parts.append(read_audio(paths[len(parts)]))
    samples = np.concatenate(parts)
    return samples[: len(samples) // HOP * HOP]


def differences(found: BoardTrace, expected: Trace, model: Model) -> list[str]:
    """Return the names of the parts that differ."""
    names = ("features", "hidden", "posteriors")
    unequal = [name for name in names if not np.array_equal(getattr(found, name), getattr(expected, name))]
    events = [(model.labels[event.label], event.frame) for event in expected.events]
    return unequal + ["events"] * (found.events != events)


@errors_in_one_line()
def main() -> None:
    """Parse, compare, print."""
    parser = Parser("firmware.parity", __doc__, module=True)
    parser.add_argument("--data", type=Path, required=True, help="a folder of clips, in the layout of Speech Commands")
    parser.add_argument("--model", help="a model file or the name of a shipped model; google12 if left out")
    parser.add_argument("--minutes", type=float, default=10, help="length of the stream (default: 10)")
    options = parser.parse_args()
    model = load_model(options.model)
    samples = stream(options.data, options.minutes)
    expected = open_engine(model, "numpy").push(samples)
    for name in ("due", "mkr1000", "nano33ble", "cortex-m7", "pico2", "esp32c3"):
        with tempfile.TemporaryDirectory() as folder:
            found = trace(BOARDS[name], model, samples, Path(folder))
        if unequal := differences(found, expected, model):
            sys.exit(f"{name}: {', '.join(unequal)} differ")
        minutes = len(samples) / SAMPLE_RATE / 60
        print(f"{name}: {minutes:.1f} minutes, {len(found.features)} frames and {len(found.events)} events equal")


if __name__ == "__main__":
    main()
