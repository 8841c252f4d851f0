"""Thresholds from how often a word may be raised that nobody said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wakeword.errors import WakewordError
from wakeword.evaluation.det import SECONDS_AN_HOUR, Point, curve, lowest_that_holds
from wakeword.evaluation.rate_goal import RateGoal
from wakeword.evaluation.scoring import Tally
from wakeword.model.file import Model
from wakeword.model.score import as_fraction


def choose(model: Model, stream: Tally, clips: Tally, goal: RateGoal) -> dict[str, Point]:
    """For each word of the model the lowest threshold that meets the goal on a stream.

    The goal is each word's own; the lowest threshold misses fewest. clips: of the words, may be empty.

    Raises:
        WakewordError: the hours don't suffice; or no threshold meets the goal.
    """
    hours = stream.seconds / SECONDS_AN_HOUR
    allowed = goal.allowed(hours)
    if allowed is None:
        raise WakewordError(str(goal.too_short(hours)))
    chosen = {}
    for index, word in enumerate(model.keywords):
        points = curve(index, stream, clips)
        point = lowest_that_holds(points, allowed)
        if point is None:
            raise WakewordError(
                f"no threshold of {word} holds {goal.per_hour:g}/h: the highest, "
                f"{as_fraction(points[-1].threshold):.4f}, "
                f"lets {points[-1].false_accepts} false accepts pass in {hours:.2f} h, and {allowed} may be"
            )
        chosen[word] = point
    return chosen


def with_thresholds(model: Model, chosen: Mapping[str, Point], goal: RateGoal) -> Model:
    """The model with these thresholds, and in its provenance how they came about."""
    own = model.detector.thresholds[: model.first_word] + tuple(chosen[word].threshold for word in model.keywords)
    note = {
        "false_accepts_per_hour": goal.per_hour,
        "bound": f"upper, {goal.confidence:g}" if goal.upper else "expected",
        "hours": round(next(iter(chosen.values())).trials.hours, 4),
        "false_accepts": {word: point.false_accepts for word, point in chosen.items()},
    }
    detector = replace(model.detector, thresholds=own)
    return replace(model, detector=detector, provenance={**model.provenance, "calibration": note})
