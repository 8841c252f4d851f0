"""The last seconds of a stream, by position."""

from __future__ import annotations

import numpy as np

from featurizer.logmel import Samples


class History:
    """Remembers the latest samples. One thread pushes; any may look, and sees one moment or the next."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._state = (0, np.empty(0, np.int16))  # position after the last sample; the samples

    @property
    def position(self) -> int:
        """How many samples were pushed."""
        return self._state[0]

    @property
    def start(self) -> int:
        """The position of the first sample that is still known."""
        position, samples = self._state
        return position - len(samples)

    def push(self, samples: Samples) -> None:
        position, known = self._state
        self._state = (position + len(samples), np.concatenate([known, samples])[-self._most :])

    def between(self, start: int, stop: int) -> Samples:
        """The samples from one position up to another, as far as they are known."""
        position, samples = self._state
        first = position - len(samples)
        return samples[max(start - first, 0) : max(stop - first, 0)]


def loudest(samples: Samples, length: int) -> Samples:
    """The stretch of a length with the most energy, or all samples where they are fewer."""
    if len(samples) <= length:
        return samples
    energy = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    start = int(np.argmax(energy[length:] - energy[:-length]))
    return samples[start : start + length]
