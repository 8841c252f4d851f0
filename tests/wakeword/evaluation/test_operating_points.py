"""Detections at any threshold, equal to those of the detector itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.wakeword.models import random_model
from wakeword.evaluation.operating_points import LEVELS, detection_frames
from wakeword.inference.detector import EventDetector
from wakeword.model.file import DetectorSettings, Model


def wandering(frames: int, words: int, seed: int) -> np.ndarray:
    """Make posteriors in Q15 that stay high, fall and cross: (frames, silence, unknown and words)."""
    rng = np.random.default_rng(seed)
    logits = np.cumsum(rng.normal(0, 1.5, (frames, words + 2)), axis=0)
    logits -= 0.98 * np.minimum.accumulate(logits, axis=0)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.rint(32767 * odds / odds.sum(axis=1, keepdims=True)).astype(np.int64)


def run(model: Model, posteriors: np.ndarray) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Return the detector's scores of the words, and its events as (label, frame)."""
    detector = EventDetector(model)
    scores, events = [], []
    for posterior in posteriors:
        event = detector.step(posterior)
        scores.append(detector.scores[model.first_word :])
        if event:
            events.append((event.label, event.frame))
    return np.array(scores, np.int16), events


def with_threshold(model: Model, word: int, threshold: int, refractory: int) -> Model:
    """Let only this word be detected: no score reaches the others' threshold."""
    thresholds = [32768] * len(model.labels)
    thresholds[model.first_word + word] = threshold
    return replace(model, detector=DetectorSettings(tuple(thresholds), smoothing=1, refractory=refractory))


@pytest.mark.parametrize("words", [1, 3])
@pytest.mark.parametrize("refractory", [0, 1, 20, 60])
def test_every_threshold_gives_the_events_of_the_detector(words: int, refractory: int) -> None:
    model = random_model(words=words)
    counted = 0
    for seed in range(2):
        posteriors = wandering(400, words, seed)
        for word in range(words):
            scores, _ = run(with_threshold(model, word, 0, refractory), posteriors)
            levels = LEVELS[20::60]
            for same, frames in detection_frames(scores, word, refractory, levels):
                for level in levels[same]:
                    _, events = run(with_threshold(model, word, level, refractory), posteriors)
                    assert [frame for _, frame in events] == frames.tolist()
                    counted += len(events)
    assert counted > 10  # else nothing was tested


def test_no_frames_give_no_detections() -> None:
    ((levels, frames),) = detection_frames(np.zeros((0, 2), np.int16), 0, 60)
    assert (levels, len(frames)) == (slice(0, len(LEVELS)), 0)


def test_each_level_is_covered_once() -> None:
    scores = np.array([[9000, 0], [20_000, 0], [0, 0], [31_000, 0]], np.int16)
    answers = [(levels.start, levels.stop, frames.tolist()) for levels, frames in detection_frames(scores, 0, 0)]
    assert [stop for _, stop, _ in answers[:-1]] == [start for start, _, _ in answers[1:]]
    assert (answers[0][0], answers[-1][1]) == (0, len(LEVELS))
    assert [frames for _, _, frames in answers] == [[0, 3], [1, 3], [3], []]


def test_levels_rise_to_the_highest_score() -> None:
    assert list(LEVELS) == sorted(set(LEVELS)) and LEVELS[-1] in (32766, 32767)
    assert len(LEVELS) > 200 and LEVELS[0] == round(0.05 * 32768)
