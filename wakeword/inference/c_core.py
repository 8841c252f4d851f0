"""The C core as an engine: the code that the chip runs. If it was not built, importing this module fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count as counting
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from featurizer import FEATURIZER_ID, HOP, MEL_BANDS, WINDOW
from featurizer.samples import as_clips, as_samples
from wakeword.inference._core import ffi, lib
from wakeword.inference.bulk import check_bulk
from wakeword.inference.detector import Event
from wakeword.inference.trace import Trace
from wakeword.model.convolution import Convolution
from wakeword.model.file import MATRICES, Model
from wakeword.model.integers import Int16
from wakeword.model.packing import pack

if lib.WW_FEATURIZER_ID != FEATURIZER_ID:
    raise ImportError("the C core was built from other tables than featurizer/tables.py; install the package again")

_GATES = {"sigmoid": 0, "tanh": 1}
_PIECE = 1 << 20  # samples in a call: bounds the memory of a long push
_ARRAYS = ("features", "hidden", "posteriors", "scores")


_numbers = counting()
_ORDER = attrgetter("number")


class CoreEngine:
    """Run one stream through the C core.

    Several threads may use it: each call has the engine to itself, so it never sees half of another's samples.
    """

    name = "c"

    def __init__(self, model: Model) -> None:
        self.lock = threading.Lock()  # the C core runs without the interpreter's own
        self.number = next(_numbers)  # the order in which a call takes the locks of several engines
        self.widths = (MEL_BANDS, model.hidden, len(model.labels), len(model.labels))  # of a trace's arrays
        self._arrays: list[Any] = []  # C holds pointers into these
        self._c_model = self._c_model_of(model)
        self.pointer = ffi.new("ww_engine *")
        self.reset()

    def reset(self) -> None:
        with self.lock:
            lib.ww_engine_reset(self.pointer, self._c_model)

    def push(self, samples: npt.NDArray[np.int16]) -> Trace:
        samples = as_samples(samples)
        with self.lock:
            starts = range(0, max(len(samples), 1), _PIECE)
            pieces = [_push([self], [samples[at : at + _PIECE]])[0] for at in starts]
        if len(pieces) == 1:
            return pieces[0]
        features, hidden, posteriors, scores = (
            np.concatenate([getattr(piece, name) for piece in pieces]) for name in _ARRAYS
        )
        return Trace(features, hidden, posteriors, scores, [event for piece in pieces for event in piece.events])

    def _int16s(self, values: npt.ArrayLike) -> Any:
        self._arrays.append(np.ascontiguousarray(values, np.int16))
        return _int16_pointer(self._arrays[-1])

    def _c_model_of(self, model: Model) -> Any:
        whole = ffi.new("ww_convolved_model *")
        self._arrays.append(whole)
        c_model = ffi.addressof(whole, "model")
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
        if model.convolution is not None:
            self._fill_convolution(whole.convolution, model.convolution, len(model.mean))
        return c_model

    def _fill_convolution(self, c_convolution: Any, convolution: Convolution, mel_bands: int) -> None:
        for name in ("first", "pointwise"):
            self._fill_matrix(getattr(c_convolution, name), getattr(convolution, name), convolution.shifts[name])
        for name in ("first_bias", "depthwise_bias", "pointwise_bias"):
            setattr(c_convolution, name, self._int16s(getattr(convolution, name)))
        self._arrays.append(np.ascontiguousarray(convolution.depthwise))
        c_convolution.depthwise = _pointer("int8_t *", self._arrays[-1])
        c_convolution.depthwise_shift = convolution.shifts["depthwise"]
        c_convolution.frames, c_convolution.band_stride = convolution.frames, convolution.band_stride
        c_convolution.frame_stride = convolution.frame_stride
        c_convolution.positions = convolution.positions(mel_bands)

    def _fill_matrix(self, matrix: Any, values: npt.NDArray[np.int8], shift: int) -> None:
        packed = pack(values)
        self._arrays.append(packed)
        matrix.layout = _pointer("void *", packed.blocks if packed.bitmap is None else packed.bitmap)
        matrix.values = _pointer("int8_t *", packed.values)
        matrix.rows, matrix.cols, matrix.shift, matrix.form = *values.shape, shift, packed.form


def core_push(engines: Sequence[CoreEngine], blocks: Sequence[Int16]) -> list[Trace]:
    """Push a block into each engine in one call into C, during which other threads run; return a trace for each.

    engines: all of them different.
    blocks: samples, int16 at 16 kHz, each of shape (n,).

    Raises:
        TypeError: A block has another type or shape; the message says how to convert it.
        UsageError: An engine is given twice, or there are more or fewer blocks than engines.
    """
    blocks = check_bulk(engines, blocks)
    if not engines:
        return []
    with _held(engines):
        return _push(engines, blocks)


@contextmanager
def _held(engines: Sequence[CoreEngine]) -> Iterator[None]:
    """Hold the locks of engines, taken in the order of their numbers: no two calls can wait for each other."""
    ordered = sorted(engines, key=_ORDER)
    held = 0
    try:
        for engine in ordered:
            engine.lock.acquire()
            held += 1
        yield
    finally:
        for engine in ordered[:held]:
            engine.lock.release()


def _push(engines: Sequence[CoreEngine], blocks: Sequence[Int16]) -> list[Trace]:
    """Push a block into each engine, whose locks the caller holds."""
    samples, counts = np.concatenate(blocks), [len(block) for block in blocks]
    rows = [count // HOP + 1 for count in counts]  # at most
    columns = [
        np.empty(sum(row * width for row, width in zip(rows, widths, strict=True)), np.int16)
        for widths in zip(*(engine.widths for engine in engines), strict=True)
    ]
    events = ffi.new("ww_event[]", sum(rows))
    frames, event_counts = ffi.new("uint32_t[]", len(engines)), ffi.new("uint32_t[]", len(engines))
    lib.host_push_all(
        len(engines),
        [engine.pointer for engine in engines],
        _int16_pointer(samples),
        counts,
        *map(_int16_pointer, columns),
        events,
        frames,
        event_counts,
    )
    return _traces(engines, columns, events, list(frames), list(event_counts))


def _traces(
    engines: Sequence[CoreEngine], columns: list[Int16], events: Any, frames: list[int], event_counts: list[int]
) -> list[Trace]:
    """Cut the columns and events into a trace for each engine."""
    traces = []
    ends, last = [0] * len(columns), 0
    for engine, count, event_count in zip(engines, frames, event_counts, strict=True):
        starts, ends = ends, [end + count * width for end, width in zip(ends, engine.widths, strict=True)]
        features, hidden, posteriors, scores = (
            column[start:end].reshape(count, width)
            for column, start, end, width in zip(columns, starts, ends, engine.widths, strict=True)
        )
        first, last = last, last + event_count
        found = [Event(event.label, event.score, event.frame) for event in events[first:last]]
        traces.append(Trace(features, hidden, posteriors, scores, found))
    return traces


def core_features(clips: npt.NDArray[np.int16]) -> Int16:
    """Compute features of padded clips (n, samples), int16, each from reset; return (n, frames, 32).

    Raises:
        TypeError: The clips have another type or shape; the message says how to convert them.
    """
    clips = np.ascontiguousarray(as_clips(clips))
    count, length = clips.shape
    features = np.zeros((count, (length - WINDOW) // HOP + 1, MEL_BANDS), np.int16)
    lib.host_features(_int16_pointer(clips), count, length, _int16_pointer(features))
    return features


def _int16_pointer(array: npt.NDArray[np.int16]) -> Any:
    return _pointer("int16_t *", array)


def _pointer(ctype: str, array: npt.NDArray[Any]) -> Any:
    """Return a pointer to an array's numbers; null if it is empty."""
    return ffi.cast(ctype, ffi.from_buffer(array)) if array.size else ffi.NULL
