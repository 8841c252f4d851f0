"""How a matrix lies in the chip's flash.

*Dense*: blocks of four rows, for which a processor of 32 bits loads one word a column and one entry of the vector; the
rows that are left row by row. *Nibbles*: the same of entries of four bits, half a word a column. *Sparse*: the non-zero
values row by row, and a bitmap of where they stand; where all of these are plus or minus one magnitude (a *ternary*
matrix), each is its sign alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wakeword.model.file import Int8

_BLOCK = 4  # rows, a byte of a word each, or a nibble
_BEHIND = 3  # bytes behind the bitmap that may be read with its last one
_NO_BLOCKS = np.zeros(0, np.uint32)

DENSE, NIBBLES, SPARSE = 0, 254, 255


@dataclass(frozen=True)
class Packed:
    """The arrays of a ww_matrix.

    blocks: uint32, little-endian, (blocks * cols,): a word for each column of four rows, the first row in its lowest
    byte, 128 added to each entry; or uint16, nibbles in place of bytes, 8 added. values: int8 (stored,). bitmap: uint8,
    bit i of the matrix in bit i % 8 of byte i // 8, or None if dense. With a magnitude (1 to 128, else 0) the values
    are bits in the same order, set where an entry is negative.
    """

    blocks: npt.NDArray[np.uint32] | npt.NDArray[np.uint16]
    values: Int8
    bitmap: npt.NDArray[np.uint8] | None
    magnitude: int = 0

    @property
    def form(self) -> int:
        """What the matrix's struct tells it by (ww_model.h): dense, nibbles, sparse, or a magnitude."""
        if self.bitmap is not None:
            return self.magnitude or SPARSE
        return NIBBLES if self.blocks.dtype == np.uint16 else DENSE

    @property
    def size(self) -> int:
        """Bytes in flash; the magnitude takes a byte of the matrix's struct that is there anyway."""
        return self.blocks.nbytes + self.values.size + (0 if self.bitmap is None else self.bitmap.size)


def pack(matrix: Int8) -> Packed:
    """Pack a matrix (rows, cols) in the smallest form: dense, which wins a tie, nibbles, with a bitmap, or ternary."""
    flat = matrix.ravel()
    values = flat[flat != 0]
    marks = np.packbits(matrix != 0, axis=1, bitorder="little")
    bitmap = np.append(marks.ravel(), np.zeros(_BEHIND, np.uint8))
    forms = [_in_blocks(matrix, 8), Packed(_NO_BLOCKS, values.copy(), bitmap)]
    if matrix.min() >= -8 and matrix.max() <= 7:
        forms.append(_in_blocks(matrix, 4))
    magnitudes = np.unique(np.abs(values.astype(np.int16)))
    if len(magnitudes) == 1:
        negative = np.packbits(values < 0, bitorder="little").view(np.int8)
        forms.append(Packed(_NO_BLOCKS, negative, bitmap, int(magnitudes[0])))
    return min(forms, key=lambda packed: packed.size)


def _in_blocks(matrix: Int8, bits: int) -> Packed:
    """A word of 4 * bits for each column of four rows."""
    rows, cols = matrix.shape
    in_blocks = rows - rows % _BLOCK
    biased = (matrix[:in_blocks].astype(np.int16) + (1 << bits - 1)).astype(np.uint32).reshape(-1, _BLOCK, cols)
    words = np.bitwise_or.reduce(biased << np.arange(0, _BLOCK * bits, bits, dtype=np.uint32)[:, None], axis=1)
    return Packed(words.ravel().astype(f"u{_BLOCK * bits // 8}"), matrix[in_blocks:].ravel().copy(), None)
