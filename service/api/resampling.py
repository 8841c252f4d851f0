"""Streams of other rates than 16 kHz, such as a browser's microphone has."""

from __future__ import annotations

import numpy as np
import soxr

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import to_int16


class Resampler:
    """Takes int16 samples at a rate and gives them at 16 kHz; how they are cut into blocks changes nothing."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._stream = (
            None if rate == SAMPLE_RATE else soxr.ResampleStream(rate, SAMPLE_RATE, num_channels=1, dtype="float32")
        )

    def push(self, samples: Samples) -> Samples:
        if self._stream is None:
            return samples
        return to_int16(self._stream.resample_chunk(samples.astype(np.float32)))

    def rest(self) -> Samples:
        """What the filter still holds, after the last block."""
        if self._stream is None:
            return np.empty(0, np.int16)
        return to_int16(self._stream.resample_chunk(np.empty(0, np.float32), last=True))
