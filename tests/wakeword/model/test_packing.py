"""The forms of matrices in flash."""

from __future__ import annotations

import numpy as np
import pytest

from wakeword.model.packing import DENSE, NIBBLES, Packed, in_pairs, pack

BEHIND = 3  # bytes that may be read behind a bitmap


def _bit(bits: np.ndarray, i: int) -> int:
    return int(bits.view(np.uint8)[i // 8]) >> i % 8 & 1


def _unpacked(packed: Packed, shape: tuple[int, int]) -> np.ndarray:
    """Unpack a matrix as the C core reads it."""
    return _from_blocks(packed, shape) if packed.bitmap is None else _from_bitmap(packed, packed.bitmap, shape)


def _from_blocks(packed: Packed, shape: tuple[int, int]) -> np.ndarray:
    """A word for each column of four rows, then the other rows."""
    cols, bits = shape[1], 2 * packed.blocks.itemsize
    mask, bias = 2**bits - 1, 2 ** (bits - 1)
    four = [[(int(word) >> bits * row & mask) - bias for word in packed.blocks] for row in range(4)]
    blocks = [[row[at : at + cols] for row in four] for at in range(0, len(packed.blocks), cols)]
    return np.array([*(row for block in blocks for row in block), *packed.values.reshape(-1, cols)], np.int8)


def _from_bitmap(packed: Packed, bitmap: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The next value wherever a bit is set, else zero; the bits of each row begin with a byte."""
    rows, cols = shape
    bits = [_bit(bitmap, row * -(-cols // 8) * 8 + col) for row in range(rows) for col in range(cols)]
    if packed.magnitude:
        stored = [-packed.magnitude if _bit(packed.values, i) else packed.magnitude for i in range(sum(bits))]
    else:
        stored = list(packed.values)
    values = iter(stored)
    matrix = np.array([next(values) if bit else 0 for bit in bits], np.int8)
    assert next(values, None) is None, "a value without a bit"
    return matrix.reshape(shape)


def test_values_are_stored_row_by_row_and_the_bits_of_a_row_from_the_least_significant_on() -> None:
    packed = pack(np.array([[0, 5, 0, 0, 0, 0, 0, 0, 0], [-7, 0, 0, 0, 0, 0, 0, 0, 127]], np.int8))
    assert packed.values.tolist() == [5, -7, 127]
    assert packed.bitmap is not None
    assert packed.bitmap.tolist() == [0b10, 0, 0b1, 0b1] + [0] * BEHIND
    assert packed.size == 3 + 4 + BEHIND


def test_four_dense_rows_are_a_block_of_a_word_for_each_column_and_the_other_rows_follow() -> None:
    packed = pack(np.array([[1, 2], [3, 4], [-128, 5], [127, 6], [7, -8]], np.int8))
    assert [hex(word) for word in packed.blocks] == ["0xff008381", "0x86858482"]
    assert packed.values.tolist() == [7, -8]
    assert packed.bitmap is None
    assert packed.size == 10


def test_four_rows_of_small_entries_are_a_block_of_half_a_word_for_each_column() -> None:
    packed = pack(np.array([[1, 2], [3, 4], [-8, 5], [7, 6], [5, -8]], np.int8))
    assert packed.blocks.dtype == np.uint16
    assert [hex(word) for word in packed.blocks] == ["0xf0b9", "0xedca"]
    assert packed.values.tolist() == [5, -8]
    assert packed.form == NIBBLES
    assert packed.size == 6


@pytest.mark.parametrize("entry", [-9, 8])
def test_an_entry_beyond_four_bits_keeps_a_matrix_in_bytes(entry: int) -> None:
    matrix = np.resize(np.arange(1, 8, dtype=np.int8), (8, 8))
    assert pack(matrix).form == NIBBLES
    matrix[3, 3] = entry
    assert pack(matrix).form == DENSE


@pytest.mark.parametrize("shape", [(1, 1), (4, 1), (7, 5), (16, 32), (100, 13)])
def test_no_entry_of_four_bits_is_lost(shape: tuple[int, int]) -> None:
    matrix = np.random.default_rng(2).integers(-8, 8, shape).astype(np.int8)
    np.testing.assert_array_equal(_unpacked(pack(matrix), shape), matrix)


@pytest.mark.parametrize("density", [0.0, 0.1, 0.5, 0.87, 0.88, 0.95, 1.0])
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (3, 3), (6, 5), (16, 32), (100, 13)])
def test_nothing_is_lost_and_it_is_never_larger_than_dense(density: float, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    matrix = (rng.integers(1, 128, shape) * (rng.random(shape) < density)).astype(np.int8)
    packed = pack(matrix)
    np.testing.assert_array_equal(_unpacked(packed, shape), matrix)
    assert packed.size <= matrix.size


@pytest.mark.parametrize("density", [0.05, 0.43, 0.9, 1.0])
@pytest.mark.parametrize("magnitude", [1, 90, 127, 128])
@pytest.mark.parametrize("shape", [(16, 32), (100, 13)])
def test_a_ternary_matrix_takes_a_bit_for_each_entry_and_one_more_if_it_is_not_zero(
    density: float, magnitude: int, shape: tuple[int, int]
) -> None:
    rng = np.random.default_rng(1)
    signs = rng.choice([-1, 1] if magnitude < 128 else [-1], shape) * (rng.random(shape) < density)
    matrix = (signs * magnitude).astype(np.int8)
    packed = pack(matrix)
    assert packed.magnitude == magnitude
    assert packed.size == shape[0] * -(-shape[1] // 8) + BEHIND + -(-np.count_nonzero(matrix) // 8)
    np.testing.assert_array_equal(_unpacked(packed, shape), matrix)


def test_signs_are_stored_from_the_least_significant_bit_on_and_set_for_minus() -> None:
    packed = pack(np.array([[0, 5, 0, 0, 0, 0, 0, 0], [-5, 0, 0, 5, -5, 0, 0, 0]], np.int8))
    assert packed.values.tolist() == [0b1010]
    assert packed.bitmap is not None
    assert packed.bitmap.tolist()[:2] == [0b00000010, 0b00011001]


def test_a_matrix_of_two_magnitudes_is_not_ternary() -> None:
    matrix = np.full((8, 8), 3, np.int8)
    matrix[4, 4] = 4
    assert pack(matrix).magnitude == 0


def test_a_matrix_is_dense_if_a_bitmap_saves_nothing() -> None:
    matrix = np.arange(1, 65, dtype=np.int8).reshape(8, 8)
    matrix.flat[: 8 + BEHIND] = 0  # 53 values and 11 bytes of bitmap: as large as dense
    assert pack(matrix).bitmap is None
    matrix.flat[8 + BEHIND] = 0
    assert pack(matrix).bitmap is not None


def test_an_empty_matrix_has_a_bitmap_and_no_value() -> None:
    packed = pack(np.zeros((16, 32), np.int8))
    assert (packed.values.size, packed.size) == (0, 64 + BEHIND)


def test_a_block_in_pairs_begins_with_the_sums_of_its_rows_and_has_two_columns_in_a_word() -> None:
    matrix = np.arange(32, dtype=np.int8).reshape(8, 4) - 16
    bias = np.array([1, -1, 0, 2, 0, 0, 0, -32768], np.int16)
    words = in_pairs(matrix, bias, shift=3)
    assert words is not None
    first, second = words.view(np.int32).reshape(2, -1)
    assert first[:4].tolist() == [8 + 4, -8 + 4, 4, 16 + 4]
    assert second[:4].tolist() == [4, 4, 4, -32768 * 8 + 4]
    columns = words.view(np.int16).reshape(2, -1, 4, 2)[:, 1:]  # (block, two columns, row, column)
    assert columns[1, 0].tolist() == matrix[4:, :2].tolist()
    assert columns[0, 1].tolist() == matrix[:4, 2:].tolist()


@pytest.mark.parametrize("shape", [(6, 8), (8, 6)])
def test_rows_or_columns_beside_multiples_of_four_are_not_in_pairs(shape: tuple[int, int]) -> None:
    assert in_pairs(np.zeros(shape, np.int8), np.zeros(shape[0], np.int16), shift=3) is None


def test_a_matrix_whose_sums_could_leave_32_bits_is_not_in_pairs() -> None:
    matrix, bias = np.full((4, 4), 127, np.int8), np.full(4, 32767, np.int16)
    assert in_pairs(matrix, bias, shift=15) is not None
    assert in_pairs(matrix, bias, shift=16) is None
