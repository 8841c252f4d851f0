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
from wakeword.inference.bulk import check_bulk
from wakeword.inference.detector import EventDetector
from wakeword.inference.fastgrnn import FastGRNNQ, State
from wakeword.inference.trace import Trace
from wakeword.model.file import Model

try:
    from wakeword.inference.c_core import CoreEngine, core_features, core_push
except ImportError:
    CoreEngine = None  # type: ignore[assignment, misc]


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


class NumpyEngine:
    """Run featurizer, network and detector in NumPy integers: the readable reference."""

    name = "numpy"

    def __init__(self, model: Model) -> None:
        self._lock = threading.Lock()
        self._network = FastGRNNQ(model)
        self._featurizer = Featurizer()
        self._detector = EventDetector(model)
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._featurizer.reset()
            self._detector.reset()
            self._state = self._network.initial_state()

    def push(self, samples: Samples) -> Trace:
        with self._lock:
            features = self._featurizer.push(samples)
            trace, self._state = numpy_trace(features, self._network, self._state, self._detector)
            return trace


def numpy_trace(features: Features, network: FastGRNNQ, state: State, detector: EventDetector) -> tuple[Trace, State]:
    """Run the references of network and detector over features (frames, D); return trace and final state."""
    states, posteriors, state = network.run(features[None], state)
    scores = np.zeros(posteriors.shape[1:], np.int16)
    events = []
    for frame, posterior in enumerate(posteriors[0]):
        event = detector.step(posterior)
        scores[frame] = detector.scores
        if event:
            events.append(event)
    return Trace(features, states[0].astype(np.int16), posteriors[0].astype(np.int16), scores, events), state


def core_available() -> bool:
    """Return whether the package was built with the C core."""
    return CoreEngine is not None


def open_engine(model: Model, which: Literal["auto", "c", "numpy"] = "auto") -> Engine:
    """Open an engine for one stream; "auto" takes the C core if the package was built with it.

    Raises:
        UsageError: The engine is unknown, or it is "c" and the package was built without it.
    """
    if which not in ("auto", "c", "numpy"):
        raise UsageError(f"there is no engine {which!r}; choose auto, c or numpy")
    if which == "numpy" or (which == "auto" and CoreEngine is None):
        if which == "auto":
            warnings.warn("built without a C compiler: the slower NumPy engine runs, with the same bits", stacklevel=2)
        return NumpyEngine(model)
    if CoreEngine is None:
        raise UsageError("this package was built without the C core; the engine numpy gives the same bits")
    return CoreEngine(model)


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


def batch_features(clips: npt.NDArray[np.int16]) -> Features:
    """Compute features of clips (n, samples), int16 at 16 kHz, each from reset; return (n, frames, 32).

    Raises:
        TypeError: The clips have another type or shape; the message says how to convert them.
    """
    clips = as_clips(clips)
    if CoreEngine is not None:
        return core_features(pad_clip(clips))
    return np.stack([clip_features(clip) for clip in clips])
