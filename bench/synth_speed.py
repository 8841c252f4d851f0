"""Measure the time to synthesize a clip, for each installed engine and for their usual mixture.

    python bench/synth_speed.py [--phrase "hey lumen"] [--clips 40]

The engines are found as by `wakeword synth`. Each clip is made on one thread, into an empty cache. Prints a JSON line
for each engine and for the mixture: processor seconds a clip, including programs that the engine runs, and seconds of
speech a clip.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from wakeword.synth.synthesizer import Synthesizer
from wakeword.synth.voice import SpeechEngine, Utterance
from wakeword.synth.voices import default_paths, open_engines


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phrase", default="hey lumen")
    parser.add_argument("--clips", type=int, default=40)
    options = parser.parse_args()
    engines = open_engines([], default_paths(), print)
    for chosen in (*([engine] for engine in engines), engines):
        measured = measure(chosen, Utterance(options.phrase), options.clips)
        print(json.dumps({"engines": [engine.name for engine in chosen], **measured}), flush=True)


def measure(engines: Sequence[SpeechEngine], utterance: Utterance, count: int) -> dict[str, float]:
    """Measure processor seconds and seconds of speech a clip, after a first clip that loads the engine."""
    with tempfile.TemporaryDirectory() as cache:
        Synthesizer(engines, Path(cache), seed=1).synthesize([utterance])
        before = _processor_seconds()
        clips = Synthesizer(engines, Path(cache)).synthesize([utterance] * count)
        taken = _processor_seconds() - before
    return {
        "clips": len(clips),
        "processor_seconds": round(taken / len(clips), 3),
        "speech_seconds": round(sum(clip.seconds for clip in clips) / len(clips), 2),
    }


def _processor_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    main()
