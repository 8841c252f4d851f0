"""Resample a stream to 16 kHz, such as that of a browser's microphone."""

from __future__ import annotations

import numpy as np
import soxr

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import to_int16


class Resampler:
    """Converts int16 samples of a rate to 16 kHz. The cut into blocks changes no sample."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._stream = (
            None if rate == SAMPLE_RATE else soxr.ResampleStream(rate, SAMPLE_RATE, num_channels=1, dtype="float32")
        )

    def push(self, samples: Samples) -> Samples:
        """Return the samples at 16 kHz that are complete by now."""
        if self._stream is None:
            return samples
        return to_int16(self._stream.resample_chunk(samples.astype(np.float32)))

    def finish(self) -> Samples:
        """Return the samples left in the filter after the last block."""
        if self._stream is None:
            return np.empty(0, np.int16)
        return to_int16(self._stream.resample_chunk(np.empty(0, np.float32), last=True))
