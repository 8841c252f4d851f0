"""`wakeword calibrate`: the wanted rate makes the thresholds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from models import random_model

from tests.signals import demo
from tests.wakeword.terminal import Run
from wakeword.audio.files import write_wav
from wakeword.errors import WakewordError
from wakeword.evaluation.detection import Hearing, hear_stream
from wakeword.evaluation.operating_points import LEVELS
from wakeword.evaluation.rate_goal import RateGoal
from wakeword.evaluation.scoring import Tally, empty_tally
from wakeword.evaluation.thresholds import choose, with_thresholds
from wakeword.model.file import Model, read_model
from wakeword.model.pretrained import load_model

HOURS = 10.0


@pytest.fixture
def model() -> Model:
    return random_model(words=2)


def stream(*falling: tuple[int, ...]) -> Tally:
    """Ten hours in which each word has so many false accepts at the lowest levels, and none above."""
    unclaimed = np.zeros((2, len(LEVELS)), np.int64)
    for word, counts in enumerate(falling):
        unclaimed[word, : len(counts)] = counts
    return replace(empty_tally(2), seconds=HOURS * 3600, unclaimed=unclaimed)


def test_each_word_has_the_lowest_threshold_that_keeps_to_the_rate(model: Model) -> None:
    chosen = choose(model, stream((9, 5, 2, 1), (3, 2)), empty_tally(2), RateGoal(0.2))
    assert [point.threshold for point in chosen.values()] == [LEVELS[2], LEVELS[1]]
    assert [point.false_accepts for point in chosen.values()] == [2, 2]


def test_the_upper_bound_asks_for_more(model: Model) -> None:
    goal = RateGoal(0.5, upper=True)  # 5 expected in ten hours: the bound of one event is 4.74, of two 6.30
    chosen = choose(model, stream((9, 5, 2, 1), (3, 2)), empty_tally(2), goal)
    assert [point.false_accepts for point in chosen.values()] == [1, 0]


def test_a_threshold_holds_only_if_all_above_it_do(model: Model) -> None:
    merged = stream((0, 7, 2, 0))  # at the lowest level one endless stay above it is a single event, or none
    assert choose(model, merged, empty_tally(2), RateGoal(0.1))["word0"].threshold == LEVELS[3]


def test_hours_that_cannot_show_the_bound_are_refused(model: Model) -> None:
    with pytest.raises(WakewordError, match=r"10.00 h are too few to show 0.1/h.* 30 h without one would"):
        choose(model, stream(), empty_tally(2), RateGoal(0.1, upper=True))


def test_a_word_that_no_threshold_quietens_is_named(model: Model) -> None:
    with pytest.raises(WakewordError, match=r"no threshold of word1 holds 0.2/h: .* 4 false accepts .* 2 may be"):
        choose(model, stream((1,), (4,) * len(LEVELS)), empty_tally(2), RateGoal(0.2))


def test_the_model_s_copy_says_how_its_thresholds_came_about(model: Model) -> None:
    goal = RateGoal(0.2)
    changed = with_thresholds(model, choose(model, stream((9, 5, 2), (3,)), empty_tally(2), goal), goal)
    assert changed.detector.thresholds == (0, 0, LEVELS[2], LEVELS[1])
    assert changed.detector.smoothing == model.detector.smoothing
    assert changed.provenance["made"] == "at random"
    assert changed.provenance["calibration"] == {
        "false_accepts_per_hour": 0.2,
        "bound": "expected",
        "hours": 10.0,
        "false_accepts": {"word0": 2, "word1": 0},
    }


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Words of the model, which here nobody was to say."""
    write_wav(tmp_path / "talk.wav", np.tile(demo(), 3))
    return tmp_path / "talk.wav"


def test_the_command_writes_a_model_that_keeps_to_the_rate(run: Run, talk: Path, tmp_path: Path) -> None:
    out = tmp_path / "quiet.safetensors"
    heard = ["--negatives", talk, "--out", out]
    done = run("calibrate", "google12", "--false-accepts", "1/h", *heard)
    assert done.status == 0
    assert done.err.startswith("wakeword: 0.02 h are too few to show 1/h") and done.err.count("\n") == 1
    assert "each word at most 1/h, by the rate that was found" in done.out
    quiet = read_model(out)
    assert len(hear_stream(Hearing(load_model()), [talk]).events) > 20
    assert hear_stream(Hearing(quiet), [talk]).events == ()


def test_what_is_missed_is_said_too(run: Run, talk: Path, tmp_path: Path) -> None:
    (tmp_path / "yes").mkdir()
    write_wav(tmp_path / "yes" / "1.wav", demo()[11_000:22_000])
    heard = ["--negatives", talk, "--positives", tmp_path / "yes", "--out", tmp_path / "quiet.safetensors"]
    done = run("calibrate", "google12", "--false-accepts", "2000/h", *heard)
    assert "misses         0.0%, 0 of 1" in done.out


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--false-accepts", "seldom"], "'seldom' is no rate above zero"),
        (["--false-accepts", "1/h", "--bound", "upper"], "0.02 h are too few to show 1/h"),
        (["--false-accepts", "1/h", "--word", "yes"], "--word says what is said in the --positives"),
    ],
)
def test_what_can_t_be_met_writes_nothing(run: Run, talk: Path, tmp_path: Path, options: list[str], line: str) -> None:
    out = tmp_path / "quiet.safetensors"
    done = run("calibrate", "google12", *options, "--negatives", talk, "--out", out)
    assert (done.status, done.out, done.err.count("\n"), out.exists()) == (2, "", 1, False)
    assert line in done.err
