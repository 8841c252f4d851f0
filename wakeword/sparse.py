"""How a matrix lies in the chip's flash: its non-zero values row by row, and a bitmap of where they stand.

Where all of these are plus or minus one magnitude (a ternary matrix), each is its sign alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wakeword.bundle import Int8


@dataclass(frozen=True)
class Packed:
    """values: int8 (stored,); bitmap: uint8, bit i of the matrix in bit i % 8 of byte i // 8, or None if dense.

    With a magnitude (1 to 128, else 0) the values are bits in the same order, set where an entry is negative.
    """

    values: Int8
    bitmap: npt.NDArray[np.uint8] | None
    magnitude: int = 0

    @property
    def size(self) -> int:
        """Bytes in flash; the magnitude takes a byte of the matrix's struct that is there anyway."""
        return self.values.size + (0 if self.bitmap is None else self.bitmap.size)


def pack(matrix: Int8) -> Packed:
    """Pack a matrix (rows, cols) in the smallest form: dense, which wins a tie, with a bitmap, or ternary."""
    flat = matrix.ravel()
    values = flat[flat != 0]
    bitmap = np.packbits(flat != 0, bitorder="little")
    forms = [Packed(flat.copy(), None), Packed(values.copy(), bitmap)]
    magnitudes = np.unique(np.abs(values.astype(np.int16)))
    if len(magnitudes) == 1:
        negative = np.packbits(values < 0, bitorder="little").view(np.int8)
        forms.append(Packed(negative, bitmap, int(magnitudes[0])))
    return min(forms, key=lambda packed: packed.size)
