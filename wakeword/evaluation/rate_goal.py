"""A wanted rate of false accepts, as people write it, and the hours of audio that can show it."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from dataclasses import dataclass

from wakeword.errors import UsageError
from wakeword.evaluation.intervals import poisson_upper

_HOURS = {"h": 1.0, "hour": 1.0, "hours": 1.0, "d": 24.0, "day": 24.0, "days": 24.0, "week": 168.0, "weeks": 168.0}
_RATE = re.compile(r"\s*([\d.]+)\s*(?:/|in|per)\s*([\d.]+)?\s*([a-z]+)\s*")


@dataclass(frozen=True)
class RateGoal:
    """The highest rate of false accepts allowed for each word."""

    per_hour: float
    upper: bool = False  # whether the upper bound of the measured rate must meet the goal, not just the rate itself
    confidence: float = 0.95  # of that bound, one-sided

    def allowed(self, hours: float) -> int | None:
        """Return the most false accepts in these hours that meet the goal; None if not even zero do."""
        if not self.upper:
            return math.floor(self.per_hour * hours + 1e-9)
        mean = self.per_hour * hours
        meeting = bisect_right(range(math.ceil(mean)), mean, key=lambda count: poisson_upper(count, self.confidence))
        return meeting - 1 if meeting else None

    @property
    def hours_needed(self) -> float:
        """Return the hours without a false accept that show the goal is met."""
        return poisson_upper(0, self.confidence) / self.per_hour

    def too_short(self, hours: float) -> str | None:
        """Say in one line what these hours can't show; None if they suffice."""
        if hours >= self.hours_needed:
            return None
        shown = poisson_upper(0, self.confidence) / hours
        return (
            f"{hours:.2f} h are too few to show {self.per_hour:g}/h: without a false accept they show {shown:.2g}/h at "
            f"{self.confidence:.0%} confidence; {self.hours_needed:.3g} h without one would show it"
        )


def parse_rate(text: str) -> float:
    """Convert a rate such as "0.1/h", "1 in 10 h" or "2 per day" to false accepts per hour.

    Raises:
        UsageError: the text is no such rate, or zero, which no number of hours can show.
    """
    match = _RATE.fullmatch(text.lower())
    try:
        count, length, unit = match.groups() if match else ("", "", "")
        rate = float(count) / (float(length or 1) * _HOURS[unit])
    except (ValueError, KeyError, ZeroDivisionError):
        rate = 0.0
    if not 0 < rate < math.inf:
        raise UsageError(f"{text!r} is not a rate above zero: write it as 0.1/h, or 1 in 10 h")
    return rate
