"""The scale of scores and thresholds: smoothed posteriors in Q15, fractions of one for people."""

from __future__ import annotations

from featurizer.fixed import INT16_MAX, ONE_Q15


def as_fraction(score: int) -> float:
    """Convert a score or a threshold from Q15 to a fraction of one."""
    return score / ONE_Q15


def as_q15(fraction: float) -> int:
    """Convert a fraction of one to Q15, rounded to the nearest; the highest score there is is 1 - 2**-15."""
    return min(round(fraction * ONE_Q15), INT16_MAX)
