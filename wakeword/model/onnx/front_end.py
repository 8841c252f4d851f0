"""The front end as a graph: features of the frames of a step, equal to those of featurizer/logmel.py.

A step has F frames. Complex numbers lie in an axis of two *parts*, the real and the imaginary one.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import spox.opset.ai.onnx.v17 as op
from spox import Var

from featurizer.fixed import Ints
from featurizer.logmel import SCALE_BITS
from featurizer.tables import (
    DIGIT_REVERSAL,
    FEATURE_BITS,
    FEATURE_FLOOR,
    FFT_SIZE,
    HALF_WINDOW,
    HOP,
    MEL_BANDS,
    MEL_EDGES,
    MEL_RISE,
    PREEMPHASIS_Q15,
    SINE,
    WINDOW,
)
from wakeword.model.onnx.arithmetic import (
    add,
    bit_length,
    cut,
    gather,
    ints,
    log2_q15,
    matmul,
    mul,
    mul_q15,
    reshape,
    rshift,
    rshift_by,
    saturate16,
    sub,
    total,
)

HISTORY = 1 + WINDOW - HOP  # samples before a step that it needs: one for the pre-emphasis, and what windows share
_POINTS = FFT_SIZE // 2
_MINUS_I = np.array([[0, 1], [-1, 0]])  # times the parts of z: those of -i z


def front_end(stream: Var, frames: int) -> Var:
    """Compute the features (F, 32), log2 Q9, of a stretch of int64 samples: HISTORY, and HOP for each frame."""
    count = HISTORY + HOP * frames
    emphasised = sub(mul(cut(stream, 1, count), 1 << 15), mul(cut(stream, 0, count - 1), PREEMPHASIS_Q15))
    places, weights = _window_in_order_of_the_fft()
    windowed = mul_q15(gather(emphasised, HOP * np.arange(frames)[:, None] + places), weights)
    bits = bit_length(op.reduce_max(op.abs(windowed), axes=[1]))  # (F, 1)
    # The block exponent is bits - 15. Shifted left by 15 first, all shift right.
    normalised = saturate16(rshift_by(mul(windowed, 1 << 15), bits))
    energies = matmul(_power_spectrum(normalised, frames), _mel_weights())
    log2 = log2_q15(op.max([energies, ints(1)]))
    scaled = add(log2, mul(bits, 2 << 15), -(2 * 15 + SCALE_BITS) << 15)
    features = op.max([rshift(scaled, 15 - FEATURE_BITS), ints(FEATURE_FLOOR)])
    return op.where(op.greater(energies, ints(0)), features, ints(FEATURE_FLOOR))


def _window_in_order_of_the_fft() -> tuple[Ints, Ints]:
    """Return the places of 512 samples in a window, in the order in which the FFT takes them, and their weights.

    Those behind the window have the weight zero.
    """
    order = (2 * DIGIT_REVERSAL.astype(np.int64)[:, None] + [0, 1]).ravel()
    window = np.concatenate([HALF_WINDOW, HALF_WINDOW[::-1], np.zeros(FFT_SIZE - WINDOW, np.int16)])
    return np.minimum(order, WINDOW - 1), window[order].astype(np.int64)


def _turns(index: Ints) -> tuple[Ints, Ints]:
    """Return cosine and sine of 2 pi index / 512, Q15. No turn at all has the factor one, which is exact."""
    cosine = SINE[(index + FFT_SIZE // 4) % FFT_SIZE].astype(np.int64)
    return np.where(index == 0, 1 << 15, cosine), SINE[index].astype(np.int64)


def _butterfly() -> Ints:
    """Return the matrix of a Fourier transform of four points: rows (part, point), columns (point, part)."""
    point = np.arange(4)
    real = np.array([1, 0, -1, 0])[np.outer(point, point) % 4]
    imaginary = np.array([0, -1, 0, 1])[np.outer(point, point) % 4]
    parts = np.array([[real, -imaginary], [imaginary, real]])  # (part out, part in, point out, point in)
    return parts.transpose(0, 2, 3, 1).reshape(8, 8)


def _complex_fft(values: Var, frames: int) -> Var:
    """Compute the 256-point FFT of (F, 512), points of two parts in digit-reversed order; return (F, 2, 256).

    A stage turns each point, rounds, and adds four points up in a butterfly. e^(-ix) = cos x - i sin x.
    """
    butterfly, minus_i = _butterfly(), np.kron(np.eye(4, dtype=np.int64), _MINUS_I)
    values = matmul(butterfly, reshape(values, frames, -1, 8, 1))  # the first stage turns nothing
    for span in (4, 16, 64):
        values = reshape(values, frames, -1, 8, span)  # (block, point and part, place)
        index = np.outer(np.arange(4), np.arange(span)) * (FFT_SIZE // (4 * span))
        cosine, sine = (np.repeat(table, 2, axis=0) for table in _turns(index))
        values = add(
            matmul(butterfly, mul_q15(values, cosine)),
            matmul(butterfly @ minus_i, mul_q15(values, sine)),
        )
    return reshape(values, frames, 2, _POINTS)


def _power_spectrum(values: Var, frames: int) -> Var:
    """Compute four times the power of bins 1 to 255 of real frames, as featurizer.fft.power_spectrum; (F, 255)."""
    spectrum = _complex_fft(values, frames)
    k = np.arange(1, _POINTS)
    mirror = op.gather(spectrum, ints(_POINTS - k), axis=2)
    conjugate = mul(mirror, [[1], [-1]])
    forward = cut(spectrum, 1, _POINTS, axis=2)
    difference = sub(forward, conjugate)
    cosine, sine = _turns(k)
    # The odd samples' part is -i times the turned difference, and -i times -i is -1.
    odd = sub(matmul(_MINUS_I, mul_q15(difference, cosine)), mul_q15(difference, sine))
    twice = add(forward, conjugate, odd)
    return total(mul(twice, twice), 1)


def _mel_weights() -> Ints:
    """Return the weights of bins 1 to 255 in the bands, Q15: (255, 32)."""
    weights = np.zeros((_POINTS, MEL_BANDS + 2), np.int64)
    for edge, (start, stop) in enumerate(pairwise(MEL_EDGES)):
        weights[start:stop, edge + 1] = MEL_RISE[start:stop]  # band edge - 1 falls over these bins, band edge rises
        weights[start:stop, edge] = (1 << 15) - MEL_RISE[start:stop].astype(np.int64)
    return weights[1:, 1:-1]
