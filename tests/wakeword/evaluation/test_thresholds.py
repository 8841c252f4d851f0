"""The two rules that choose thresholds, and `wakeword calibrate`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from tests.signals import demo
from tests.wakeword.models import random_model
from tests.wakeword.terminal import Run
from wakeword.audio.files import write_wav
from wakeword.data.examples import Examples
from wakeword.errors import DataError
from wakeword.evaluation.clip_stream import ClipStream
from wakeword.evaluation.detection import EvaluationSetup, evaluate_stream
from wakeword.evaluation.operating_points import LEVELS
from wakeword.evaluation.rate_goal import RateGoal
from wakeword.evaluation.scoring import Counts, empty_counts
from wakeword.evaluation.thresholds import (
    HIGHEST,
    LOWEST,
    NEGATIVES_PER_FALSE_ACCEPT,
    calibrate_by_clips,
    calibrate_by_rate,
    raise_by_stream,
)
from wakeword.inference.engine import open_engine
from wakeword.model.file import DetectorSettings, Model, read_model
from wakeword.model.pretrained import load_model

HOURS = 10.0


NOTHING = Examples(np.zeros((0, 16_000), np.int16), np.zeros(0, np.int64), ())


def played(peaks: np.ndarray, labels: np.ndarray) -> ClipStream:
    """Return a stream of one-second clips with these highest scores (n, K), each for a frame in the clip's middle."""
    frames = 62
    scores = np.zeros((frames * (len(labels) + 1), peaks.shape[1]), np.int16)
    scores[frames : frames * len(labels) + 1 : frames] = peaks
    return ClipStream(labels, scores, [], np.arange(len(labels)) * frames, frames)


def calibrated(model: Model, peaks: np.ndarray, labels: np.ndarray) -> DetectorSettings:
    with patch.object(ClipStream, "play", return_value=played(peaks, labels)):
        return calibrate_by_clips(model, NOTHING).detector


def test_one_in_so_many_negative_clips_reaches_the_threshold() -> None:
    model, word = random_model(0, words=1), 2
    negatives = np.arange(2 * NEGATIVES_PER_FALSE_ACCEPT) * 5 + 10_000
    peaks = np.zeros((len(negatives) + 1, 3), np.int64)
    peaks[:-1, word], peaks[-1, word] = negatives, 32_767
    labels = np.array([1] * len(negatives) + [word])
    assert (negatives >= calibrated(model, peaks, labels).thresholds[word]).sum() == 2


def test_a_word_whose_score_is_still_high_in_the_next_clip_is_no_false_accept() -> None:
    model, word = random_model(0, words=1), 2
    peaks = np.full((500, 3), 12_000, np.int64)
    labels = np.tile([word, 1, 1, 1, 1], 100)
    peaks[(labels == word) | (np.roll(labels, 1) == word), word] = 30_000
    assert calibrated(model, peaks, labels).thresholds[word] == 12_001


def heard(model: Model, stream: np.ndarray, word: int) -> int:
    """Count a word's events in a stream, with this word alone active."""
    deaf = {other: 0.9999 for other in model.keywords if other != model.labels[word]}
    return sum(event.label == word for event in open_engine(model.with_thresholds(deaf)).push(stream).events)


def test_a_stream_of_negatives_raises_thresholds_until_each_word_keeps_its_share() -> None:
    """22.5 s of words as negatives: 1,600 an hour of ten words are one of each in 22.5 s."""
    google12 = load_model("google12")
    model = google12.with_thresholds(dict.fromkeys(google12.keywords, 0.2))
    raised = raise_by_stream(model, demo(), per_hour=1600)
    assert all(raised.thresholds[word] >= 0.2 for word in model.keywords)
    for label in range(model.first_word, len(model.labels)):
        word = model.labels[label]
        assert heard(raised, demo(), label) <= 1
        assert raised.thresholds[word] == pytest.approx(0.2, abs=1e-4) or heard(model, demo(), label) > 1
    assert max(heard(model, demo(), label) for label in range(2, 12)) > 1


def test_a_stream_without_false_accepts_changes_no_threshold() -> None:
    model = load_model("google12")
    assert raise_by_stream(model, np.zeros(160_000, np.int16), 1.0).thresholds == model.thresholds


def test_thresholds_of_clips_stay_within_their_bounds_and_change_nothing_else() -> None:
    model = random_model(4)
    for level, bound in ((0, LOWEST), (32_767, HIGHEST)):
        settings = calibrated(model, np.full((5, 6), level), np.zeros(5, int))
        assert settings.thresholds == (0, 0) + (bound,) * 4
        assert (settings.smoothing, settings.refractory) == (model.detector.smoothing, model.detector.refractory)


@pytest.fixture
def model() -> Model:
    return random_model(words=2)


def stream(*falling: tuple[int, ...]) -> Counts:
    """Return ten hours with these false accepts of each word at the lowest levels, and none above."""
    false_accepts = np.zeros((2, len(LEVELS)), np.int64)
    for word, counts in enumerate(falling):
        false_accepts[word, : len(counts)] = counts
    return replace(empty_counts(2), seconds=HOURS * 3600, false_accepts=false_accepts)


def test_each_word_has_the_lowest_threshold_that_keeps_to_the_rate(model: Model) -> None:
    _, points = calibrate_by_rate(model, stream((9, 5, 2, 1), (3, 2)), empty_counts(2), RateGoal(0.2))
    assert [point.threshold for point in points.values()] == [LEVELS[2], LEVELS[1]]
    assert [point.false_accepts for point in points.values()] == [2, 2]


def test_the_upper_bound_gives_higher_thresholds(model: Model) -> None:
    goal = RateGoal(0.5, upper=True)  # 5 expected in ten hours: the bound of one event is 4.74, of two 6.30
    _, points = calibrate_by_rate(model, stream((9, 5, 2, 1), (3, 2)), empty_counts(2), goal)
    assert [point.false_accepts for point in points.values()] == [1, 0]


def test_a_threshold_holds_only_if_all_above_it_do(model: Model) -> None:
    merged = stream((0, 7, 2, 0))  # at the lowest level one endless stay above it is a single event, or none
    _, points = calibrate_by_rate(model, merged, empty_counts(2), RateGoal(0.1))
    assert points["word0"].threshold == LEVELS[3]


def test_hours_that_cannot_show_the_bound_are_refused(model: Model) -> None:
    with pytest.raises(DataError, match=r"10.00 h are too few to show 0.1/h.* 30 h without one would"):
        calibrate_by_rate(model, stream(), empty_counts(2), RateGoal(0.1, upper=True))


def test_a_word_that_no_threshold_can_keep_to_the_rate_is_named(model: Model) -> None:
    with pytest.raises(DataError, match=r"no threshold of word1 keeps to 0.2/h: .* 4 false accepts .* 2 are allowed"):
        calibrate_by_rate(model, stream((1,), (4,) * len(LEVELS)), empty_counts(2), RateGoal(0.2))


def test_the_provenance_records_the_calibration(model: Model) -> None:
    changed, _ = calibrate_by_rate(model, stream((9, 5, 2), (3,)), empty_counts(2), RateGoal(0.2))
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
    """Write words of the model, to use as negatives."""
    write_wav(tmp_path / "talk.wav", np.tile(demo(), 3))
    return tmp_path / "talk.wav"


def test_the_command_writes_a_model_that_keeps_to_the_rate(run: Run, talk: Path, tmp_path: Path) -> None:
    out = tmp_path / "quiet.safetensors"
    options = ["--negatives", talk, "--out", out]
    done = run("calibrate", "google12", "--false-accepts", "1/h", *options)
    assert done.status == 0
    assert done.err.startswith("wakeword: 0.02 h are too few to show 1/h") and done.err.count("\n") == 1
    assert "each word at most 1/h by the measured rate" in done.out
    quiet = read_model(out)
    assert len(evaluate_stream(EvaluationSetup(load_model()), [talk]).detections) > 20
    assert evaluate_stream(EvaluationSetup(quiet), [talk]).detections == ()


def test_the_command_prints_misses_of_positives(run: Run, talk: Path, tmp_path: Path) -> None:
    (tmp_path / "yes").mkdir()
    write_wav(tmp_path / "yes" / "1.wav", demo()[11_000:22_000])
    options = ["--negatives", talk, "--positives", tmp_path / "yes", "--out", tmp_path / "quiet.safetensors"]
    done = run("calibrate", "google12", "--false-accepts", "2000/h", *options)
    assert "misses         0.0%, 0 of 1" in done.out


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--false-accepts", "seldom"], "'seldom' is not a rate above zero"),
        (["--false-accepts", "1/h", "--bound", "upper"], "0.02 h are too few to show 1/h"),
        (["--false-accepts", "1/h", "--word", "yes"], "--word needs --positives"),
    ],
)
def test_a_goal_that_cannot_be_met_writes_nothing(
    run: Run, talk: Path, tmp_path: Path, options: list[str], line: str
) -> None:
    out = tmp_path / "quiet.safetensors"
    done = run("calibrate", "google12", *options, "--negatives", talk, "--out", out)
    assert (done.status, done.out, done.err.count("\n"), out.exists()) == (2, "", 1, False)
    assert line in done.err
