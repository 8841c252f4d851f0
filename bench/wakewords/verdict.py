"""Report a comparison: each engine in a few lines and as JSON, and the winners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench.wakewords.contest import Outcome
from wakeword.evaluation.det import Point, Trials, lowest_that_holds
from wakeword.model.score import as_fraction

RATES = (0.0, 1.0)  # false accepts per hour


def at_most(outcome: Outcome, per_hour: float) -> Point | None:
    """Find the lowest threshold that keeps to this rate of false accepts; None if not even the highest does."""
    return lowest_that_holds(outcome.points, int(per_hour * outcome.own.trials.hours))


def describe(outcome: Outcome) -> str:
    """Describe an engine in a few lines."""
    lines = [f"{outcome.name}: {outcome.size} bytes, {outcome.cpu_share:.3%} of a core"]
    lines += [f"  at most {rate:g}/h:    {_misses(at_most(outcome, rate), outcome)}" for rate in RATES]
    lines.append(f"  own threshold:  {_misses(outcome.own, outcome)}")
    lines += [f"    in {stream}: {_rate(point)}" for stream, point in at_own(outcome).items()]
    return "\n".join(lines)


def at_own(outcome: Outcome) -> dict[str, Point]:
    """Return the engine's false accepts in each stream at its own threshold."""
    own = outcome.own
    return {
        stream: Point(own.threshold, 0, false.counts[own.threshold], Trials(0, false.hours))
        for stream, false in outcome.by_stream.items()
    }


def _rate(point: Point) -> str:
    assert point.per_hour is not None and point.per_hour_interval is not None  # a stream isn't empty
    low, high = point.per_hour_interval
    return f"{point.false_accepts} in {point.trials.hours:.2f} h, {point.per_hour:.2f}/h ({low:.2f} to {high:.2f})"


def _misses(point: Point | None, outcome: Outcome) -> str:
    if point is None or point.miss_interval is None:
        return "no threshold keeps to it"
    low, high = point.miss_interval
    missed_in_noise = None if outcome.in_noise is None else outcome.in_noise[point.threshold]
    noisy = "" if missed_in_noise is None else f"{missed_in_noise / point.trials.positives:.1%} in noise, "
    return (
        f"misses {point.miss_rate:.1%} ({point.missed} of {point.trials.positives}, {low:.1%} to {high:.1%}), {noisy}"
        f"{point.false_accepts} false accepts in {point.trials.hours:.2f} h, "
        f"threshold {as_fraction(point.threshold):.4f}"
    )


def winners(outcomes: list[Outcome]) -> list[str]:
    """Name the engines with the fewest misses at each rate, the least processor time and the fewest bytes, ties too."""

    def missed(rate: float) -> Callable[[Outcome], float]:
        def of(outcome: Outcome) -> float:
            point = at_most(outcome, rate)
            return float("inf") if point is None else point.missed

        return of

    contests: dict[str, Callable[[Outcome], float]] = {
        **{f"fewest misses at {rate:g} false accepts an hour": missed(rate) for rate in RATES},
        "least of a core": lambda outcome: outcome.cpu_share,
        "fewest bytes": lambda outcome: outcome.size,
    }
    lines = []
    for contest, value in contests.items():
        best = min(map(value, outcomes))
        lines.append(f"{contest}: {', '.join(outcome.name for outcome in outcomes if value(outcome) == best)}")
    return lines


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return an engine with its points."""
    return {
        "engine": outcome.name,
        "bytes": outcome.size,
        "cpu_share": outcome.cpu_share,
        "own_threshold": as_fraction(outcome.own.threshold),
        "hours": outcome.own.trials.hours,
        "streams": {
            stream: {
                "hours": point.trials.hours,
                "false_accepts": point.false_accepts,
                "per_hour": point.per_hour,
                "interval": point.per_hour_interval,
            }
            for stream, point in at_own(outcome).items()
        },
        "positives": outcome.own.trials.positives,
        "det": [[as_fraction(point.threshold), point.missed, point.false_accepts] for point in outcome.points],
        "missed_in_noise": outcome.in_noise and [outcome.in_noise[point.threshold] for point in outcome.points],
    }
