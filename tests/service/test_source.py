"""A source: changes of its engine, refractory times, and the simulation of other thresholds."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from service.detection.audio_history import AudioHistory, loudest
from service.detection.score_history import FLOOR, HOUR, EndedHistories
from service.detection.setup import Setup
from service.detection.source import Detection, ProcessedBlock, Source
from service.detection.tuning import tuned
from service.store.words import Tuning
from tests.signals import demo
from tests.wakeword.models import random_model
from wakeword.inference.engine import open_engine
from wakeword.model.pretrained import load_model

MODEL = random_model()
PART = tuned("random", MODEL, {})
SETUP = Setup((PART,))


def _process(source: Source, samples: Samples, setup: Setup) -> ProcessedBlock:
    prepared = source.prepare(samples, setup)
    return source.process(samples, source.engine.push(prepared))


def _detections(source: Source, samples: Samples, setup: Setup, block: int = 1600) -> list[Detection]:
    blocks = (samples[at : at + block] for at in range(0, len(samples), block))
    return [found for piece in blocks for found in _process(source, piece, setup).detections]


def _by_engine(setup: Setup) -> list[tuple[str, int]]:
    model = setup.models[0].model
    return [(model.labels[event.label], event.frame) for event in open_engine(model).push(demo()).events]


def test_a_source_detects_what_its_engine_does() -> None:
    found = _detections(Source("a", "test", SETUP), demo(), SETUP)
    assert [(it.word, it.frame) for it in found] == _by_engine(SETUP)


def test_within_the_first_three_seconds_a_change_of_engines_changes_no_detection() -> None:
    start = demo()[: 3 * SAMPLE_RATE]
    wanted = _detections(Source("a", "test", SETUP), start, SETUP)
    source = Source("b", "test", SETUP)
    again = Setup((tuned("again", MODEL, {}),))
    found = _detections(source, start[:20_001], SETUP) + _detections(source, start[20_001:], again)
    assert [(it.word, it.score, it.frame) for it in found] == [(it.word, it.score, it.frame) for it in wanted]


@pytest.mark.parametrize("at", range(5 * SAMPLE_RATE + 7, 20 * SAMPLE_RATE, SAMPLE_RATE + 13))
def test_a_word_that_spans_a_change_of_engines_is_detected_once(at: int) -> None:
    setup, again = (Setup((tuned(name, load_model(), {}),)) for name in ("one", "two"))
    wanted = _detections(Source("a", "test", setup), demo(), setup)
    source = Source("b", "test", setup)
    found = _detections(source, demo()[:at], setup) + _detections(source, demo()[at:], again)
    assert [it.word for it in found] == [it.word for it in wanted]
    assert np.abs(np.subtract([it.frame for it in found], [it.frame for it in wanted])).max() <= 2


@pytest.mark.parametrize("at", [64_000, 73_041, 91_123, 118_246])
def test_the_new_engine_keeps_the_step_of_the_one_before(at: int) -> None:
    """Its network groups the same frames into steps, so the scores continue as without the change."""
    setup, again = (Setup((tuned(name, load_model(), {}),)) for name in ("one", "two"))
    assert setup.frames_per_step > 1
    source = Source("a", "test", setup)
    _detections(source, demo()[:at], setup, block=800)
    scores = _process(source, demo()[at:], again).column_scores
    unbroken = open_engine(load_model()).push(demo()).scores[-len(scores) :]
    assert (
        np.abs(scores.astype(int) - unbroken).max() < 300
    )  # of 32768; audio before the last seconds has little effect


def test_new_thresholds_apply_from_the_next_block_on() -> None:
    deaf = Setup((tuned("random", MODEL, {word: Tuning(threshold=1) for word in MODEL.keywords}),))
    source = Source("a", "test", SETUP)
    assert _detections(source, demo()[:100_000], SETUP)
    assert not [it for it in _detections(source, demo()[100_000:], deaf) if it.score < 0.99]


def test_after_a_word_no_event_is_raised_for_its_refractory_time() -> None:
    long, short = 2.0, 0.2
    first = _by_engine(SETUP)[0][0]
    tunings = {word: Tuning(refractory=long if word == first else short) for word in MODEL.keywords}
    setup = Setup((tuned("random", MODEL, tunings),))
    found = _detections(Source("a", "test", setup), demo(), setup)
    gaps = [(one.word, other.frame - one.frame) for one, other in pairwise(found)]
    assert {word == first for word, _ in gaps} == {True, False}
    assert all(gap > (200 if word == first else 20) for word, gap in gaps)


@pytest.mark.parametrize("threshold", [FLOOR, 0.2, 0.35, 0.8])
@pytest.mark.parametrize("refractory", [None, 0.05, 1.5])
def test_the_simulation_equals_the_detector_under_the_other_thresholds(
    threshold: float, refractory: float | None
) -> None:
    changed = {"word1": Tuning(threshold, refractory), "word2": Tuning(threshold)}
    other = tuned("random", MODEL, changed)
    asked, real = Source("a", "test", SETUP), Source("b", "test", Setup((other,)))
    _detections(asked, demo(), SETUP, block=997)
    found = _detections(real, demo(), real.setup)
    simulated = asked.score_histories[PART.key].scores().simulate(other)
    assert [(MODEL.keywords[it.word], it.frame) for it in simulated] == [(it.word, it.frame) for it in found]
    assert asked.score_histories[PART.key].seconds == pytest.approx(len(demo()) / SAMPLE_RATE, abs=0.05)


def test_the_score_history_survives_a_change_of_thresholds_but_not_of_the_model() -> None:
    source = Source("a", "test", SETUP)
    _detections(source, demo()[: 10 * SAMPLE_RATE], SETUP)
    _process(source, demo()[:160], Setup((tuned("random", MODEL, {"word1": Tuning(0.5)}),)))
    assert source.score_histories[PART.key].seconds > 9.9
    _process(source, demo()[:160], Setup((tuned("other", random_model(1), {}),)))
    (history,) = source.score_histories.values()
    assert history.seconds < 3.1


def test_the_score_history_of_an_ended_source_is_kept_for_an_hour() -> None:
    source = Source("a", "test", SETUP)
    found = _detections(source, demo(), SETUP)
    length = len(demo()) / SAMPLE_RATE
    ended = EndedHistories()
    ended.add("random", source.score_histories[PART.key], now=1000)
    ((history, ago),) = ended.of("random", now=1060)
    assert (ago, len(history.scores(ago).simulate(PART))) == (60, len(found))
    half = sum(event.time > length / 2 for event in found)
    assert len(history.scores(HOUR - length / 2).simulate(PART)) == half
    assert ended.of("random", now=1000 + HOUR) == ended.of("other", now=1060) == []


def test_the_score_histories_of_ended_sources_are_limited() -> None:
    source, ended = Source("a", "test", SETUP), EndedHistories()
    _detections(source, demo(), SETUP)
    for now in range(1000):
        ended.add("random", source.score_histories[PART.key], now)
    kept = ended.of("random", now=1000)
    assert 50 < len(kept) < 1000
    assert kept[-1][1] == 1  # the latest


def test_the_audio_history_returns_the_latest_samples_by_position() -> None:
    history = AudioHistory(10_000)
    samples = np.arange(27_000).astype(np.int16)
    for start in range(0, 27_000, 3_000):
        history.push(samples[start : start + 3_000])
    assert (history.start, history.position) == (12_000, 27_000)  # whole blocks, of 10,000 samples before the latest
    assert np.array_equal(history.between(17_800, 18_300), samples[17_800:18_300])
    assert np.array_equal(history.between(0, 12_200), samples[12_000:12_200])
    assert np.array_equal(history.between(26_800, 99_900), samples[26_800:])


def test_the_audio_history_of_tiny_blocks_takes_no_more_memory_than_that_of_large_ones() -> None:
    history = AudioHistory(3_000)
    samples = np.arange(20_000).astype(np.int16)
    tracemalloc.start()
    try:
        for sample in range(len(samples)):
            history.push(samples[sample : sample + 1])
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 4 * 2 * 3_000
    assert np.array_equal(history.between(0, 99_999), samples[history.start :])
    assert history.position - history.start >= 3_000


def test_the_loudest_samples_are_found() -> None:
    samples = np.zeros(1000, np.int16)
    samples[400:500] = -32768
    assert (loudest(samples, 100) == -32768).all()
    assert len(loudest(samples[:50], 100)) == 50
