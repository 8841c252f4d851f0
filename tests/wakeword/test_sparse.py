"""How matrices lie in flash."""

from __future__ import annotations

import numpy as np
import pytest

from wakeword.sparse import Packed, pack


def _bit(bits: np.ndarray, i: int) -> int:
    return int(bits.view(np.uint8)[i // 8]) >> i % 8 & 1


def _unpacked(packed: Packed, shape: tuple[int, int]) -> np.ndarray:
    """What the C core reads: the next value wherever a bit is set, else zero."""
    if packed.bitmap is None:
        return packed.values.reshape(shape)
    bits = [_bit(packed.bitmap, i) for i in range(shape[0] * shape[1])]
    if packed.magnitude:
        stored = [-packed.magnitude if _bit(packed.values, i) else packed.magnitude for i in range(sum(bits))]
    else:
        stored = list(packed.values)
    values = iter(stored)
    matrix = np.array([next(values) if bit else 0 for bit in bits], np.int8)
    assert next(values, None) is None, "a value without a bit"
    return matrix.reshape(shape)


def test_values_stand_row_by_row_and_bits_begin_at_the_least_significant() -> None:
    packed = pack(np.array([[0, 5, 0, 0, 0], [-7, 0, 0, 0, 127]], np.int8))
    assert packed.values.tolist() == [5, -7, 127]
    assert packed.bitmap is not None
    assert packed.bitmap.tolist() == [0b00100010, 0b00000010]
    assert packed.size == 5


@pytest.mark.parametrize("density", [0.0, 0.1, 0.5, 0.87, 0.88, 0.95, 1.0])
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (3, 3), (16, 32), (100, 13)])
def test_nothing_is_lost_and_it_is_never_larger_than_dense(density: float, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    matrix = (rng.integers(1, 128, shape) * (rng.random(shape) < density)).astype(np.int8)
    packed = pack(matrix)
    np.testing.assert_array_equal(_unpacked(packed, shape), matrix)
    assert packed.size <= matrix.size


@pytest.mark.parametrize("density", [0.05, 0.43, 0.9, 1.0])
@pytest.mark.parametrize("magnitude", [1, 90, 127, 128])
@pytest.mark.parametrize("shape", [(1, 7), (3, 3), (16, 32), (100, 13)])
def test_a_ternary_matrix_takes_a_bit_an_entry_and_one_more_where_it_is_not_zero(density, magnitude, shape) -> None:
    rng = np.random.default_rng(1)
    signs = rng.choice([-1, 1] if magnitude < 128 else [-1], shape) * (rng.random(shape) < density)
    signs.flat[:2] = -1  # one value alone is as small in int8
    matrix = (signs * magnitude).astype(np.int8)
    packed = pack(matrix)
    assert packed.magnitude == magnitude
    assert packed.size == -(-matrix.size // 8) + -(-np.count_nonzero(matrix) // 8)
    np.testing.assert_array_equal(_unpacked(packed, shape), matrix)


def test_signs_begin_at_the_least_significant_bit_and_minus_is_set() -> None:
    packed = pack(np.array([[0, 5, 0, 0, 0], [-5, 0, 0, 5, -5]], np.int8))
    assert packed.values.tolist() == [0b1010]
    assert packed.bitmap is not None
    assert packed.bitmap.tolist() == [0b00100010, 0b00000011]


def test_a_matrix_of_two_magnitudes_is_not_ternary() -> None:
    matrix = np.full((8, 8), 3, np.int8)
    matrix[4, 4] = 4
    assert pack(matrix).magnitude == 0


def test_a_matrix_is_dense_where_a_bitmap_saves_nothing() -> None:
    matrix = np.arange(1, 65, dtype=np.int8).reshape(8, 8)
    matrix.flat[:8] = 0  # 56 values and 8 bytes of bitmap: as large as dense
    assert pack(matrix).bitmap is None
    matrix.flat[8] = 0
    assert pack(matrix).bitmap is not None


def test_an_empty_matrix_has_a_bitmap_and_no_value() -> None:
    packed = pack(np.zeros((16, 32), np.int8))
    assert (packed.values.size, packed.size) == (0, 64)
