"""The front end of an Arduino Uno: the readable reference of `ww_uno_features.c`, equal to it bit for bit.

An ATmega328P has 2 KB of RAM and multiplies 8 bits by 8. Its features are smaller: 8 kHz, 10 bits, 16 mel bands, 62.5
frames a second. Each frame: difference of neighbouring samples -> block normalisation to 16 bits -> Hann window -> FFT
of 128 complex points that halves in every stage -> power -> mel filters -> log2. docs/uno.md is the specification.
"""

from __future__ import annotations

import hashlib
import threading

import numpy as np
import numpy.typing as npt

from .fixed import Ints, bit_length, rshift
from .samples import as_array

REVISION = 1  # of the algorithm: raise it if a change of this file changes a bit
SAMPLE_RATE = 8_000  # Hz
SAMPLE_BITS = 10  # of the converter
WINDOW = 200  # samples: 25 ms
HOP = 128  # samples: 16 ms
FFT_SIZE = 256
MEL_BANDS = 16
FEATURE_BITS = 9  # features are log2 energies in Q9, int16
FEATURE_FLOOR = -12 << FEATURE_BITS  # below the rounding noise of the converter in a band
LOG2_BITS = 6

Features = npt.NDArray[np.int16]

_POINTS = FFT_SIZE // 2
_LOWEST_HERTZ = 62.5  # two bins: above DC and its leakage through the window
_BATCH = 128  # frames at a time: keeps the intermediate arrays within the processor's cache

# The first half of a symmetric Hann window in Q8, one as 255; the second half is its mirror image.
HALF_WINDOW = np.minimum(np.round(256 * np.hanning(WINDOW)[: WINDOW // 2]), 255).astype(np.uint8)

# Three quarters of the sine's turn, Q15, one as 32767: e^(-2 pi i k / 256) = SINE[k + 64] - i SINE[k] for k < 128.
SINE = np.minimum(np.round(32768 * np.sin(2 * np.pi * np.arange(FFT_SIZE * 3 // 4) / FFT_SIZE)), 32767).astype(np.int16)

# The order in which a radix-2 FFT takes its input: the bits of the index reversed.
BIT_REVERSAL = np.array([int(f"{i:07b}"[::-1], 2) for i in range(_POINTS)], np.uint8)


def _mel_edges() -> npt.NDArray[np.uint8]:
    """Return the FFT bins where the triangular filters begin, peak and end: (MEL_BANDS + 2,)."""
    bottom, top = (2595 * np.log10(1 + hertz / 700) for hertz in (_LOWEST_HERTZ, SAMPLE_RATE / 2))
    hertz = 700 * (10 ** (np.linspace(bottom, top, MEL_BANDS + 2) / 2595) - 1)
    # Rounded first to digits that are equal on all platforms.
    return np.round(np.round(FFT_SIZE * hertz / SAMPLE_RATE, 6)).astype(np.uint8)


MEL_EDGES = _mel_edges()

# Filter j rises over the bins from edge j to edge j + 1, while filter j - 1 falls by as much: one weight a bin, Q8,
# for the bins from the first edge to the last.
MEL_RISE = np.concatenate(
    [np.round(np.arange(width) / width * 256) for width in np.diff(MEL_EDGES.astype(int))]
).astype(np.uint8)

# log2(1 + i / 64) in the middle of each step, Q9.
LOG2 = np.round(np.log2(1 + (np.arange(2**LOG2_BITS) + 0.5) / 2**LOG2_BITS) * 2**FEATURE_BITS).astype(np.uint16)


def _identity() -> int:
    scalars = [REVISION, SAMPLE_RATE, SAMPLE_BITS, WINDOW, HOP, FFT_SIZE, MEL_BANDS, FEATURE_BITS, FEATURE_FLOOR]
    digest = hashlib.sha256(np.array(scalars, "<i4").tobytes())
    for table in (HALF_WINDOW, SINE, BIT_REVERSAL, MEL_EDGES, MEL_RISE, LOG2):
        digest.update(table.astype("<i4").tobytes())
    return int.from_bytes(digest.digest()[:4], "big")


FEATURIZER_ID = _identity()  # a 32-bit digest of everything that decides a feature's bits


def _twiddles(index: Ints) -> tuple[Ints, Ints]:
    """Return cosine and sine of 2 pi index / 256, Q15."""
    return SINE[index + FFT_SIZE // 4].astype(np.int64), SINE[index].astype(np.int64)


def _rotate(re: Ints, im: Ints, index: Ints) -> tuple[Ints, Ints]:
    """Multiply re + i im by e^(-2 pi i index / 256); return it with 15 more fraction bits."""
    cosine, sine = _twiddles(index)
    return re * cosine + im * sine, im * cosine - re * sine


def _fft(re: Ints, im: Ints) -> tuple[Ints, Ints]:
    """Compute 1/128 of the 128-point FFT over the last axis of (frames, 128).

    Each stage halves its sums and rounds them to integers, so all values stay within int16.
    """
    re, im = re[:, BIT_REVERSAL], im[:, BIT_REVERSAL]
    half = 1
    while half < _POINTS:
        re, im = re.reshape(len(re), -1, 2, half), im.reshape(len(im), -1, 2, half)
        b_re, b_im = re[:, :, 1], im[:, :, 1]
        if half == 1:  # by one, exactly
            turned_re, turned_im, bits = b_re, b_im, 0
        elif half == 2:  # by one and by -i, exactly
            turned_re = np.stack([b_re[..., 0], b_im[..., 1]], axis=-1)
            turned_im = np.stack([b_im[..., 0], -b_re[..., 1]], axis=-1)
            bits = 0
        else:
            turned_re, turned_im = _rotate(b_re, b_im, np.arange(half) * (_POINTS // half))
            bits = 15
        a_re, a_im = re[:, :, 0] * 2**bits, im[:, :, 0] * 2**bits
        re = rshift(np.stack([a_re + turned_re, a_re - turned_re], axis=2), bits + 1)
        im = rshift(np.stack([a_im + turned_im, a_im - turned_im], axis=2), bits + 1)
        half *= 2
    return re.reshape(-1, _POINTS), im.reshape(-1, _POINTS)


def power_spectrum(frames: Ints) -> Ints:
    """Compute the power |X[k] / 128|**2 of bins k = 0 to 127 of real frames.

    frames: (n, 256) within int16 and under the Hann window, so that all intermediate values stay within int16 and the
    powers of a frame add up to less than 2**30. Return (n, 128), with zero for bin 0, which no mel filter uses.
    """
    re, im = _fft(frames[:, 0::2], frames[:, 1::2])
    # Z = FFT of even + i odd samples; 2 X[k] = Z[k] + Z*[N-k] - i W^k (Z[k] - Z*[N-k]), and bin N-k shares its terms.
    k = np.arange(1, _POINTS // 2 + 1)
    mirror = _POINTS - k
    sum_re, sum_im = re[:, k] + re[:, mirror], im[:, k] - im[:, mirror]
    odd_re, odd_im = _rotate(re[:, k] - re[:, mirror], im[:, k] + im[:, mirror], k)
    power = np.zeros((len(frames), _POINTS), np.int64)
    power[:, mirror] = rshift(sum_re * 2**15 - odd_im, 16) ** 2 + rshift(sum_im * 2**15 + odd_re, 16) ** 2
    power[:, k] = rshift(sum_re * 2**15 + odd_im, 16) ** 2 + rshift(sum_im * 2**15 - odd_re, 16) ** 2
    return power


def _mel_energies(power: Ints) -> Ints:
    """Sum powers (n, 128) to energies (n, 16) by triangular filters; each half is shared by two neighbours."""
    used = power[:, MEL_EDGES[0] :]
    starts = MEL_EDGES[:-1].astype(np.int64) - MEL_EDGES[0]
    rising = np.add.reduceat(used * MEL_RISE // 256, starts, axis=1)
    total = np.add.reduceat(used, starts, axis=1)
    return rising[:, :-1] + (total - rising)[:, 1:]


def _log2(x: Ints) -> Ints:
    """Compute log2(x) in Q9 for 1 <= x < 2**32, by a table of 64 steps (error < 0.012)."""
    exponent = bit_length(x) - 1
    fraction = x * 2 ** (32 - exponent) // 2 ** (32 - LOG2_BITS) % 2**LOG2_BITS
    return exponent * 2**FEATURE_BITS + LOG2[fraction]


def _frame_features(frames: Ints) -> Ints:
    """Compute features (n, 16) of frames (n, 201): the previous sample and 200 samples of the converter."""
    differences = np.diff(frames, axis=1)  # this removes the offset of the converter
    bits = bit_length(np.abs(differences).max(axis=1, keepdims=True))
    scaling = 15 - np.maximum(bits, 1)
    windowed = np.zeros((len(frames), FFT_SIZE), np.int64)
    window = np.concatenate([HALF_WINDOW, HALF_WINDOW[::-1]]).astype(np.int64)
    windowed[:, :WINDOW] = rshift(differences * 2**scaling * window, 8)
    energies = _mel_energies(power_spectrum(windowed))
    features = _log2(np.maximum(energies, 1)) - 2 * scaling * 2**FEATURE_BITS
    return np.maximum(features, FEATURE_FLOOR)


class UnoFeaturizer:
    """Compute log-mel features of a stream. The size of a chunk changes no frame."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # each call of one of several threads has the stream to itself
        self.reset()

    def reset(self) -> None:
        """Forget all samples; the next frame begins with the next sample."""
        with self._lock:
            self._pending = np.zeros(0, np.int64)

    def push(self, samples: npt.ArrayLike) -> Features:
        """Take samples, integers from 0 to 1023 at 8 kHz, shape (n,); return the frames that they complete.

        Frames are int16 in log2 Q9, shape (frames, 16): the first after 201 samples, then one in each 128.

        Raises:
            ValueError: The samples have another type, shape or range.
        """
        codes = as_array(samples)
        if (
            codes is None
            or codes.ndim != 1
            or codes.dtype.kind not in "iu"
            or np.any((codes < 0) | (codes >= 2**SAMPLE_BITS))
        ):
            raise ValueError("samples must be integers from 0 to 1023 of shape (n,)")
        with self._lock:
            pending = np.concatenate([self._pending, codes.astype(np.int64)])
            count = max(0, (len(pending) - 1 - WINDOW) // HOP + 1)
            self._pending = pending[count * HOP :]
        features = np.empty((count, MEL_BANDS), np.int16)
        for start in range(0, count, _BATCH):
            stop = min(start + _BATCH, count)
            offsets = HOP * np.arange(start, stop)[:, None] + np.arange(WINDOW + 1)
            features[start:stop] = _frame_features(pending[offsets])
        return features


def clip_features(clips: npt.NDArray[np.uint16]) -> Features:
    """Compute features of clips (n, samples), each from reset; return (n, frames, 16)."""
    count = (clips.shape[1] - 1 - WINDOW) // HOP + 1
    offsets = HOP * np.arange(count)[:, None] + np.arange(WINDOW + 1)
    clips_at_once = max(1, _BATCH // count)
    pieces = (clips[at : at + clips_at_once, offsets] for at in range(0, len(clips), clips_at_once))
    features = [_frame_features(piece.reshape(-1, WINDOW + 1).astype(np.int64)) for piece in pieces]
    return np.concatenate(features).astype(np.int16).reshape(len(clips), count, MEL_BANDS)
