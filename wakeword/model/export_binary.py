"""Export a model as one flat piece of bytes, which a program loads while it runs: `ww_binary.c` reads it.

All numbers are little endian. A header of 56 bytes:

| place | bytes | holds |
|---|---|---|
| 0 | 4 | "WWM" and the version of the format |
| 4 | 4 | the size of the whole |
| 8 | 4 | CRC-32 of all that follows |
| 12 | 4 | the id of the front end |
| 16 | 4 | hidden units, rank of w, rank of u, labels |
| 20 | 4 | first word, frames per step, evidence, smoothing |
| 24 | 4 | gate (0: sigmoid, 1: tanh), whether there are convolutions, refractory time in two bytes |
| 28 | 4 | zeta and nu, two bytes each |
| 32 | 10 | form and shift of w1, w2, u1, u2, head; two bytes of zeros follow |
| 44 | 6 | of the convolutions, or zeros: channels, bands, frames, outputs, band stride, frame stride |
| 50 | 5 | form and shift of first and pointwise, shift of depthwise; a byte of zero follows |

Then come the arrays, each padded with zeros to a multiple of four bytes: of the convolutions first, pointwise,
depthwise and the biases of first, depthwise and pointwise; then w1, w2, u1, u2, head, mean, scale, the biases of gate,
update and head, and the thresholds. A matrix is two arrays, as in C: its blocks or its bitmap, then its values
(packing.py). Sizes follow from the header, and for sparse matrices from the bitmap. At the end are the labels: of each
its length, a byte, and its UTF-8.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from featurizer import FEATURIZER_ID
from wakeword.model.convolution import LAYERS, Convolution
from wakeword.model.file import MATRICES, Model
from wakeword.model.packing import Packed, pack

VERSION = 1
_COVERED = 12  # the first byte that the checksum covers
_GATES = {"sigmoid": 0, "tanh": 1}


def export_binary(model: Model) -> bytes:
    """Return the bytes of a model."""
    packed = {name: pack(getattr(model, name)) for name in MATRICES}
    body = _header(model, packed)
    arrays = [] if model.convolution is None else _convolution_arrays(model.convolution)
    for matrix in packed.values():
        arrays += _matrix_arrays(matrix)
    arrays += [model.mean, model.scale, model.bias_gate, model.bias_update, model.head_bias]
    arrays.append(np.array(model.detector.thresholds, np.int16))
    body += b"".join(_padded(array.astype(array.dtype.newbyteorder("<")).tobytes()) for array in arrays)
    body += _padded(b"".join(bytes([len(text)]) + text for text in (label.encode() for label in model.labels)))
    head = b"WWM" + struct.pack("<BII", VERSION, _COVERED + len(body), zlib.crc32(body))
    return head + body


def _header(model: Model, packed: dict[str, Packed]) -> bytes:
    """Return the header from the id of the front end on."""
    detector = model.detector
    forms = [number for name, matrix in packed.items() for number in (matrix.form, model.shifts[name])]
    return struct.pack(
        "<I4B4BBBHhh10Bxx",
        FEATURIZER_ID,
        *(model.hidden, len(model.w2), len(model.u2), len(model.labels)),
        *(model.first_word, model.frames_per_step, model.evidence, detector.smoothing),
        *(_GATES[model.gate], model.convolution is not None, detector.refractory),
        *(model.zeta, model.nu),
        *forms,
    ) + _convolution_header(model.convolution)


def _convolution_header(convolution: Convolution | None) -> bytes:
    if convolution is None:
        return bytes(12)
    it, shifts = convolution, convolution.shifts
    forms = [number for name in ("first", "pointwise") for number in (pack(getattr(it, name)).form, shifts[name])]
    sizes = (it.channels, it.bands, it.frames, it.outputs, it.band_stride, it.frame_stride)
    return struct.pack("<6B4BBx", *sizes, *forms, shifts["depthwise"])


def _convolution_arrays(convolution: Convolution) -> list[npt.NDArray[Any]]:
    matrices = _matrix_arrays(pack(convolution.first)) + _matrix_arrays(pack(convolution.pointwise))
    return [*matrices, convolution.depthwise, *(getattr(convolution, f"{layer}_bias") for layer in LAYERS)]


def _matrix_arrays(packed: Packed) -> list[npt.NDArray[Any]]:
    return [packed.blocks if packed.bitmap is None else packed.bitmap, packed.values]


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
