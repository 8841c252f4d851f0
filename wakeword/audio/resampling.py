"""Resample a stream to 16 kHz, such as that of a microphone or a browser."""

from __future__ import annotations

import numpy as np
import soxr

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import MIN_RATE, check_rate, to_int16

_PIECE = 1 << 16  # samples resampled at a time, which bounds what the filter keeps of a long block
GROWTH = -(-SAMPLE_RATE // MIN_RATE)  # samples at 16 kHz for one that is pushed, at most


class Resampler:
    """Converts int16 samples of a rate to 16 kHz. The cut into blocks changes no sample."""

    def __init__(self, rate: int, owner: object = "the stream") -> None:
        """Begin a stream. owner: what has this rate, for the message.

        Raises:
            DataError: the rate is none that audio has (`check_rate`).
        """
        check_rate(rate, owner)
        self.rate = rate
        self._stream = (
            None if rate == SAMPLE_RATE else soxr.ResampleStream(rate, SAMPLE_RATE, num_channels=1, dtype="float32")
        )

    def push(self, samples: Samples) -> Samples:
        """Return the samples at 16 kHz that are complete by now: at most `GROWTH` for each, and those kept before."""
        if self._stream is None:
            return samples
        pieces = [samples[start : start + _PIECE] for start in range(0, max(len(samples), 1), _PIECE)]
        done = [to_int16(self._stream.resample_chunk(piece.astype(np.float32))) for piece in pieces]
        return done[0] if len(done) == 1 else np.concatenate(done)

    def finish(self) -> Samples:
        """Return the samples left in the filter after the last block."""
        if self._stream is None:
            return np.empty(0, np.int16)
        return to_int16(self._stream.resample_chunk(np.empty(0, np.float32), last=True))
