"""Fixed-point arithmetic: the only place in Python that shifts bits. `ww_fixed.h` is its twin in C.

A value in Qn is an integer that stands for integer / 2**n. All functions take NumPy integer arrays or Python integers,
compute in int64, and return int64. Rounding is always *half up*: floor(x / 2**n + 1/2). docs/arithmetic.md is the
specification.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .tables import EXP2_BITS, EXP2_TABLE, LOG2_BITS, LOG2_TABLE

Ints = npt.NDArray[np.int64]
IntLike = npt.ArrayLike

INT16_MIN, INT16_MAX = -32768, 32767
ONE_Q12 = 1 << 12
ONE_Q15 = 1 << 15
LOG2_E_Q10 = 1477  # log2(e), to turn logits into powers of two


def rshift(x: IntLike, n: IntLike) -> Ints:
    """Compute x / 2**n rounded half up, n >= 0, elementwise."""
    x, n = np.asarray(x, np.int64), np.asarray(n, np.int64)
    last_bit = (x >> np.maximum(n - 1, 0)) & 1  # adding it after the shift can't overflow, adding 2**(n-1) can
    return np.asarray((x >> n) + np.where(n > 0, last_bit, 0))


def shift(x: IntLike, n: IntLike) -> Ints:
    """Compute x / 2**n for n of either sign: a rounding right shift, or an exact left shift."""
    n = np.asarray(n, np.int64)
    return rshift(np.asarray(x, np.int64) << np.maximum(-n, 0), np.maximum(n, 0))


def saturate16(x: IntLike) -> Ints:
    """Clamp x to int16."""
    return np.clip(np.asarray(x, np.int64), INT16_MIN, INT16_MAX)


def mul_q15(a: IntLike, w: IntLike) -> Ints:
    """Compute a * w / 2**15 rounded half up; a is int32, w is int16 in Q15."""
    return rshift(np.asarray(a, np.int64) * np.asarray(w, np.int64), 15)


def bit_length(x: IntLike) -> Ints:
    """Return the number of bits of x without leading zeros, 0 for 0; exact for 0 <= x < 2**63."""
    x = np.asarray(x, np.int64)
    low = x & 0xFFFFFFFF
    high = x >> 32
    # frexp is exact on float64 for 32-bit integers: x = m * 2**e with 0.5 <= m < 1
    high_bits, low_bits = np.frexp(high.astype(np.float64))[1], np.frexp(low.astype(np.float64))[1]
    return np.where(high > 0, high_bits + 32, low_bits).astype(np.int64)


def log2_q15(x: IntLike) -> Ints:
    """Compute log2(x) in Q15, 1 <= x < 2**63, by a table of 65 entries with linear interpolation (error < 1e-4)."""
    x = np.asarray(x, np.int64)
    exponent = bit_length(x) - 1
    mantissa = np.where(exponent > 16, x >> np.maximum(exponent - 16, 0), x << np.maximum(16 - exponent, 0))
    fraction = mantissa & 0xFFFF  # Q16, the leading one dropped
    index, rest = fraction >> (16 - LOG2_BITS), fraction & ((1 << (16 - LOG2_BITS)) - 1)
    left, right = LOG2_TABLE[index].astype(np.int64), LOG2_TABLE[index + 1].astype(np.int64)
    return (exponent << 15) + left + rshift((right - left) * rest, 16 - LOG2_BITS)


def exp2_q15(x: IntLike) -> Ints:
    """Compute 2**x in Q15 for x <= 0 in Q10, by a table of 33 entries with linear interpolation (error < 1e-4)."""
    x = np.asarray(x, np.int64)
    whole, fraction = -(x >> 10), x & 1023
    index, rest = fraction >> (10 - EXP2_BITS), fraction & ((1 << (10 - EXP2_BITS)) - 1)
    left, right = EXP2_TABLE[index].astype(np.int64), EXP2_TABLE[index + 1].astype(np.int64)
    value = left + rshift((right - left) * rest, 10 - EXP2_BITS)  # 2**fraction in Q15, in [1, 2)
    return rshift(value, np.minimum(whole, 31))


def sigmoid_q15(x: IntLike) -> Ints:
    """Compute the hard sigmoid max(0, min(1, 1/2 + x/4)) of int16 Q12, in Q15 from 0 to 32768.

    It has the slope of the logistic sigmoid at zero, and reaches 0 and 1 at -2 and 2.
    """
    return np.clip((np.asarray(x, np.int64) + 2 * ONE_Q12) << 1, 0, ONE_Q15)


def tanh_q12(x: IntLike) -> Ints:
    """Compute the hard tanh max(-1, min(1, x)) of int16 Q12, in Q12 from -4096 to 4096."""
    return np.clip(np.asarray(x, np.int64), -ONE_Q12, ONE_Q12)


def softmax_q15(logits: IntLike) -> Ints:
    """Compute the softmax over the last axis: int16 logits in Q10 to posteriors in Q15, 0 to 32767.

    exp(l - max) is 2**((l - max) * log2 e) by `exp2_q15`. The quotient by the sum is truncated, so the posteriors never
    add up to more than one.
    """
    logits = np.asarray(logits, np.int64)
    below_max = logits - logits.max(axis=-1, keepdims=True)
    powers = exp2_q15(rshift(below_max * LOG2_E_Q10, 10))
    return np.minimum((powers << 15) // powers.sum(axis=-1, keepdims=True), INT16_MAX)
