"""Rates of false accepts as people write them, and the hours that can show them."""

from __future__ import annotations

import pytest
from scipy.stats import chi2

from wakeword.errors import WakewordError
from wakeword.evaluation.rate_goal import RateGoal, parse_rate


@pytest.mark.parametrize(
    ("text", "per_hour"),
    [
        ("0.1/h", 0.1),
        ("2 / hour", 2),
        ("1 in 10 h", 0.1),
        ("1 in 10h", 0.1),
        ("3 in 2 days", 1 / 16),
        ("1 per day", 1 / 24),
        ("1 in 1 week", 1 / 168),
    ],
)
def test_a_rate_is_converted_to_false_accepts_per_hour(text: str, per_hour: float) -> None:
    assert parse_rate(text) == pytest.approx(per_hour)


@pytest.mark.parametrize("text", ["", "0.1", "0/h", "-1/h", "1 in 0 h", "1 in 10 parsecs", "1..2/h", "few/h"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(WakewordError, match=r"is not a rate above zero: write it as 0\.1/h, or 1 in 10 h"):
        parse_rate(text)


def test_the_measured_rate_allows_rate_times_hours() -> None:
    assert [RateGoal(0.1).allowed(hours) for hours in (0.5, 9.99, 10, 25, 1000)] == [0, 0, 1, 2, 100]


@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize("hours", [1.0, 29.0, 30.0, 48.0, 1000.0, 100_000.0])
def test_the_upper_bound_allows_the_largest_count_whose_bound_meets_the_rate(hours: float, confidence: float) -> None:
    allowed = RateGoal(0.1, upper=True, confidence=confidence).allowed(hours)
    bound = lambda events: chi2.ppf(confidence, 2 * events + 2) / 2 / hours  # noqa: E731
    if allowed is None:
        assert bound(0) > 0.1
    else:
        assert bound(allowed) <= 0.1 < bound(allowed + 1)


def test_too_few_hours_are_reported_with_those_needed() -> None:
    goal = RateGoal(0.1)
    assert goal.too_short(30) is None
    line = goal.too_short(0.5)
    assert line is not None and "\n" not in line
    assert line.startswith("0.50 h are too few to show 0.1/h") and "30 h without one would show it" in line
