"""The C core as an engine: the same code that the chip runs. Importing fails where it was not built."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt

from featurizer import FEATURIZER_ID, HOP, MEL_BANDS, WINDOW
from wakeword._core import ffi, lib
from wakeword.bundle import MATRICES, Bundle, Int16
from wakeword.detector import Event
from wakeword.sparse import pack
from wakeword.trace import Trace

if lib.WW_FEATURIZER_ID != FEATURIZER_ID:
    raise ImportError("the C core was built from other tables than featurizer/tables.py; install the package again")

_GATES = {"sigmoid": 0, "tanh": 1}
_PIECE = 1 << 20  # samples a call: bounds the memory of a long push


class CoreEngine:
    """One stream through the C core."""

    name = "c"

    def __init__(self, bundle: Bundle) -> None:
        self._hidden, self._labels = bundle.hidden, len(bundle.labels)
        self._arrays: list[Any] = []  # C holds pointers into these
        self._model = self._model_of(bundle)
        self._engine = ffi.new("ww_engine *")
        self.reset()

    def reset(self) -> None:
        lib.ww_engine_reset(self._engine, self._model)

    def push(self, samples: npt.NDArray[np.int16]) -> Trace:
        samples = np.ascontiguousarray(samples)
        if samples.dtype != np.int16 or samples.ndim != 1:
            raise TypeError(f"samples must be int16 of shape (n,), not {samples.dtype} of shape {samples.shape}")
        pieces = [self._push(samples[at : at + _PIECE]) for at in range(0, max(len(samples), 1), _PIECE)]
        features, hidden, posteriors, scores, events = zip(*pieces, strict=True)
        return Trace(
            np.concatenate(features),
            np.concatenate(hidden),
            np.concatenate(posteriors),
            np.concatenate(scores),
            list(itertools.chain(*events)),
        )

    def _push(self, samples: Int16) -> tuple[Int16, Int16, Int16, Int16, list[Event]]:
        most = len(samples) // HOP + 1
        widths = (MEL_BANDS, self._hidden, self._labels, self._labels)
        columns = [np.zeros((most, width), np.int16) for width in widths]
        events = ffi.new("ww_event[]", most)
        event_count = ffi.new("uint32_t *")
        pointers = [_int16_pointer(column) for column in columns]
        frames = lib.host_push(self._engine, _int16_pointer(samples), len(samples), *pointers, events, event_count)
        features, hidden, posteriors, scores = (column[:frames] for column in columns)
        found = [Event(event.label, event.score, event.frame) for event in events[0 : event_count[0]]]
        return features, hidden, posteriors, scores, found

    def _int16s(self, values: npt.ArrayLike) -> Any:
        self._arrays.append(np.ascontiguousarray(values, np.int16))
        return _int16_pointer(self._arrays[-1])

    def _model_of(self, bundle: Bundle) -> Any:
        model = ffi.new("ww_model *")
        for name in ("mean", "scale", "bias_gate", "bias_update", "head_bias"):
            setattr(model, name, self._int16s(getattr(bundle, name)))
        for name in MATRICES:
            self._fill_matrix(getattr(model, name), getattr(bundle, name), bundle.shifts[name])
        model.threshold = self._int16s(bundle.detector.thresholds)
        model.zeta, model.nu, model.gate, model.stack = bundle.zeta, bundle.nu, _GATES[bundle.gate], bundle.stack
        model.hidden, model.rank_w, model.rank_u = bundle.hidden, len(bundle.w2), len(bundle.u2)
        model.labels, model.first_word = len(bundle.labels), bundle.first_word
        model.smoothing, model.refractory = bundle.detector.smoothing, bundle.detector.refractory
        model.evidence = bundle.evidence
        return model

    def _fill_matrix(self, matrix: Any, values: npt.NDArray[np.int8], shift: int) -> None:
        packed = pack(values)
        self._arrays.append(packed)
        matrix.values = ffi.cast("int8_t *", ffi.from_buffer(packed.values)) if packed.values.size else ffi.NULL
        matrix.bitmap = ffi.NULL if packed.bitmap is None else ffi.cast("uint8_t *", ffi.from_buffer(packed.bitmap))
        matrix.rows, matrix.cols, matrix.shift, matrix.magnitude = *values.shape, shift, packed.magnitude


def core_features(clips: npt.NDArray[np.int16]) -> Int16:
    """Features of padded clips, each from a reset state: (n, samples) to (n, frames, 32)."""
    clips = np.ascontiguousarray(clips)
    count, length = clips.shape
    features = np.zeros((count, (length - WINDOW) // HOP + 1, MEL_BANDS), np.int16)
    lib.host_features(_int16_pointer(clips), count, length, _int16_pointer(features))
    return features


def _int16_pointer(array: npt.NDArray[np.int16]) -> Any:
    return ffi.cast("int16_t *", ffi.from_buffer(array)) if array.size else ffi.NULL
