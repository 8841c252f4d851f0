"""How models of this project do beside openWakeWord and microWakeWord: `wakeword bench wakewords`.

    wakeword bench wakewords --positives WAKEWORDS/alexa --speech SPEECH --data DATA --model alexa.safetensors

All engines hear the same two streams: clips of "alexa", each after 1.5 s of near silence, and speech with clips of
other words, in which nobody says it. With `--noise DIR` they hear the clips in these recordings, too, at 10 dB. Each is
judged by one rule for events, at every threshold. The other engines, whose packages bring their model for this word,
are installed into an environment of the bench's own at first use.
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

from bench.options import Parser
from bench.wakewords.contest import Outcome, hear, our_scores, peer_scores
from bench.wakewords.environment import interpreter
from bench.wakewords.streams import make_streams
from bench.wakewords.verdict import as_json, describe, winners
from wakeword.errors import WakewordError
from wakeword.evaluation.det_plot import write_det
from wakeword.model.pretrained import load_model

WORD = "alexa"
CACHE = platformdirs.user_cache_path("wakeword") / "bench-wakewords"
PEERS = {"openWakeWord 0.5.1": "openwakeword", "microWakeWord (pymicro-wakeword 2.5.0)": "microwakeword"}


def main() -> None:
    """Parse, measure, print."""
    parser = Parser("wakewords", __doc__)
    parser.add_argument("--positives", type=Path, required=True, help="a folder of clips of the word")
    parser.add_argument("--speech", type=Path, required=True, help="a folder of speech without the word")
    parser.add_argument("--data", type=Path, required=True, help="clips of other words, a folder for each")
    parser.add_argument("--noise", type=Path, help="recordings in which the clips are heard as well")
    parser.add_argument("--unknown-hours", type=float, default=1.0, help="of these clips, drawn at random")
    parser.add_argument("--model", action="append", default=[], help="a model of ours that knows it; may be repeated")
    parser.add_argument("--environment", type=Path, default=CACHE, help="where the other engines are installed")
    parser.add_argument("--det", type=Path, help="a picture of the trade-offs, .svg or .png")
    parser.add_argument("--json", type=Path, help="all points, for programs")
    options = parser.parse_args()
    try:
        outcomes = contest(options)
    except WakewordError as error:
        sys.exit(f"wakeword: {error}")
    for found in outcomes:
        print(describe(found))
    print("\n".join(winners(outcomes)))
    if options.det:
        write_det(options.det, {o.name: o.points for o in outcomes}, {o.name: o.own for o in outcomes})
    if options.json:
        options.json.write_text(json.dumps([as_json(found) for found in outcomes]))


def contest(options: argparse.Namespace) -> list[Outcome]:
    """Every engine on the same streams, one after the other."""
    models = {spec: load_model(spec) for spec in options.model}
    for spec, model in models.items():
        if WORD not in model.keywords:
            raise WakewordError(f"{spec} doesn't know {WORD}; it knows {', '.join(model.keywords)}")
    streams = make_streams(WORD, options.positives, options.speech, options.data, options.unknown_hours, options.noise)
    print(f"machine: {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    print(f"{len(streams.spans)} clips of {WORD}; {streams.hours:.2f} h without it")
    found = []
    for spec, model in models.items():
        found.append(hear(Path(spec).stem, partial(our_scores, model, WORD), streams))
    python = interpreter(options.environment)
    with tempfile.TemporaryDirectory() as folder:
        for name, engine in PEERS.items():
            found.append(hear(name, partial(peer_scores, python, engine, Path(folder)), streams))
    return found


if __name__ == "__main__":
    main()
