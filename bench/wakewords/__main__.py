"""Compare a wake word with openWakeWord and microWakeWord: misses, false accepts, processor time and bytes.

    wakeword bench wakewords --positives WAKEWORDS/alexa --stream SPEECH --data DATA --model alexa.safetensors

All engines process the same streams: clips of "alexa", each after 1.5 s of near silence, and recordings and clips of
other words. With --noise DIR they also process the clips of "alexa" mixed with recordings of noise, at 10 dB. One rule
turns the scores of every engine into events, at every threshold; at its own threshold an engine's false accepts an hour
are given for each stream, with Garwood's 95 % interval. The other engines bring their own model of "alexa"; they are
installed into a separate environment at first use.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from functools import partial
from pathlib import Path

import platformdirs

from bench.options import Parser, errors_in_one_line
from bench.wakewords.contest import Outcome, compare, our_scores, peer_scores
from bench.wakewords.environment import interpreter
from bench.wakewords.streams import make_streams
from bench.wakewords.verdict import as_json, describe, winners
from featurizer import SAMPLE_RATE
from wakeword.audio.files import unread_lines
from wakeword.errors import ModelError
from wakeword.evaluation.det import SECONDS_AN_HOUR
from wakeword.files import write_whole
from wakeword.model.pretrained import load_model

WORD = "alexa"
CACHE = platformdirs.user_cache_path("wakeword") / "bench-wakewords"
PEERS = {"openWakeWord 0.5.1": "openwakeword", "microWakeWord (pymicro-wakeword 2.5.0)": "microwakeword"}


def main() -> None:
    """Parse the arguments, measure, print, and write the files asked for."""
    parser = Parser("wakewords", __doc__)
    parser.add_argument("--positives", type=Path, required=True, metavar="DIR", help="folder of clips of the word")
    parser.add_argument(
        "--stream",
        "--speech",
        type=Path,
        action="append",
        required=True,
        metavar="DIR",
        help="folder of recordings without the word; repeatable",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="Speech Commands, for a stream of clips of other words"
    )
    parser.add_argument("--noise", type=Path, metavar="DIR", help="folder of noise to mix with the clips of the word")
    parser.add_argument(
        "--unknown-hours", type=float, default=1.0, metavar="H", help="hours of clips of other words (default: 1)"
    )
    parser.add_argument("--model", action="append", default=[], metavar="MODEL", help="model to compare; repeatable")
    parser.add_argument(
        "--environment", type=Path, default=CACHE, metavar="DIR", help="folder to install the other engines into"
    )
    parser.add_argument("--det", type=Path, metavar="FILE", help="plot misses against false accepts, as .svg or .png")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all points as JSON")
    options = parser.parse_args()
    with errors_in_one_line():
        outcomes = contest(options)
        for found in outcomes:
            print(describe(found))
        print("\n".join(winners(outcomes)))
        if options.det:
            from wakeword.evaluation.det_plot import write_det

            write_det(options.det, {o.name: o.points for o in outcomes}, {o.name: o.own for o in outcomes})
        if options.json:
            write_whole(options.json, json.dumps([as_json(found) for found in outcomes]).encode())


def contest(options: argparse.Namespace) -> list[Outcome]:
    """Run every engine on the same streams, one after the other."""
    if options.det:
        from wakeword.evaluation.det_plot import check_kind  # imports matplotlib, which takes a second

        check_kind(options.det)
    models = {spec: load_model(spec) for spec in options.model}
    for spec, model in models.items():
        if WORD not in model.keywords:
            raise ModelError(f"{spec} doesn't know {WORD}; it knows {', '.join(model.keywords)}")
    for line in unread_lines(filter(None, (options.positives, *options.stream, options.data, options.noise))):
        print(f"wakeword: {line}", file=sys.stderr)
    streams = make_streams(WORD, options.positives, options.stream, options.data, options.unknown_hours, options.noise)
    print(f"machine: {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    hours = sum(map(len, streams.negatives.values())) / SAMPLE_RATE / SECONDS_AN_HOUR
    print(f"{len(streams.annotations)} clips of {WORD}; {hours:.2f} h without it")
    found = []
    for spec, model in models.items():
        found.append(compare(Path(spec).stem, partial(our_scores, model, WORD), streams))
    python = interpreter(options.environment)
    with tempfile.TemporaryDirectory() as folder:
        for name, engine in PEERS.items():
            found.append(compare(name, partial(peer_scores, python, engine, Path(folder)), streams))
    return found


if __name__ == "__main__":
    main()
