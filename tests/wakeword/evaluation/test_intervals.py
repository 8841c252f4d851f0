"""Confidence intervals, equal to those of scipy and of papers."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest, chi2

from wakeword.evaluation.intervals import poisson_interval, poisson_upper, wilson


@pytest.mark.parametrize(("count", "total"), [(0, 1), (0, 315), (5, 315), (8, 10), (315, 315)])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_wilson_s_interval_is_scipy_s(count: int, total: int, confidence: float) -> None:
    expected = binomtest(count, total).proportion_ci(confidence, method="wilson")
    assert wilson(count, total, confidence) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize("events", [0, 1, 2, 7, 150, 20_000])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_garwood_s_interval_is_the_one_by_chi_squared(events: int, confidence: float) -> None:
    tail = (1 - confidence) / 2
    low = chi2.ppf(tail, 2 * events) / 2 if events else 0
    high = chi2.ppf(1 - tail, 2 * events + 2) / 2
    assert poisson_interval(events, confidence) == pytest.approx((low, high), rel=1e-9)
    assert poisson_upper(events, confidence) == pytest.approx(chi2.ppf(confidence, 2 * events + 2) / 2, rel=1e-9)


def test_no_event_is_the_rule_of_three() -> None:
    assert poisson_upper(0) == pytest.approx(2.9957, abs=1e-4)
    assert poisson_interval(0) == pytest.approx((0, 3.6889), abs=1e-4)
