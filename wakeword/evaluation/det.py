"""The detection error trade-off of a word (Martin et al. 1997): its miss rate against false accepts per hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wakeword.evaluation.intervals import poisson_interval, wilson
from wakeword.evaluation.operating_points import LEVELS
from wakeword.evaluation.scoring import Tally

SECONDS_AN_HOUR = 3600


@dataclass(frozen=True)
class Trials:
    """What a word was tried on: how often it was said, and how long it was not."""

    said: int
    hours: float


@dataclass(frozen=True)
class Point:
    """A word at a threshold."""

    threshold: int  # Q15
    missed: int
    false_accepts: int
    trials: Trials

    @property
    def miss_rate(self) -> float | None:
        """Of the words said; None where none was."""
        return self.missed / self.trials.said if self.trials.said else None

    @property
    def miss_interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the miss rate."""
        return wilson(self.missed, self.trials.said) if self.trials.said else None

    @property
    def per_hour(self) -> float | None:
        """False accepts per hour; None where there were none of those."""
        return self.false_accepts / self.trials.hours if self.trials.hours else None

    @property
    def per_hour_interval(self) -> tuple[float, float] | None:
        """Garwood's exact 95 % interval of the false accepts per hour."""
        if not self.trials.hours:
            return None
        low, high = poisson_interval(self.false_accepts)
        return low / self.trials.hours, high / self.trials.hours


def curve(word: int, stream: Tally, clips: Tally) -> list[Point]:
    """The points of a word, by its index among the model's, at each of `LEVELS`; rising.

    stream: decides false accepts and hours. clips: add to the words said in the stream. Either may be empty.
    """
    trials = trials_of(word, stream, clips)
    hits = stream.hits[word] + clips.hits[word]
    return [
        Point(threshold, trials.said - int(hit), int(false), trials)
        for threshold, hit, false in zip(LEVELS, hits, stream.unclaimed[word], strict=True)
    ]


def trials_of(word: int, stream: Tally, clips: Tally) -> Trials:
    """What a word, by its index among the model's, was tried on."""
    return Trials(int(stream.said[word] + clips.said[word]), stream.seconds / SECONDS_AN_HOUR)


def lowest_that_holds(points: Sequence[Point], false_accepts: int) -> Point | None:
    """The point of the lowest threshold from which on, upwards, there are at most so many false accepts.

    points: by rising thresholds. None where even the highest raises more.
    """
    holding = None
    for point in reversed(points):
        if point.false_accepts > false_accepts:
            break
        holding = point
    return holding
