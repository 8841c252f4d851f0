"""The last seconds of a stream's samples, by position."""

from __future__ import annotations

from collections import deque

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples

_LEAST_BLOCK = SAMPLE_RATE // 10  # samples; smaller blocks are joined, since each takes some memory of its own


class AudioHistory:
    """The latest samples, block by block. Positions count samples from the start of the stream."""

    def __init__(self, length: int) -> None:
        """Keep at least `length` samples before the latest block. Blocks of some size are kept or dropped whole."""
        self.length = length  # may be changed
        self._blocks: deque[Samples] = deque()
        self.start = 0  # position of the oldest sample that is kept
        self.position = 0  # number of samples pushed

    def push(self, samples: Samples) -> None:
        """Add a block, and drop the blocks that are too old."""
        if self._blocks and len(self._blocks[-1]) + len(samples) <= _LEAST_BLOCK:
            self._blocks[-1] = np.concatenate([self._blocks[-1], samples])
        else:
            self._blocks.append(samples)
        self.position += len(samples)
        while self.position - len(samples) - self.start - len(self._blocks[0]) >= self.length:
            self.start += len(self._blocks.popleft())

    def between(self, start: int, stop: int) -> Samples:
        """Return a copy of the samples of [start, stop) that are kept."""
        kept = np.concatenate([np.empty(0, np.int16), *self._blocks])
        return kept[max(start - self.start, 0) : max(stop - self.start, 0)].copy()


def loudest(samples: Samples, length: int) -> Samples:
    """Return the `length` successive samples with the most energy, or all samples if there are fewer."""
    if len(samples) <= length:
        return samples
    energy = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    start = int(np.argmax(energy[length:] - energy[:-length]))
    return samples[start : start + length]
