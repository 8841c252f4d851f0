"""Measure how long `wakeword listen` takes for a file of ten minutes, start of the program included.

    python bench/file_speed.py [--model MODEL] [--rounds 5]

The audio repeats the demo recording. One line of JSON is printed: the median seconds, and their fraction of the audio's
length. The goal is 0.01.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import wakeword
from featurizer import SAMPLE_RATE
from wakeword.audio.files import read_audio, write_wav

SECONDS = 600


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="google12")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    demo = read_audio(Path(wakeword.__file__).parent / "assets" / "demo.flac")
    taken = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "long.wav"
        write_wav(file, np.resize(demo, SECONDS * SAMPLE_RATE))
        program = Path(sys.executable).with_name("wakeword")
        for _ in range(options.rounds):
            begin = time.perf_counter()
            command = [program, "listen", "--model", options.model, "--input", file, "--json"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            taken.append(time.perf_counter() - begin)
    median = statistics.median(taken)
    print(json.dumps({"seconds": round(median, 3), "fraction_of_length": round(median / SECONDS, 5)}))


if __name__ == "__main__":
    main()
