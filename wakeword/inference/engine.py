"""Engines: samples in, events out. There are two, equal bit for bit: the chip's C core and the NumPy reference.

If the package was built without a compiler, the reference runs and says so once.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from featurizer import Featurizer, clip_features, pad_clip
from featurizer.logmel import Features, Samples
from featurizer.samples import as_clips
from wakeword.errors import UsageError
from wakeword.inference.bulk import check_bulk, check_different
from wakeword.inference.detector import EventDetector
from wakeword.inference.fastgrnn import FastGRNNQ
from wakeword.inference.trace import Trace
from wakeword.model.file import Model

try:
    from wakeword.inference.c_core import CoreEngine, CoreRecognizer, core_features, core_push, core_step
except ImportError:
    CoreEngine = None  # type: ignore[assignment, misc]


EngineName = Literal["auto", "c", "numpy"]


class Engine(Protocol):
    """One stream. The size of a chunk changes no frame and no event.

    Several threads may use an engine: each call has it to itself.
    """

    name: str

    def reset(self) -> None:
        """Begin a new stream."""

    def push(self, samples: Samples) -> Trace:
        """Take samples, int16 at 16 kHz, shape (n,); return the frames that they complete.

        Raises:
            TypeError: The samples have another type or shape, and none was taken; the message says how to convert them.
        """


class Recognizer(Protocol):
    """A model's part of one stream, network and detector. Several may take the features of one front end.

    Several threads may use a recognizer: each call has it to itself.
    """

    def reset(self) -> None:
        """Begin a new stream."""

    def push(self, features: Features) -> Trace:
        """Take features (frames, D), log2 in Q9; return a trace of them, whose events count frames from the reset."""


class NumpyEngine:
    """Run featurizer, network and detector in NumPy integers: the readable reference."""

    name = "numpy"

    def __init__(self, model: Model) -> None:
        self._lock = threading.Lock()
        self._featurizer = Featurizer()
        self._recognizer = NumpyRecognizer(model)

    def reset(self) -> None:
        with self._lock:
            self._featurizer.reset()
            self._recognizer.reset()

    def push(self, samples: Samples) -> Trace:
        with self._lock:
            return self._recognizer.push(self._featurizer.push(samples))


class NumpyRecognizer:
    """Run the references of network and detector."""

    def __init__(self, model: Model) -> None:
        self._lock = threading.Lock()
        self._network, self._detector = FastGRNNQ(model), EventDetector(model)
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._detector.reset()
            self._state = self._network.initial_state()

    def push(self, features: Features) -> Trace:
        with self._lock:
            states, posteriors, self._state = self._network.run(features[None], self._state)
            scores = np.zeros(posteriors.shape[1:], np.int16)
            events = []
            for frame, posterior in enumerate(posteriors[0]):
                event = self._detector.step(posterior)
                scores[frame] = self._detector.scores
                if event:
                    events.append(event)
            return Trace(features, states[0].astype(np.int16), posteriors[0].astype(np.int16), scores, events)


def core_available() -> bool:
    """Return whether the package was built with the C core."""
    return CoreEngine is not None


def open_engine(model: Model, which: EngineName = "auto") -> Engine:
    """Open an engine for one stream; "auto" takes the C core if the package was built with it.

    Raises:
        UsageError: The engine is unknown, or it is "c" and the package was built without it.
    """
    return CoreEngine(model) if _takes_core(which) else NumpyEngine(model)


def open_recognizer(model: Model, which: EngineName = "auto") -> Recognizer:
    """Open a recognizer of the engine that `open_engine` opens. Raises UsageError as that."""
    return CoreRecognizer(model) if _takes_core(which) else NumpyRecognizer(model)


def _takes_core(which: str) -> bool:
    """Return whether the C core is to run. Raises UsageError as `open_engine`."""
    if which not in ("auto", "c", "numpy"):
        raise UsageError(f"there is no engine {which!r}; choose auto, c or numpy")
    if which == "c" and CoreEngine is None:
        raise UsageError("this package was built without the C core; the engine numpy gives the same bits")
    if which == "auto" and CoreEngine is None:
        warnings.warn("built without a C compiler: the slower NumPy engine runs, with the same bits", stacklevel=3)
    return which != "numpy" and CoreEngine is not None


def push_all(engines: Sequence[Engine], blocks: Sequence[Samples]) -> list[Trace]:
    """Push a block into each of these engines, which must all differ; return a trace for each.

    If all are C cores, this is one call into C, during which other threads run.

    Raises, with nothing pushed:
        TypeError: A block has another type or shape; the message says how to convert it.
        UsageError: An engine is given twice, or there are more or fewer blocks than engines.
    """
    if CoreEngine is not None:
        cores = [engine for engine in engines if isinstance(engine, CoreEngine)]
        if len(cores) == len(engines):
            return core_push(cores, blocks)
    return [engine.push(block) for engine, block in zip(engines, check_bulk(engines, blocks), strict=True)]


def step_all(recognizers: Sequence[Recognizer], features: Sequence[Features]) -> list[Trace]:
    """Push features (frames, 32) into each of these recognizers, which must all differ; return a trace for each.

    If all are C cores, this is one call into C, during which other threads run.

    Raises UsageError, with nothing pushed, if one is given twice, or there are more or fewer features than recognizers.
    """
    if CoreEngine is not None:
        cores = [recognizer for recognizer in recognizers if isinstance(recognizer, CoreRecognizer)]
        if len(cores) == len(recognizers):
            return core_step(cores, features)
    check_different(recognizers, features)
    return [recognizer.push(each) for recognizer, each in zip(recognizers, features, strict=True)]


def batch_features(clips: npt.NDArray[np.int16]) -> Features:
    """Compute features of clips (n, samples), int16 at 16 kHz, each from reset; return (n, frames, 32).

    Raises:
        TypeError: The clips have another type or shape; the message says how to convert them.
    """
    clips = as_clips(clips)
    if CoreEngine is not None:
        return core_features(pad_clip(clips))
    return np.stack([clip_features(clip) for clip in clips])
