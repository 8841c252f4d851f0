"""The comparison of wake words: one rule for every engine, and a fair verdict."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from bench.wakewords.contest import Outcome, Scores, compare, our_scores, outcome
from bench.wakewords.streams import Streams, make_streams
from bench.wakewords.verdict import as_json, at_most, describe, winners
from tests.signals import demo
from wakeword.audio.files import write_wav
from wakeword.data.annotations import Annotation
from wakeword.model.pretrained import load_model

RATE = 16_000
SPANS = [Annotation("alexa", at, at + 0.5) for at in (2.0, 12.0, 22.0, 32.0)]


@pytest.fixture
def streams() -> Streams:
    """Make forty seconds with four words, and two streams of an hour without; only their lengths matter."""
    hour = np.broadcast_to(np.int16(0), 3600 * RATE)
    return Streams(np.zeros(40 * RATE, np.int16), SPANS, {"talk": hour, "music": hour})


def scores(peaks: dict[float, float], seconds: float, hop: float, size: int, cpu: float) -> Scores:
    """Make an engine's scores, one every `hop` seconds: that of a peak for half a second, else zero."""
    times = np.arange(1, round(seconds / hop)) * hop
    values = np.zeros(len(times))
    for at, score in peaks.items():
        values[(times >= at) & (times < at + 0.5)] = score
    return Scores(values, times, cpu, size, threshold=0.5)


def engine(
    name: str,
    streams: Streams,
    positives: list[float],
    negatives: list[float],
    hop: float,
    size: int,
    cpu: float = 1.0,
    noisy: list[float] | None = None,
) -> Outcome:
    """Return the outcome of an engine with these scores of the four words and of other sounds in the first stream."""

    def of_words(peaks: list[float]) -> Scores:
        at = {span.end + 0.2: score for span, score in zip(SPANS, peaks, strict=True)}
        return scores(at, 40, hop, size, cpu)

    false = {100.0 * (n + 1): score for n, score in enumerate(negatives)}
    others = {"talk": scores(false, 3600, hop, size, cpu), "music": scores({}, 3600, hop, size, cpu)}
    return outcome(name, of_words(positives), others, streams, of_words(noisy) if noisy else None)


@pytest.mark.parametrize("hop", [0.01, 0.03, 0.08])
def test_misses_and_false_accepts_do_not_depend_on_how_often_an_engine_scores(streams: Streams, hop: float) -> None:
    found = engine("one", streams, [0.9, 0.8, 0.6, 0.2], [0.85, 0.7, 0.3], hop, 1000)
    assert (found.own.missed, found.own.false_accepts) == (1, 2)
    assert (found.points[0].missed, found.points[0].false_accepts) == (0, 3)
    assert (found.points[-1].missed, found.points[-1].false_accepts) == (4, 0)
    none, one = at_most(found, 0), at_most(found, 1)
    assert none is not None and (none.missed, none.false_accepts) == (3, 0)
    assert one is not None and (one.missed, one.false_accepts) == (1, 2)  # one an hour, in two hours


def test_an_engine_that_no_threshold_keeps_to_the_rate_is_reported(streams: Streams) -> None:
    found = engine("loud", streams, [1.0] * 4, [1.0], 0.01, 1000)
    assert at_most(found, 0) is None
    assert "at most 0/h:    no threshold keeps to it" in describe(found)


def test_false_accepts_at_the_own_threshold_are_given_for_each_stream_with_their_interval(streams: Streams) -> None:
    found = engine("one", streams, [0.9] * 4, [0.85, 0.7, 0.3], 0.01, 1000)
    lines = describe(found).splitlines()
    assert "    in talk: 2 in 1.00 h, 2.00/h (0.24 to 7.22)" in lines  # Garwood's interval of two events
    assert "    in music: 0 in 1.00 h, 0.00/h (0.00 to 3.69)" in lines
    assert as_json(found)["streams"]["talk"]["false_accepts"] == 2


def test_words_in_noise_are_counted_at_the_same_thresholds(streams: Streams) -> None:
    found = engine("one", streams, [0.9, 0.8, 0.6, 0.4], [0.5], 0.01, 1000, noisy=[0.9, 0.4, 0.3, 0.2])
    _, strict, _, own, *_ = describe(found).splitlines()
    assert "misses 25.0% (1 of 4, " in own and ", 75.0% in noise, " in own
    assert "misses 25.0%" in strict and "75.0% in noise" in strict
    assert as_json(found)["missed_in_noise"][0] == 0 and as_json(found)["missed_in_noise"][-1] == 4


def test_the_verdict_names_every_engine_that_wins_or_ties(streams: Streams) -> None:
    sure = engine("sure", streams, [0.9] * 4, [0.1], 0.08, 3_000_000, cpu=300)
    small = engine("small", streams, [0.9, 0.9, 0.9, 0.6], [0.8, 0.7], 0.01, 6000, cpu=2)
    assert winners([sure, small]) == [
        "fewest misses at 0 false accepts an hour: sure",
        "fewest misses at 1 false accepts an hour: sure, small",
        "least of a core: small",
        "fewest bytes: small",
    ]


def test_our_engine_on_streams_of_files(tmp_path: Path) -> None:
    for name, start, end in (("yes/1", 0.7, 1.4), ("go/1", 2.2, 3.0), ("left/1", 3.7, 4.6)):
        (tmp_path / name).parent.mkdir()
        write_wav(tmp_path / f"{name}.wav", demo()[round(start * RATE) : round(end * RATE)])
    (tmp_path / "talks" / "evening").mkdir(parents=True)
    write_wav(tmp_path / "talks" / "evening" / "talk.wav", demo()[2 * RATE :])
    noise = np.random.default_rng(0).normal(0, 3000, RATE).astype(np.int16)
    (tmp_path / "noise").mkdir()
    write_wav(tmp_path / "noise" / "hiss.wav", noise)
    folders = (tmp_path / "yes", tmp_path / "talks", tmp_path)
    positives, talks, data = folders
    streams = make_streams("yes", positives, [talks], data, noise=tmp_path / "noise")
    assert len(streams.annotations) == 1
    talk = len(demo()) - 2 * RATE
    assert {name: len(samples) for name, samples in streams.negatives.items()} == {
        str(talks): talk,
        "other words": talk + round((0.8 + 0.9 + 1) * RATE),  # the other folders are words of --data as well
    }
    assert [len(samples) for samples in make_streams("yes", positives, [talks]).negatives.values()] == [talk]
    assert streams.noisy is not None and len(streams.noisy) == len(streams.positives)
    assert streams.positives[:RATE].std() < 10 < 100 < streams.noisy[:RATE].std()
    found = compare("google12", partial(our_scores, load_model(), "yes"), streams)
    assert found.own.missed == 0 and found.in_noise is not None and min(found.in_noise.values()) == 0
    assert min(missed for _, missed, _ in as_json(found)["det"]) == 0
