"""The detection error trade-off of a word: its points, and their plot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from wakeword.errors import UsageError
from wakeword.evaluation.det import Point, Trials, curve, lowest_that_holds
from wakeword.evaluation.det_plot import write_det
from wakeword.evaluation.operating_points import LEVELS
from wakeword.evaluation.scoring import empty_counts


def points(*false_accepts: int) -> list[Point]:
    return [Point(1000 * n, n, count, Trials(10, 2.0)) for n, count in enumerate(false_accepts)]


def test_a_curve_has_the_misses_of_stream_and_clips_and_the_false_accepts_of_the_stream() -> None:
    empty = empty_counts(1)
    ones = np.ones((1, len(LEVELS)), np.int64)
    stream = replace(empty, seconds=7200.0, positives=np.array([3]), hits=ones, false_accepts=4 * ones)
    clips = replace(empty, positives=np.array([5]), hits=2 * ones, false_accepts=9 * ones)
    found = curve(0, stream, clips)
    assert [point.threshold for point in found] == list(LEVELS)
    assert {(point.missed, point.false_accepts, point.trials) for point in found} == {(5, 4, Trials(8, 2.0))}
    assert (found[0].miss_rate, found[0].per_hour) == (5 / 8, 2.0)


def test_a_rate_without_trials_is_none() -> None:
    point = Point(1000, 0, 0, Trials(0, 0.0))
    assert (point.miss_rate, point.miss_interval, point.per_hour, point.per_hour_interval) == (None,) * 4


def test_the_lowest_threshold_that_holds_keeps_to_the_count_from_there_on() -> None:
    merged = points(0, 7, 2, 1)  # one long stay above the lowest threshold is a single event
    assert lowest_that_holds(merged, 2) == merged[2]
    assert lowest_that_holds(merged, 7) == merged[0]
    assert lowest_that_holds(merged, 0) is None


def test_a_picture_is_of_the_kind_of_its_suffix(tmp_path: Path) -> None:
    write_det(tmp_path / "det.svg", {"yes": points(3, 1, 0)}, {"yes": points(3, 1, 0)[1]})
    assert "<svg" in (tmp_path / "det.svg").read_text()
    with pytest.raises(UsageError, match=r"det.doc is not the name of a picture: end it in .svg, .png, .pdf"):
        write_det(tmp_path / "det.doc", {})
