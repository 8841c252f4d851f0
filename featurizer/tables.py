"""Every constant and table of the front end and of the arithmetic. `featurizer.generate` writes them for C.

The front end is the paper's (Kusupati et al. 2018, Appendix B): 16 kHz, a window of 25 ms each 10 ms, the log
energies of 32 mel filters. Filter edges, pre-emphasis and scale are those of `python_speech_features.logfbank`
(nfilt=32, nfft=512, preemph=0.97, winfunc=numpy.hanning), the float reference of the tests. Features are in log2 in
place of the natural logarithm.
"""

from __future__ import annotations

import hashlib

import numpy as np

REVISION = 1  # of the algorithm: raise it if a change of logmel.py, fft.py or fixed.py changes a bit
SAMPLE_RATE = 16_000  # Hz
WINDOW = 400  # samples: 25 ms
HOP = 160  # samples: 10 ms
FFT_SIZE = 512
MEL_BANDS = 32
FEATURE_BITS = 9  # features are log2 energies in Q9, int16
FEATURE_FLOOR = -8 << FEATURE_BITS  # 1/256 of an LSB squared: below the noise of a 16-bit converter
PREEMPHASIS_Q15 = round(0.97 * 32768)

# The gate of FastGRNN is at most one minus this for each frame of a step, so the state of a unit decays with a time
# constant of at most 43 frames. A unit that never forgets works on a clip, but on a stream it keeps old words.
FORGETTING_Q15 = 3 << 8

LOG2_BITS = 6
EXP2_BITS = 5


def _q15(values: np.ndarray) -> np.ndarray:
    """Convert reals in [-1, 1] to Q15; +1 becomes 32767."""
    return np.minimum(np.round(values * 32768), 32767).astype(np.int16)


# The first half of a symmetric Hann window; the second half is its mirror image.
HALF_WINDOW = _q15(np.hanning(WINDOW)[: WINDOW // 2])

# One turn of the sine: e^(-2 pi i k / 512) = SINE[k + 128] - i SINE[k].
SINE = _q15(np.sin(2 * np.pi * np.arange(FFT_SIZE) / FFT_SIZE))
# The twiddle factors for C, k below three quarters of a turn: cosine and sine side by side, for a single load.
TWIDDLES = np.column_stack([np.roll(SINE, -FFT_SIZE // 4), SINE])[: 3 * FFT_SIZE // 4].astype("<i2").view("<u4").ravel()

# The order in which a radix-4 FFT of 256 points takes its input: the base-4 digits of the index reversed.
_BASE4 = np.array([[i // 4**d % 4 for d in range(4)] for i in range(FFT_SIZE // 2)])
DIGIT_REVERSAL = (_BASE4 @ [64, 16, 4, 1]).astype(np.uint8)


def _mel_edges() -> np.ndarray:
    """Return the FFT bins where the triangular filters begin, peak and end: (MEL_BANDS + 2,)."""
    top = 2595 * np.log10(1 + SAMPLE_RATE / 2 / 700)
    hertz = 700 * (10 ** (np.linspace(0, top, MEL_BANDS + 2) / 2595) - 1)
    # Rounded before the floor, so that the last bit of a platform's log10 moves no edge.
    return np.floor(np.round((FFT_SIZE + 1) * hertz / SAMPLE_RATE, 9)).astype(np.uint16)


MEL_EDGES = _mel_edges()

# Filter j rises over the bins from edge j to edge j + 1, while filter j - 1 falls by as much: one weight a bin.
MEL_RISE = np.concatenate(
    [np.round(np.arange(width) / width * 32768) for width in np.diff(MEL_EDGES.astype(int))]
).astype(np.uint16)

LOG2_TABLE = np.round(np.log2(1 + np.arange(2**LOG2_BITS + 1) / 2**LOG2_BITS) * 32768).astype(np.uint16)
EXP2_TABLE = np.minimum(np.round(2 ** (np.arange(2**EXP2_BITS + 1) / 2**EXP2_BITS) * 32768), 65535).astype(np.uint16)


def _featurizer_id() -> int:
    """Return a 32-bit digest of everything that decides a feature's bits; models and the C core carry it."""
    shape = [WINDOW, HOP, FFT_SIZE, MEL_BANDS]
    scalars = [REVISION, SAMPLE_RATE, *shape, FEATURE_BITS, FEATURE_FLOOR, PREEMPHASIS_Q15]
    digest = hashlib.sha256(np.array(scalars, "<i4").tobytes())
    for table in (HALF_WINDOW, SINE, MEL_EDGES, MEL_RISE, LOG2_TABLE):
        digest.update(table.astype("<i4").tobytes())
    return int.from_bytes(digest.digest()[:4], "big")


FEATURIZER_ID = _featurizer_id()
