"""Detection error trade-off (DET) of a word (Martin et al. 1997): miss rate against false accepts per hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wakeword.evaluation.intervals import poisson_interval, wilson
from wakeword.evaluation.operating_points import LEVELS
from wakeword.evaluation.scoring import Counts

SECONDS_AN_HOUR = 3600


@dataclass(frozen=True)
class Trials:
    """The audio behind a word's two error rates."""

    positives: int  # annotated words
    hours: float  # of negatives


@dataclass(frozen=True)
class Point:
    """The errors of a word at a threshold."""

    threshold: int  # Q15
    missed: int
    false_accepts: int
    trials: Trials

    @property
    def miss_rate(self) -> float | None:
        """Return the fraction of positives missed; None without positives."""
        return self.missed / self.trials.positives if self.trials.positives else None

    @property
    def miss_interval(self) -> tuple[float, float] | None:
        """Return Wilson's 95 % interval of the miss rate; None without positives."""
        return wilson(self.missed, self.trials.positives) if self.trials.positives else None

    @property
    def per_hour(self) -> float | None:
        """Return false accepts per hour; None without negatives."""
        return self.false_accepts / self.trials.hours if self.trials.hours else None

    @property
    def per_hour_interval(self) -> tuple[float, float] | None:
        """Return Garwood's exact 95 % interval of false accepts per hour; None without negatives."""
        if not self.trials.hours:
            return None
        low, high = poisson_interval(self.false_accepts)
        return low / self.trials.hours, high / self.trials.hours


def curve(word: int, stream: Counts, clips: Counts) -> list[Point]:
    """Return the point of a word at each of `LEVELS`, rising.

    word: its index in `model.keywords`.
    stream: gives false accepts, hours and positives.
    clips: gives more positives.
    """
    trials = trials_of(word, stream, clips)
    hits = stream.hits[word] + clips.hits[word]
    return [
        Point(threshold, trials.positives - int(hit), int(false), trials)
        for threshold, hit, false in zip(LEVELS, hits, stream.false_accepts[word], strict=True)
    ]


def trials_of(word: int, stream: Counts, clips: Counts) -> Trials:
    """Return the trials of a word, by its index in `model.keywords`."""
    return Trials(int(stream.positives[word] + clips.positives[word]), stream.seconds / SECONDS_AN_HOUR)


def lowest_that_holds(points: Sequence[Point], false_accepts: int) -> Point | None:
    """Find the lowest threshold from which on, upwards, no point has more than so many false accepts.

    points: by rising thresholds.

    Returns None if even the highest has more.
    """
    holding = None
    for point in reversed(points):
        if point.false_accepts > false_accepts:
            break
        holding = point
    return holding
