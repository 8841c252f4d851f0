"""Test that the C core equals the reference through a day of audio.

    python -m bench.firmware.day --data DIR [--model MODEL] [--hours 24]

The core is compiled with the undefined-behaviour sanitizer, which stops it at the first overflow. A checksum covers
every state, posterior and event. Exit status 1: the checksum or the last state differs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.firmware.board import CORE, SRC, run
from bench.options import Parser, errors_in_one_line
from featurizer import SAMPLE_RATE
from wakeword.audio.files import read_audio
from wakeword.data.speech_commands import list_clips
from wakeword.inference.engine import NumpyEngine
from wakeword.inference.trace import Trace
from wakeword.model.export_c import export_c
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model


def minutes(folder: Path, count: int) -> Iterator[np.ndarray]:
    """Yield minutes of clips in random order, each clip at a random level from -40 dBFS to full scale."""
    rng = np.random.default_rng(0)
    clips = [read_audio(clip.path).astype(np.float64) for clip in list_clips(folder, "validation")]
    for _ in range(count):
        chosen = rng.integers(0, len(clips), 80)
        levels = 10 ** rng.uniform(-2, 0, 80)
        loudest = [max(1.0, np.abs(clips[i]).max()) for i in chosen]
        parts = [clips[i] * (32767 * level / peak) for i, level, peak in zip(chosen, levels, loudest, strict=True)]
        yield np.concatenate(parts)[: 60 * SAMPLE_RATE].astype(np.int16)


class Digest:
    """The line that day.c prints, computed from the traces of the reference."""

    def __init__(self) -> None:
        self._frames = self._events = self._frames_digest = self._events_digest = 0
        self._state = np.zeros(0, np.int16)

    def add(self, trace: Trace) -> None:
        rows = np.hstack([trace.hidden, trace.posteriors]).astype("<i2")
        scores = np.array([event.score for event in trace.events], "<i2")
        self._frames_digest = zlib.crc32(rows.tobytes(), self._frames_digest)
        self._events_digest = zlib.crc32(scores.tobytes(), self._events_digest)
        self._frames += len(rows)
        self._events += len(scores)
        self._state = trace.hidden[-1]

    def __str__(self) -> str:
        frames = f"{self._frames} frames {self._frames_digest:08x}"
        events = f"{self._events} events {self._events_digest:08x}"
        return f"{frames}, {events}, state {' '.join(map(str, self._state))}"


def sanitized(model: Model, folder: Path) -> Path:
    """Compile day.c and the core with the sanitizer; return the program."""
    (folder / "wakeword_model.h").write_text(export_c(model))
    program = folder / "day"
    flags = ["-std=c99", "-O2", "-fsanitize=undefined", "-fno-sanitize-recover=all"]
    includes = [f"-I{folder}", f"-I{SRC / 'core'}"]
    run(["gcc", *flags, *includes, Path(__file__).with_suffix(".c"), *CORE, "-o", program], folder)
    return program


@errors_in_one_line()
def main() -> None:
    """Parse, compute twice, compare, print."""
    parser = Parser("firmware.day", __doc__, module=True)
    parser.add_argument("--data", type=Path, required=True, help="a folder of clips, in the layout of Speech Commands")
    parser.add_argument("--model", help="a model file or the name of a shipped model; google12 if left out")
    parser.add_argument("--hours", type=float, default=24, help="length of the audio (default: 24)")
    options = parser.parse_args()
    model = load_model(options.model)
    reference, digest = NumpyEngine(model), Digest()
    with tempfile.TemporaryDirectory() as folder:
        program = sanitized(model, Path(folder))
        with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as core:
            assert core.stdin is not None and core.stdout is not None
            for samples in minutes(options.data, round(60 * options.hours)):
                core.stdin.write(samples.tobytes())
                digest.add(reference.push(samples))
            core.stdin.close()
            found = core.stdout.read().decode().strip()
    if found != str(digest) or core.returncode != 0:
        sys.exit(f"different:\n{found}\n{digest}")
    print(f"{options.hours:g} hours: {found.partition(', state')[0]}: equal, without an overflow")


if __name__ == "__main__":
    main()
