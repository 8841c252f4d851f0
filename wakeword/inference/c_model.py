"""A model as the structs of the C core, which hold pointers into arrays that live as long as the object does."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from wakeword.inference._core import ffi
from wakeword.model.convolution import Convolution
from wakeword.model.file import MATRICES, Model
from wakeword.model.packing import pack

_GATES = {"sigmoid": 0, "tanh": 1}


class CoreModel:
    """A model for the C core: `pointer` is a `const ww_model *`."""

    def __init__(self, model: Model) -> None:
        self._arrays: list[Any] = []
        whole = ffi.new("ww_convolved_model *")
        self._arrays.append(whole)
        self.pointer = ffi.addressof(whole, "model")
        self._fill(self.pointer, model)
        if model.convolution is not None:
            self._fill_convolution(whole.convolution, model.convolution, len(model.mean))

    def _fill(self, c_model: Any, model: Model) -> None:
        for name in ("mean", "scale", "bias_gate", "bias_update", "head_bias"):
            setattr(c_model, name, self._int16s(getattr(model, name)))
        for name in MATRICES:
            self._fill_matrix(getattr(c_model, name), getattr(model, name), model.shifts[name])
        c_model.threshold = self._int16s(model.detector.thresholds)
        c_model.zeta, c_model.nu, c_model.gate, c_model.frames_per_step = (
            model.zeta,
            model.nu,
            _GATES[model.gate],
            model.frames_per_step,
        )
        c_model.hidden, c_model.rank_w, c_model.rank_u = model.hidden, len(model.w2), len(model.u2)
        c_model.labels, c_model.first_word = len(model.labels), model.first_word
        c_model.smoothing, c_model.refractory = model.detector.smoothing, model.detector.refractory
        c_model.evidence, c_model.convolved = model.evidence, model.convolution is not None

    def _fill_convolution(self, c_convolution: Any, convolution: Convolution, mel_bands: int) -> None:
        for name in ("first", "pointwise"):
            self._fill_matrix(getattr(c_convolution, name), getattr(convolution, name), convolution.shifts[name])
        for name in ("first_bias", "depthwise_bias", "pointwise_bias"):
            setattr(c_convolution, name, self._int16s(getattr(convolution, name)))
        self._arrays.append(np.ascontiguousarray(convolution.depthwise))
        c_convolution.depthwise = pointer_to("int8_t *", self._arrays[-1])
        c_convolution.depthwise_shift = convolution.shifts["depthwise"]
        c_convolution.frames, c_convolution.band_stride = convolution.frames, convolution.band_stride
        c_convolution.frame_stride = convolution.frame_stride
        c_convolution.positions = convolution.positions(mel_bands)

    def _fill_matrix(self, matrix: Any, values: npt.NDArray[np.int8], shift: int) -> None:
        packed = pack(values)
        self._arrays.append(packed)
        matrix.layout = pointer_to("void *", packed.blocks if packed.bitmap is None else packed.bitmap)
        matrix.values = pointer_to("int8_t *", packed.values)
        matrix.rows, matrix.cols, matrix.shift, matrix.form = *values.shape, shift, packed.form

    def _int16s(self, values: npt.ArrayLike) -> Any:
        self._arrays.append(np.ascontiguousarray(values, np.int16))
        return pointer_to("int16_t *", self._arrays[-1])


def pointer_to(ctype: str, array: npt.NDArray[Any]) -> Any:
    """Return a pointer to an array's numbers; null if it is empty. The caller keeps the array."""
    return ffi.cast(ctype, ffi.from_buffer(array)) if array.size else ffi.NULL
