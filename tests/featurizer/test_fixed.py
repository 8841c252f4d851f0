"""Fixed-point arithmetic follows docs/arithmetic.md, over all of int16."""

from __future__ import annotations

import ast
from fractions import Fraction
from math import floor

import numpy as np
import pytest

from featurizer import fixed
from tests.signals import ROOT

INT16 = np.arange(-32768, 32768)


@pytest.mark.parametrize("n", range(32))
def test_a_right_shift_rounds_half_up(n: int) -> None:
    np.testing.assert_array_equal(fixed.rshift(INT16, n), np.floor(INT16 / 2**n + 0.5))


def test_a_right_shift_of_the_widest_numbers_does_not_overflow() -> None:
    for x in (2**63 - 1, -(2**63), 2**62 + 1):
        assert [int(fixed.rshift(x, n)) for n in range(1, 63)] == [x + 2 ** (n - 1) >> n for n in range(1, 63)]


def test_a_negative_shift_is_an_exact_left_shift() -> None:
    np.testing.assert_array_equal(fixed.shift(INT16, -16), INT16 * 65536)
    np.testing.assert_array_equal(fixed.shift(INT16, 5), fixed.rshift(INT16, 5))


def test_saturation_stops_at_the_ends_of_int16() -> None:
    beyond = [-(2**31), -32769, -32768, -1, 0, 32767, 32768, 2**31 - 1]
    assert fixed.saturate16(beyond).tolist() == [-32768, -32768, -32768, -1, 0, 32767, 32767, 32767]


def test_a_product_in_q15_rounds_half_up() -> None:
    rng = np.random.default_rng(0)
    a, w = rng.integers(-(2**31), 2**31, 500).tolist(), rng.choice(INT16, 500).tolist()
    exact = [floor(Fraction(x * y, 2**15) + Fraction(1, 2)) for x, y in zip(a, w, strict=True)]
    assert fixed.mul_q15(a, w).tolist() == exact


def test_the_bit_length_is_that_of_python_integers() -> None:
    around_powers = [max(0, 2**n + d) for n in range(63) for d in (-1, 0, 1)]
    assert fixed.bit_length(around_powers).tolist() == [x.bit_length() for x in around_powers]


def test_log2_is_within_a_ten_thousandth() -> None:
    x = np.concatenate([np.arange(1, 1 << 16), np.random.default_rng(0).integers(1, 2**63 - 1, 100_000)])
    assert np.abs(fixed.log2_q15(x) / 2**15 - np.log2(x.astype(np.longdouble))).max() < 1e-4


def test_log2_of_a_power_of_two_is_exact_and_log2_never_falls() -> None:
    assert fixed.log2_q15([2**n for n in range(63)]).tolist() == [n << 15 for n in range(63)]
    around_powers = sorted({2**n + d for n in range(2, 63) for d in (-1, 0, 1)})
    assert (np.diff(fixed.log2_q15(around_powers)) >= 0).all()


def test_exp2_is_within_a_ten_thousandth_of_one() -> None:
    x = INT16[INT16 <= 0]
    assert np.abs(fixed.exp2_q15(x) / 2**15 - 2 ** (x / 2**10)).max() < 1e-4
    assert fixed.exp2_q15([0, -1024, -15 * 1024, -16 * 1024, -32768, -(2**20)]).tolist() == [32768, 16384, 1, 1, 0, 0]


def test_sigmoid_and_tanh_are_the_hard_ones() -> None:
    np.testing.assert_array_equal(fixed.sigmoid_q15(INT16), 32768 * np.clip(0.5 + INT16 / 4096 / 4, 0, 1))
    np.testing.assert_array_equal(fixed.tanh_q12(INT16), 4096 * np.clip(INT16 / 4096, -1, 1))


def test_softmax_is_close_to_the_exact_one_and_never_adds_up_to_more_than_one() -> None:
    logits = np.random.default_rng(0).integers(-8000, 8000, (2000, 12))
    posteriors = fixed.softmax_q15(logits)
    powers = np.exp((logits - logits.max(axis=1, keepdims=True)) / 1024)
    assert np.abs(posteriors / 2**15 - powers / powers.sum(axis=1, keepdims=True)).max() < 5e-4
    assert posteriors.sum(axis=1).max() <= 32768
    assert posteriors.min() >= 0


def test_softmax_of_ties_and_of_extremes() -> None:
    assert fixed.softmax_q15([700, 700, 700, 700]).tolist() == [8192] * 4
    assert fixed.softmax_q15([32767, -32768]).tolist() == [32767, 0]
    assert fixed.softmax_q15([-32768]).tolist() == [32767]


def test_no_other_module_shifts_right() -> None:
    """A right shift elsewhere would be another rule of rounding. tests/firmware checks the same for C."""
    sources = [path for package in ("featurizer", "wakeword") for path in sorted((ROOT / package).glob("*.py"))]
    shifting = [
        path.name
        for path in sources
        if any(isinstance(node, ast.RShift) for node in ast.walk(ast.parse(path.read_text())))
    ]
    assert shifting == ["fixed.py"]
