"""Choose the threshold of each word, by one of two rules:

- `calibrate_by_clips`, at the end of training: from the model's scores on validation clips, played as one stream. Clips
  of single words say little of running speech: if a training had some, `raise_by_stream` raises the thresholds by it.
- `calibrate_by_rate`, in `wakeword calibrate`: from a wanted rate of false accepts on hours of negative audio.

A user's own thresholds replace these: `--threshold` and `Model.with_thresholds` here, the dashboard's in
`service.detection.tuning`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.data.examples import Examples
from wakeword.errors import DataError
from wakeword.evaluation.clip_stream import ClipStream
from wakeword.evaluation.det import SECONDS_AN_HOUR, Point, curve, lowest_that_holds
from wakeword.evaluation.rate_goal import RateGoal
from wakeword.evaluation.scoring import Counts, EngineOutput, count_detections, empty_counts
from wakeword.inference.front_end import LOG_MEL, FrontEnd
from wakeword.model.file import Model
from wakeword.model.score import as_fraction, as_q15

NEGATIVES_PER_FALSE_ACCEPT = 100  # clips of other words and noise, one second each
LOWEST, HIGHEST = as_q15(0.30), as_q15(0.99)  # thresholds that `calibrate_by_clips` may choose
_BLOCK = 60 * SAMPLE_RATE  # samples of a stream pushed at a time


def calibrate_by_clips(
    model: Model,
    examples: Examples,
    seed: int = 0,
    front_end: FrontEnd = LOG_MEL,
    negatives_per_false_accept: int = NEGATIVES_PER_FALSE_ACCEPT,
) -> Model:
    """Return the model with thresholds chosen on labelled clips.

    A word gets the lowest threshold that at most one in `negatives_per_false_accept` of the other clips reaches,
    kept between `LOWEST` and `HIGHEST`. The labels of the examples index `model.labels`.
    """
    stream = ClipStream.play(model, examples, seed, front_end)
    peaks = stream.peaks
    thresholds = [0] * len(model.labels)
    for word in range(model.first_word, len(model.labels)):
        negatives = np.sort(peaks[stream.without(word), word])[::-1]
        allowed = len(negatives) // negatives_per_false_accept
        lowest = negatives[min(allowed, len(negatives) - 1)] + 1 if len(negatives) else LOWEST
        thresholds[word] = int(np.clip(lowest, LOWEST, HIGHEST))
    return replace(model, detector=replace(model.detector, thresholds=tuple(thresholds)))


def raise_by_stream(model: Model, stream: Samples, per_hour: float, front_end: FrontEnd = LOG_MEL) -> Model:
    """Return the model with thresholds that are raised, if need be, until a stream of negatives has few false accepts.

    Each word may raise its share of `per_hour`, the same for all, rounded to whole events. The stream may be one that
    the model was trained on: so small a network doesn't learn hours of speech by heart.

    stream: int16 at 16 kHz, (samples,). An empty one raises nothing.
    """
    if not len(stream):
        return model
    engine = front_end.engine(model)
    scores = [
        engine.push(stream[at : at + _BLOCK]).scores[:, model.first_word :] for at in range(0, len(stream), _BLOCK)
    ]
    seconds = len(stream) / SAMPLE_RATE
    output = EngineOutput(np.concatenate(scores), (), 0, seconds)
    heard = count_detections(model, output, (), 0.0, lambda time: ("", time))
    allowed = round(per_hour * seconds / SECONDS_AN_HOUR / len(model.keywords))
    thresholds = list(model.detector.thresholds)
    for index in range(len(model.keywords)):
        found = lowest_that_holds(curve(index, heard, empty_counts(len(model.keywords))), allowed)
        label = model.first_word + index
        thresholds[label] = max(thresholds[label], HIGHEST if found is None else found.threshold)
    return replace(model, detector=replace(model.detector, thresholds=tuple(thresholds)))


def calibrate_by_rate(model: Model, stream: Counts, clips: Counts, goal: RateGoal) -> tuple[Model, dict[str, Point]]:
    """Return the model with thresholds chosen on negative audio, and each word's operating point there.

    A word gets the lowest threshold that meets the goal, which is each word's own. The provenance of the returned
    model records the goal, the hours and the false accepts.

    stream: the negatives.
    clips: of the words, for the miss rates of the points; may be empty.

    Raises:
        DataError: the hours are too few to show the goal, or no threshold meets it.
    """
    hours = stream.seconds / SECONDS_AN_HOUR
    allowed = goal.allowed(hours)
    if allowed is None:
        raise DataError(f"{goal.too_short(hours)}; give more --negatives, or choose --bound expected")
    points = {
        word: _lowest_allowed(word, curve(index, stream, clips), allowed, goal)
        for index, word in enumerate(model.keywords)
    }
    note = {
        "false_accepts_per_hour": goal.per_hour,
        "bound": f"upper, {goal.confidence:g}" if goal.upper else "expected",
        "hours": round(hours, 4),
        "false_accepts": {word: point.false_accepts for word, point in points.items()},
    }
    thresholds = model.detector.thresholds[: model.first_word] + tuple(
        points[word].threshold for word in model.keywords
    )
    detector = replace(model.detector, thresholds=thresholds)
    return replace(model, detector=detector, provenance={**model.provenance, "calibration": note}), points


def _lowest_allowed(word: str, points: list[Point], allowed: int, goal: RateGoal) -> Point:
    point = lowest_that_holds(points, allowed)
    if point is None:
        highest = points[-1]
        raise DataError(
            f"no threshold of {word} keeps to {goal.per_hour:g}/h: the highest, {as_fraction(highest.threshold):.4f}, "
            f"gives {highest.false_accepts} false accepts in {highest.trials.hours:.2f} h, and {allowed} are allowed; "
            f"check that nobody says {word} in the --negatives, or allow a higher rate with --false-accepts"
        )
    return point
