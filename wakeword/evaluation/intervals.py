"""Confidence intervals of counts: of a proportion (Wilson) and of a Poisson rate (Garwood, exact)."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np


def wilson(count: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Compute the two-sided score interval of a proportion, `count` of `total` (Wilson 1927)."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = count / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    reach = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (0.0 if count == 0 else centre - reach), (1.0 if count == total else centre + reach)


def poisson_interval(events: int, confidence: float = 0.95) -> tuple[float, float]:
    """Compute the two-sided exact interval of a Poisson mean, given a count of `events` (Garwood 1936).

    Without an event the lower end is zero; the upper end is still that of the two-sided interval.
    """
    tail = (1 - confidence) / 2
    return _mean_at(events - 1, 1 - tail) if events else 0.0, _mean_at(events, tail)


def poisson_upper(events: int, confidence: float = 0.95) -> float:
    """Compute the one-sided exact upper bound of a Poisson mean.

    With a larger mean, at most `events` have a probability below 1 - confidence.
    """
    return _mean_at(events, 1 - confidence)


def _mean_at(events: int, probability: float) -> float:
    """Find the Poisson mean for which at most `events` have this probability."""
    above = 1.0
    while poisson_cdf(events, above) > probability:
        above *= 2
    return _bisect(lambda mean: poisson_cdf(events, mean) > probability, 0.0, above)


def poisson_cdf(events: int, mean: float) -> float:
    """Compute the probability of at most `events` for a Poisson mean; 1 for a mean of zero."""
    if mean == 0:
        return 1.0
    counts = np.arange(1, events + 1)
    logs = np.concatenate([[0.0], np.cumsum(math.log(mean) - np.log(counts))]) - mean
    return float(np.exp(logs).sum())


def _bisect(below: Callable[[float], bool], low: float, high: float) -> float:
    """Find where `below` turns from true to false, to the last bit."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if below(middle) else (low, middle)
    return middle
