"""A stream of any rate becomes 16 kHz, in memory that its blocks bound."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from featurizer.logmel import Samples
from tests.signals import at_level
from wakeword.audio.files import MAX_RATE, MIN_RATE
from wakeword.audio.resampling import GROWTH, Resampler
from wakeword.errors import DataError

RATES = [MIN_RATE, 8_000, 16_000, 44_100, 48_000, MAX_RATE]


def noise(count: int) -> Samples:
    return at_level(np.random.default_rng(count).normal(size=count), -20)


@pytest.mark.parametrize("rate", RATES)
def test_the_cut_into_blocks_changes_no_sample(rate: int) -> None:
    samples = noise(150_000)
    found = []
    for size in (150_000, 65_537, 997):
        resampler = Resampler(rate)
        blocks = [resampler.push(samples[start : start + size]) for start in range(0, len(samples), size)]
        found.append(np.concatenate([*blocks, resampler.finish()]))
    assert found[0].dtype == np.int16
    assert abs(len(found[0]) - len(samples) * 16_000 / rate) <= 1
    assert all(np.array_equal(found[0], other) for other in found)


@pytest.mark.parametrize("rate", [-16_000, 0, 1, 4, MIN_RATE - 1, MAX_RATE + 1, 10**12])
def test_a_rate_that_no_audio_has_is_refused_in_one_line(rate: int) -> None:
    with pytest.raises(
        DataError, match=f"^the satellite claims {rate:,} samples a second; audio has 2,000 to 768,000;"
    ):
        Resampler(rate, "the satellite")


def test_a_block_takes_memory_in_proportion_to_its_length_at_the_lowest_rate_too() -> None:
    resampler, block = Resampler(MIN_RATE), noise(500_000)
    tracemalloc.start()
    try:
        grown = resampler.push(block)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(grown) <= GROWTH * len(block)
    assert most < 3 * grown.nbytes  # the pieces, the whole, and one piece on its way
