"""How a matrix lies in the chip's flash: its non-zero values row by row, and a bitmap of where they stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wakeword.bundle import Int8


@dataclass(frozen=True)
class Packed:
    """values: int8 (stored,); bitmap: uint8, bit i of the matrix in bit i % 8 of byte i // 8, or None if dense."""

    values: Int8
    bitmap: npt.NDArray[np.uint8] | None

    @property
    def size(self) -> int:
        """Bytes in flash."""
        return self.values.size + (0 if self.bitmap is None else self.bitmap.size)


def pack(matrix: Int8) -> Packed:
    """Pack a matrix (rows, cols), as dense where that is no larger."""
    flat = matrix.ravel()
    bitmap = np.packbits(flat != 0, bitorder="little")
    values = flat[flat != 0]
    if len(values) + len(bitmap) >= len(flat):
        return Packed(flat.copy(), None)
    return Packed(values.copy(), bitmap)
