"""featurizer/fixed.py equals ww_fixed.h: exhaustively over int16, and at the edges and at random beyond it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from featurizer import fixed
from wakeword.inference.c_core import ffi, lib

INT16 = np.arange(-32768, 32768)
INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1


def _int32s(low: int = INT32_MIN, high: int = INT32_MAX) -> np.ndarray:
    """Return the ends, powers of two with their neighbours, and random numbers, all within [low, high]."""
    powers = [sign * 2**n + d for sign in (-1, 1) for n in range(32) for d in (-1, 0, 1)]
    edges = [x for x in [low, low + 1, 0, high - 1, high, *powers] if low <= x <= high]
    return np.concatenate([edges, np.random.default_rng(0).integers(low, high, 20_000, endpoint=True)])


def _in_c(function: Callable[..., int], *columns: np.ndarray) -> np.ndarray:
    """Apply a C function to each row of its arguments."""
    return np.fromiter(map(function, *(column.tolist() for column in columns)), np.int64, len(columns[0]))


@pytest.mark.parametrize("n", range(32))
def test_rshift(n: int) -> None:
    x = np.concatenate([INT16, _int32s()])
    np.testing.assert_array_equal(_in_c(lib.host_rshift, x, np.full(len(x), n)), fixed.rshift(x, n))


@pytest.mark.parametrize("n", range(-16, 32))
def test_shift(n: int) -> None:
    x = INT16 if n < 0 else np.concatenate([INT16, _int32s()])  # a left shift must not overflow
    np.testing.assert_array_equal(_in_c(lib.host_shift, x, np.full(len(x), n)), fixed.shift(x, n))


def test_saturate16() -> None:
    x = np.concatenate([INT16, _int32s()])
    np.testing.assert_array_equal(_in_c(lib.host_saturate16, x), fixed.saturate16(x))


def test_mul_q15_of_every_int16_weight() -> None:
    for a in (-(2**30), -32769, -1, 1, 32768, 65535, 65536, 12345678, 2**30):
        column = np.full(len(INT16), a)
        np.testing.assert_array_equal(_in_c(lib.host_mul_q15, column, INT16), fixed.mul_q15(column, INT16))


def test_mul_q15_of_many_products() -> None:
    """Weights of the window meet all of int32. A weight of -32768, which only the FFT has, meets the FFT's range."""
    a = np.concatenate([_int32s(-(2**31), 2**31 - 1), [-(2**31), 2**31 - 1]])
    for w in (-32767, -16384, -1, 0, 1, 3, 16384, 23170, 32767):
        column = np.full(len(a), w)
        np.testing.assert_array_equal(_in_c(lib.host_mul_q15, a, column), fixed.mul_q15(a, column))


def test_bit_length() -> None:
    x = np.concatenate([INT16[INT16 >= 0], _int32s(0, 2**32 - 1)])
    np.testing.assert_array_equal(_in_c(lib.host_bit_length, x), fixed.bit_length(x))


def test_log2() -> None:
    rng = np.random.default_rng(0)
    powers = np.array([2**n + d for n in range(2, 63) for d in (-1, 0, 1)] + [2**63 - 1])
    wide = rng.integers(1, 2**63 - 1, 20_000) >> rng.integers(0, 62, 20_000)  # every bit length
    x = np.concatenate([INT16[INT16 > 0], powers, wide[wide > 0]])
    np.testing.assert_array_equal(_in_c(lib.host_log2_q15, x), fixed.log2_q15(x))


def test_exp2() -> None:
    lowest = -65535 * fixed.LOG2_E_Q10 // 1024  # of the difference of two int16 logits
    x = np.concatenate([INT16[INT16 <= 0], np.arange(lowest - 1, -32768)])
    np.testing.assert_array_equal(_in_c(lib.host_exp2_q15, x), fixed.exp2_q15(x))


def test_sigmoid() -> None:
    np.testing.assert_array_equal(_in_c(lib.host_sigmoid_q15, INT16), fixed.sigmoid_q15(INT16))


def test_tanh() -> None:
    np.testing.assert_array_equal(_in_c(lib.host_tanh_q12, INT16), fixed.tanh_q12(INT16))


def _softmax_in_c(logits: np.ndarray) -> np.ndarray:
    posteriors = ffi.new("int16_t[]", len(logits))
    lib.host_softmax_q15(ffi.new("int16_t[]", logits.tolist()), posteriors, len(logits))
    return np.array(list(posteriors))


@pytest.mark.parametrize("labels", [1, 2, 3, 12, 40])
@pytest.mark.parametrize("spread", [0, 1, 300, 5000, 32767])
def test_softmax(labels: int, spread: int) -> None:
    logits = np.random.default_rng(labels + spread).integers(-spread, spread, (200, labels), endpoint=True)
    np.testing.assert_array_equal([_softmax_in_c(row) for row in logits], fixed.softmax_q15(logits))


@pytest.mark.parametrize(
    "logits", [[-32768] * 40, [32767] * 40, [32767, -32768], [-32768, 32767, 32767], [0, 1], [-1, 0, -1]]
)
def test_softmax_of_ties_and_extremes(logits: list[int]) -> None:
    np.testing.assert_array_equal(_softmax_in_c(np.array(logits)), fixed.softmax_q15(logits))
