"""Run an engine on the streams: its errors at every threshold, its processor time and its bytes."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.wakewords.streams import WINDOW, Streams
from featurizer import HOP, SAMPLE_RATE
from featurizer import WINDOW as FRAME
from featurizer.logmel import Samples
from wakeword.errors import WakewordError
from wakeword.evaluation.det import SECONDS_AN_HOUR, Point, Trials
from wakeword.evaluation.operating_points import detection_frames, even_log_odds
from wakeword.evaluation.scoring import match
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model
from wakeword.model.score import as_fraction, as_q15
from wakeword.model.size import model_size

REFRACTORY = 0.6  # seconds after an event without another, for every engine
LEVELS = even_log_odds(0.001, 0.99995, 512)  # thresholds in Q15
_BLOCK = SAMPLE_RATE  # samples that our engine is pushed at a time


@dataclass(frozen=True)
class Scores:
    """An engine's scores of a stream."""

    scores: np.ndarray  # (n,) 0 to 1
    times: np.ndarray  # (n,) seconds of the stream at which the engine has each
    cpu: float  # seconds of processor time
    size: int  # bytes of the model
    threshold: float  # the engine's own


@dataclass(frozen=True)
class FalseAccepts:
    """An engine's false accepts in one stream."""

    hours: float
    counts: dict[int, int]  # by threshold


@dataclass(frozen=True)
class Outcome:
    """The result of an engine on all streams."""

    name: str
    size: int  # bytes of its models
    cpu_share: float  # processor seconds per second of audio
    points: list[Point]  # rising; false accepts of all streams
    own: Point  # at its own threshold
    by_stream: dict[str, FalseAccepts]
    in_noise: dict[int, int] | None = None  # words missed in noise, by threshold


def our_scores(model: Model, word: str, samples: Samples) -> Scores:
    """Compute the smoothed posterior of a word, frame by frame."""
    label = model.labels.index(word)
    engine = open_engine(model)
    begin = time.process_time()
    traces = [engine.push(samples[at : at + _BLOCK]).scores[:, label] for at in range(0, len(samples), _BLOCK)]
    cpu = time.process_time() - begin
    scores = np.concatenate(traces) / 32768
    times = (np.arange(len(scores)) * HOP + FRAME) / SAMPLE_RATE
    return Scores(scores, times, cpu, sum(model_size(model).values()), as_fraction(model.detector.thresholds[label]))


def peer_scores(python: Path, name: str, folder: Path, samples: Samples) -> Scores:
    """Compute the scores of another project's engine, in a process of its own on one thread.

    Raises WakewordError if that process fails.
    """
    stream, out = folder / "stream.npy", folder / "scores.npz"
    np.save(stream, samples)
    command: list[str | Path] = [python, Path(__file__).with_name("peers.py"), name, stream, out]
    done = subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip() or "it printed nothing").splitlines()[-1]
        raise WakewordError(f"{name} failed: {reason}; remove the folder of --environment to install it anew")
    with np.load(out) as found:
        return Scores(found["scores"], found["times"], **json.loads(done.stdout.splitlines()[-1]))


def compare(name: str, scores: Callable[[Samples], Scores], streams: Streams) -> Outcome:
    """Run an engine on the streams; `scores` computes its scores of one."""
    noisy = None if streams.noisy is None else scores(streams.noisy)
    negatives = {stream: scores(samples) for stream, samples in streams.negatives.items()}
    return outcome(name, scores(streams.positives), negatives, streams, noisy)


def outcome(
    name: str, positives: Scores, negatives: dict[str, Scores], streams: Streams, noisy: Scores | None = None
) -> Outcome:
    """Count the errors of an engine at every threshold from its scores of the streams."""
    own = as_q15(positives.threshold)
    levels = sorted({*LEVELS, own})
    by_stream = {
        stream: FalseAccepts(
            len(streams.negatives[stream]) / SAMPLE_RATE / SECONDS_AN_HOUR,
            {level: len(times) for level, times in _events(found, levels)},
        )
        for stream, found in negatives.items()
    }
    trials = Trials(len(streams.annotations), sum(false.hours for false in by_stream.values()))
    missed = _missed(positives, levels, streams)
    points = [
        Point(level, missed[level], sum(false.counts[level] for false in by_stream.values()), trials)
        for level in levels
    ]
    return Outcome(
        name,
        positives.size,
        (positives.cpu + sum(found.cpu for found in negatives.values())) / streams.seconds,
        points,
        points[levels.index(own)],
        by_stream,
        None if noisy is None else _missed(noisy, levels, streams),
    )


def _events(found: Scores, levels: list[int]) -> list[tuple[int, list[float]]]:
    """Return (threshold, times of events), by one rule for all engines.

    An event comes at the first score that reaches the threshold, once for each stay above it, and never within the
    refractory time.
    """
    scores = np.minimum(np.rint(found.scores * 32768), 32767).astype(np.int16)[:, None]
    refractory = round(REFRACTORY / float(np.median(np.diff(found.times))))
    by_levels = detection_frames(scores, 0, refractory, levels)
    return [(level, found.times[frames].tolist()) for same, frames in by_levels for level in levels[same]]


def _missed(positives: Scores, levels: list[int], streams: Streams) -> dict[int, int]:
    hits = {level: len(match(times, streams.annotations, WINDOW)) for level, times in _events(positives, levels)}
    return {level: len(streams.annotations) - hit for level, hit in hits.items()}
