"""Measure the service: `wakeword bench service`, or `python -m bench.service`.

    wakeword bench service                               300 streams for a minute, words in a room, the dashboard
    wakeword bench service --streams 50 --seconds 3600   memory over an hour
    wakeword bench service --streams 20 --training       while the studio trains a phrase
    wakeword bench service --hostile                     50 streams while the service is attacked, five minutes

The client runs on the same machine and takes its share of the cores.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from bench.options import Parser, errors_in_one_line, positive
from bench.service.hostile import attacks, run_hostile, write_records
from bench.service.load import Load, put_under_load
from bench.service.page import measure
from bench.service.process import Process, served
from bench.service.room import WordEnds, word_delays
from bench.service.training import training
from bench.service.what_if import STREAMS, what_if_seconds
from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import read_audio
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

_ASSETS = Path(__file__).resolve().parent.parent.parent / "wakeword" / "assets"
_MEMORY_EVERY = 60  # seconds


@errors_in_one_line()
def main() -> None:
    """Parse, measure, print."""
    parser = Parser("service", __doc__)
    parser.add_argument("--model", help="a model file, or the name of a shipped model (default: google12)")
    parser.add_argument("--streams", type=positive, default=300, metavar="N", help="streams at a time (default: 300)")
    parser.add_argument(
        "--seconds", type=positive, default=60, metavar="SECONDS", help="length of the load (default: 60)"
    )
    parser.add_argument("--clips", action="store_true", help="keep the audio of each event")
    parser.add_argument("--no-page", action="store_true", help="skip the dashboard")
    parser.add_argument("--no-room", action="store_true", help="skip the words in a room")
    parser.add_argument("--training", action="store_true", help="train a phrase in the studio meanwhile")
    parser.add_argument("--hostile", action="store_true", help="attack the service while 50 streams run")
    parser.add_argument("--attack", action="append", default=[], metavar="A", help="this attack only; repeatable")
    parser.add_argument("--each", type=positive, default=6, metavar="SECONDS", help="length of an attack (default: 6)")
    parser.add_argument("--record", type=Path, metavar="FILE", help="JSON file to write the figures under attack to")
    options = parser.parse_args()
    model, recording = load_model(options.model), read_audio(_ASSETS / "demo.flac")
    print(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    if options.hostile:
        rows = run_hostile(recording, model, attacks(options.attack), options.each)
        if options.record is not None:
            write_records(options.record, rows, options.each)
        return
    print(f"engine: {100 * engine_share(model, recording):.3f} % of a core a stream")
    print(f"what if: {1000 * what_if_seconds(model, recording):.0f} ms over {STREAMS} streams")
    served_with = ["--no-microphone", *(["--clips"] if options.clips else [])]
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), *served_with) as process:
        if options.training:
            with training(process.url) as answers:
                report_load(process, recording, model, options.streams, options.seconds)
            late, worst = np.percentile(1000 * np.array(answers.seconds), [99, 100])
            print(f"studio: {len(answers.seconds)} answers, {late:.0f} ms 99th percentile, {worst:.0f} ms worst")
        else:
            report_load(process, recording, model, options.streams, options.seconds)
        if not options.no_page:
            page = measure(process.url, recording)
            print(f"page: interactive after {page.interactive:.0f} ms, events drawn within {page.drawn:.0f} ms")
    if not options.no_room:
        report_words(recording)


def engine_share(model: Model, recording: Samples) -> float:
    """Measure the seconds of one core per second of audio, in blocks of 100 ms."""
    engine = open_engine(model)
    block = SAMPLE_RATE // 10
    start = time.process_time()
    for at in range(0, len(recording), block):
        engine.push(recording[at : at + block])
    return (time.process_time() - start) / (len(recording) / SAMPLE_RATE)


def report_load(process: Process, recording: Samples, model: Model, streams: int, seconds: int) -> None:
    """Measure and print many streams at once."""
    cpu, start = process.cpu_seconds(), time.monotonic()
    ended = threading.Event()
    watch = threading.Thread(target=watch_memory, args=(process, ended))
    watch.start()
    load = asyncio.run(put_under_load(process.url, recording, model, streams, seconds))
    ended.set()
    watch.join()
    share = (process.cpu_seconds() - cpu) / (time.monotonic() - start)
    print(f"load: {streams} streams for {seconds} s, {100 * share:.0f} % of a core, {describe(load)}")


def describe(load: Load) -> str:
    """Describe the load in a line."""
    latencies = 1000 * np.array(load.latencies())
    middle, late, worst = np.percentile(latencies, [50, 99, 100]) if len(latencies) else (np.nan,) * 3
    return (
        f"{load.lost_samples} samples lost, {load.wrong_streams} streams with events that differ from the engine's, "
        f"{len(latencies)} events, latency {middle:.0f} ms median, {late:.0f} ms 99th percentile, "
        f"{worst:.0f} ms worst; the client was late by {1000 * load.lateness():.0f} ms at most"
    )


def watch_memory(process: Process, ended: threading.Event) -> None:
    """Print the service's memory every minute."""
    start = time.monotonic()
    while True:
        print(f"memory: {process.resident_megabytes():.1f} MB after {time.monotonic() - start:.0f} s", flush=True)
        if ended.wait(_MEMORY_EVERY):
            print(f"memory: {process.resident_megabytes():.1f} MB at the end")
            return


def report_words(recording: Samples) -> None:
    """Measure and print the delay of words spoken at the service's microphone."""
    delays = 1000 * np.array(word_delays(recording, WordEnds.of(_ASSETS / "demo.csv")))
    print(
        f"words: {len(delays)} in a room, from the end of the word there to its event on the wire "
        f"{np.median(delays):.0f} ms median, {delays.max():.0f} ms worst"
    )


if __name__ == "__main__":
    main()
