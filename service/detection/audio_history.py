"""The last seconds of a stream, by position."""

from __future__ import annotations

from collections import deque

import numpy as np

from featurizer.logmel import Samples


class AudioHistory:
    """Remembers the latest samples, block by block."""

    def __init__(self, most: int) -> None:
        """most: samples to remember before the latest block; a block that reaches beyond them is kept whole."""
        self._most = most
        self._blocks: deque[Samples] = deque()
        self.start = 0  # the position of the first sample that is still known
        self.position = 0  # how many samples were pushed

    def push(self, samples: Samples) -> None:
        self._blocks.append(samples)
        self.position += len(samples)
        while self.position - len(samples) - self.start - len(self._blocks[0]) >= self._most:
            self.start += len(self._blocks.popleft())

    def between(self, start: int, stop: int) -> Samples:
        """The samples from one position up to another, as far as they are known: an array of their own."""
        known = np.concatenate([np.empty(0, np.int16), *self._blocks])
        return known[max(start - self.start, 0) : max(stop - self.start, 0)].copy()


def loudest(samples: Samples, length: int) -> Samples:
    """The stretch of a length with the most energy, or all samples where they are fewer."""
    if len(samples) <= length:
        return samples
    energy = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    start = int(np.argmax(energy[length:] - energy[:-length]))
    return samples[start : start + length]
