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
from featurizer.logmel import Features
from featurizer.samples import as_clips, as_samples
from wakeword.inference._core import ffi, lib
from wakeword.inference.bulk import check_bulk, check_different
from wakeword.inference.c_model import CoreModel, pointer_to
from wakeword.inference.detector import Event
from wakeword.inference.trace import Trace, joined
from wakeword.model.file import Model
from wakeword.model.integers import Int16

if lib.WW_FEATURIZER_ID != FEATURIZER_ID:
    raise ImportError("the C core was built from other tables than featurizer/tables.py; install the package again")

_PIECE = 1 << 20  # samples in a call: bounds the memory of a long push

_numbers = counting()
_ORDER = attrgetter("number")


class _Stream:
    """What an engine and a recognizer have in common: a model, the state of a stream, and a lock.

    Several threads may use it: each call has it to itself, so it never sees half of another's input.
    """

    name = "c"
    pointer: Any  # the C struct of the state

    def __init__(self, model: Model) -> None:
        self.lock = threading.Lock()  # the C core runs without the interpreter's own
        self.number = next(_numbers)  # the order in which a call takes the locks of several streams
        self.widths = (MEL_BANDS, model.hidden, len(model.labels), len(model.labels))  # of a trace's arrays
        self.model = CoreModel(model)
        self.reset()

    def reset(self) -> None:
        """Begin a new stream."""
        raise NotImplementedError


class CoreEngine(_Stream):
    """Run one stream of samples through the C core."""

    def __init__(self, model: Model) -> None:
        self.pointer = ffi.new("ww_engine *")
        super().__init__(model)

    def reset(self) -> None:
        """Begin a new stream."""
        with self.lock:
            lib.ww_engine_reset(self.pointer, self.model.pointer)

    def push(self, samples: npt.NDArray[np.int16]) -> Trace:
        """Take samples, int16 at 16 kHz, shape (n,); return the frames that they complete.

        Raises:
            TypeError: The samples have another type or shape, and none was taken; the message says how to convert them.
        """
        samples = as_samples(samples)
        with self.lock:
            starts = range(0, max(len(samples), 1), _PIECE)
            return joined([_push([self], [samples[at : at + _PIECE]])[0] for at in starts])


class CoreRecognizer(_Stream):
    """Run one stream of features through the network and the detector of the C core."""

    def __init__(self, model: Model) -> None:
        self.pointer = ffi.new("ww_recognizer *")
        super().__init__(model)

    def reset(self) -> None:
        """Begin a new stream."""
        with self.lock:
            lib.ww_recognizer_reset(self.pointer, self.model.pointer)

    def push(self, features: Features) -> Trace:
        """Take features (frames, 32), log2 in Q9; return a trace of them."""
        return core_step([self], [features])[0]


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


def core_step(recognizers: Sequence[CoreRecognizer], features: Sequence[Features]) -> list[Trace]:
    """Push features (frames, 32), log2 in Q9, into each recognizer in one call into C; return a trace for each.

    Raises UsageError if a recognizer is given twice, or there are more or fewer features than recognizers.
    """
    check_different(recognizers, features)
    if not recognizers:
        return []
    together = np.concatenate(features)  # held by this name while C reads it
    rows = _Rows(recognizers, [len(each) for each in features])
    with _held(recognizers):
        lib.host_step_all(
            len(recognizers),
            [recognizer.pointer for recognizer in recognizers],
            _int16_pointer(together),
            [len(each) for each in features],
            *rows.pointers[1:],
            rows.events,
            rows.event_counts,
        )
    return rows.traces(features)


@contextmanager
def _held(streams: Sequence[_Stream]) -> Iterator[None]:
    """Hold the locks of streams, taken in the order of their numbers: no two calls can wait for each other."""
    ordered = sorted(streams, key=_ORDER)
    held = 0
    try:
        for stream in ordered:
            stream.lock.acquire()
            held += 1
        yield
    finally:
        for stream in ordered[:held]:
            stream.lock.release()


def _push(engines: Sequence[CoreEngine], blocks: Sequence[Int16]) -> list[Trace]:
    """Push a block into each engine, whose locks the caller holds."""
    samples, counts = np.concatenate(blocks), [len(block) for block in blocks]
    rows = _Rows(engines, [count // HOP + 1 for count in counts])  # frames at most
    frames = ffi.new("uint32_t[]", len(engines))
    lib.host_push_all(
        len(engines),
        [engine.pointer for engine in engines],
        _int16_pointer(samples),
        counts,
        *rows.pointers,
        rows.events,
        frames,
        rows.event_counts,
    )
    return rows.traces(None, list(frames))


class _Rows:
    """Room for the rows of several streams, which C fills one stream after the other without a gap."""

    def __init__(self, streams: Sequence[_Stream], most: Sequence[int]) -> None:
        """most: rows of each stream, or as many at most."""
        self._streams, self._most = streams, most
        self._columns = [
            np.empty(sum(count * width for count, width in zip(most, widths, strict=True)), np.int16)
            for widths in zip(*(stream.widths for stream in streams), strict=True)
        ]
        self.pointers = [_int16_pointer(column) for column in self._columns]
        self.events = ffi.new("ww_event[]", sum(most))
        self.event_counts = ffi.new("uint32_t[]", len(streams))

    def traces(self, features: Sequence[Features] | None, frames: Sequence[int] | None = None) -> list[Trace]:
        """Cut the columns and events into a trace for each stream.

        features: of each stream; None: those that C has written. frames: of each stream; None: as many as it has room.
        """
        traces = []
        ends, last = [0] * len(self._columns), 0
        for number, (stream, count) in enumerate(zip(self._streams, frames or self._most, strict=True)):
            starts, ends = ends, [end + count * width for end, width in zip(ends, stream.widths, strict=True)]
            own, hidden, posteriors, scores = (
                column[start:end].reshape(count, width)
                for column, start, end, width in zip(self._columns, starts, ends, stream.widths, strict=True)
            )
            first, last = last, last + self.event_counts[number]
            events = [Event(event.label, event.score, event.frame) for event in self.events[first:last]]
            traces.append(Trace(own if features is None else features[number], hidden, posteriors, scores, events))
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
    return pointer_to("int16_t *", array)
