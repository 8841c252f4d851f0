"""How often a word may be raised that nobody said, as people put it, and what must be heard to tell."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from dataclasses import dataclass

from wakeword.errors import WakewordError
from wakeword.evaluation.intervals import poisson_upper

_HOURS = {"h": 1.0, "hour": 1.0, "hours": 1.0, "d": 24.0, "day": 24.0, "days": 24.0, "week": 168.0, "weeks": 168.0}
_RATE = re.compile(r"\s*([\d.]+)\s*(?:/|in|per)\s*([\d.]+)?\s*([a-z]+)\s*")


@dataclass(frozen=True)
class RateGoal:
    """False accepts of a word that may happen."""

    per_hour: float
    upper: bool = False  # whether the rate's upper bound is to hold, and not just the rate that was found
    confidence: float = 0.95  # of that bound, one-sided

    def allowed(self, hours: float) -> int | None:
        """The most false accepts in these hours with which the goal is met; None if it isn't even with none."""
        if not self.upper:
            return math.floor(self.per_hour * hours + 1e-9)
        mean = self.per_hour * hours
        meeting = bisect_right(range(math.ceil(mean)), mean, key=lambda count: poisson_upper(count, self.confidence))
        return meeting - 1 if meeting else None

    @property
    def hours_needed(self) -> float:
        """Hours that show it, if there is no false accept in them."""
        return poisson_upper(0, self.confidence) / self.per_hour

    def too_short(self, hours: float) -> str | None:
        """In a line, what these hours cannot show; None where they can."""
        if hours >= self.hours_needed:
            return None
        shown = poisson_upper(0, self.confidence) / hours
        return (
            f"{hours:.2f} h are too few to show {self.per_hour:g}/h: without a false accept they show {shown:.2g}/h at "
            f"{self.confidence:.0%} confidence; {self.hours_needed:.3g} h without one would show it"
        )


def parse_rate(text: str) -> float:
    """False accepts per hour, of "0.1/h", "1 in 10 h", "2 per day".

    Raises:
        WakewordError: it is no such rate, or zero, which no hours show.
    """
    match = _RATE.fullmatch(text.lower())
    try:
        count, length, unit = match.groups() if match else ("", "", "")
        rate = float(count) / (float(length or 1) * _HOURS[unit])
    except (ValueError, KeyError, ZeroDivisionError):
        rate = 0.0
    if not 0 < rate < math.inf:
        raise WakewordError(f"{text!r} is no rate above zero: say 0.1/h, or 1 in 10 h")
    return rate
