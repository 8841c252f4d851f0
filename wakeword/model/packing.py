"""The four forms of a matrix in the chip's flash.

*Dense*: blocks of four rows, a 32-bit word for each column; the remaining rows entry by entry. *Nibbles*: the same with
entries of four bits, 16 bits for each column. *Sparse*: the non-zero values row by row, and a bitmap of their places.
*Ternary*: as sparse, if all non-zero values have one magnitude; each value is stored as its sign.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wakeword.model.integers import Int8, Int16

_BLOCK = 4  # rows, a byte of a word each, or a nibble
_PADDING = 3  # bytes behind the bitmap: a 32-bit load may read them with the last byte
_NO_BLOCKS = np.zeros(0, np.uint32)

DENSE, NIBBLES, SPARSE = 0, 254, 255
PAIRS = 253  # of a convolution, on the larger processors


@dataclass(frozen=True)
class Packed:
    """The arrays of a ww_matrix.

    blocks: (blocks * cols,) uint32, a word for each column of four rows, the first row in its lowest byte, 128 added to
        each entry; for nibbles uint16, four bits in place of bytes, 8 added.
    values: (stored,) int8; for a ternary matrix the signs as bits, set for minus.
    bitmap: uint8, entry i of a row in bit i % 8 of byte i // 8, each row from a byte on; None if dense or nibbles.
    magnitude: 1 to 128 for a ternary matrix, else 0.
    """

    blocks: npt.NDArray[np.uint32] | npt.NDArray[np.uint16]
    values: Int8
    bitmap: npt.NDArray[np.uint8] | None
    magnitude: int = 0

    @property
    def form(self) -> int:
        """Return the code of the form in ww_matrix (ww_model.h): dense, nibbles, sparse, or the magnitude."""
        if self.bitmap is not None:
            return self.magnitude or SPARSE
        return NIBBLES if self.blocks.dtype == np.uint16 else DENSE

    @property
    def size(self) -> int:
        """Return the bytes in flash. The magnitude is in the struct, in the byte of the form."""
        return self.blocks.nbytes + self.values.size + (0 if self.bitmap is None else self.bitmap.size)


def pack(matrix: Int8) -> Packed:
    """Pack a matrix (rows, cols) in its smallest form. A tie goes to dense, then sparse, nibbles, ternary."""
    flat = matrix.ravel()
    values = flat[flat != 0]
    marks = np.packbits(matrix != 0, axis=1, bitorder="little")
    bitmap = np.append(marks.ravel(), np.zeros(_PADDING, np.uint8))
    forms = [_in_blocks(matrix, 8), Packed(_NO_BLOCKS, values.copy(), bitmap)]
    if matrix.min() >= -8 and matrix.max() <= 7:
        forms.append(_in_blocks(matrix, 4))
    magnitudes = np.unique(np.abs(values.astype(np.int16)))
    if len(magnitudes) == 1:
        negative = np.packbits(values < 0, bitorder="little").view(np.int8)
        forms.append(Packed(_NO_BLOCKS, negative, bitmap, int(magnitudes[0])))
    return min(forms, key=lambda packed: packed.size)


def _in_blocks(matrix: Int8, bits: int) -> Packed:
    """Pack a matrix in words of 4 * bits, one for each column of four rows."""
    rows, cols = matrix.shape
    in_blocks = rows - rows % _BLOCK
    biased = (matrix[:in_blocks].astype(np.int16) + (1 << bits - 1)).astype(np.uint32).reshape(-1, _BLOCK, cols)
    words = np.bitwise_or.reduce(biased << np.arange(0, _BLOCK * bits, bits, dtype=np.uint32)[:, None], axis=1)
    return Packed(words.ravel().astype(f"u{_BLOCK * bits // 8}"), matrix[in_blocks:].ravel().copy(), None)


def in_pairs(matrix: Int8, bias: Int16, shift: int) -> npt.NDArray[np.uint32] | None:
    """Return the words of WW_PAIRS (ww_model.h), (rows + rows * cols / 2,); None for a matrix that can't have it.

    matrix: (rows, cols), both multiples of four; bias: (rows,), which a sum must still be within 32 bits of, shifted
    left. Blocks of four rows: the words from which their sums begin, and for each two columns a word for each row, its
    two entries as int16, the first in the lower half.
    """
    rows, cols = matrix.shape
    begin = (bias.astype(np.int64) << shift) + (1 << shift >> 1)
    largest = np.abs(matrix.astype(np.int64)).sum(axis=1) << 15
    if rows % _BLOCK or cols % _BLOCK or (np.abs(begin) + largest).max() >= 1 << 31:
        return None
    pairs = matrix.astype("<i2").reshape(rows // _BLOCK, _BLOCK, cols // 2, 2).swapaxes(1, 2)
    words = np.ascontiguousarray(pairs).view("<u4").reshape(rows // _BLOCK, -1)
    return np.hstack([begin.astype("<i4").view("<u4").reshape(-1, _BLOCK), words]).ravel()
