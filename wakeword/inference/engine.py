"""Engines: samples in, events out. One computation, twice: the chip's C core, and the NumPy reference.

Where the package was built without a compiler the reference runs, says so once, and gives the same bits.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from featurizer import Featurizer, clip_features, pad_clip
from featurizer.logmel import Features, Samples
from wakeword.errors import UsageError
from wakeword.inference.detector import Detector
from wakeword.inference.fastgrnn import FastGRNNQ, State
from wakeword.inference.trace import Trace
from wakeword.model.file import Model

try:
    from wakeword.inference.c_core import CoreEngine, core_features, core_push
except ImportError:
    CoreEngine = None  # type: ignore[assignment, misc]


class Engine(Protocol):
    """One stream. Any way of cutting the samples into chunks gives the same frames and events."""

    name: str

    def reset(self) -> None:
        """Begin a new stream."""

    def push(self, samples: Samples) -> Trace:
        """Take int16 samples at 16 kHz, shape (any,); give the frames that they complete."""


class NumpyEngine:
    """The reference: featurizer, network and detector in NumPy integers."""

    name = "numpy"

    def __init__(self, model: Model) -> None:
        self._network = FastGRNNQ(model)
        self._featurizer = Featurizer()
        self._detector = Detector(model)
        self.reset()

    def reset(self) -> None:
        self._featurizer.reset()
        self._detector.reset()
        self._state = self._network.initial_state()

    def push(self, samples: Samples) -> Trace:
        features = self._featurizer.push(samples)
        trace, self._state = numpy_trace(features, self._network, self._state, self._detector)
        return trace


def numpy_trace(features: Features, network: FastGRNNQ, state: State, detector: Detector) -> tuple[Trace, State]:
    """What the references of network and detector make of frames (frames, D), and the state they leave."""
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
    """Whether the C core was built with the package."""
    return CoreEngine is not None


def open_engine(model: Model, which: Literal["auto", "c", "numpy"] = "auto") -> Engine:
    """An engine for one stream; "auto" takes the C core where it is there.

    Raises UsageError when "c" is asked for and the package was built without.
    """
    if which == "numpy" or (which == "auto" and CoreEngine is None):
        if which == "auto":
            warnings.warn("built without a C compiler: the slower NumPy engine runs, with the same bits", stacklevel=2)
        return NumpyEngine(model)
    if CoreEngine is None:
        raise UsageError("the C core was not built with this package; --engine numpy gives the same bits")
    return CoreEngine(model)


def push_all(engines: Sequence[Engine], blocks: Sequence[Samples]) -> list[Trace]:
    """Push a block into each of these engines, none of which is there twice; what each has completed.

    Where all are of the C core it is one call for all of them, during which other threads run.
    """
    if CoreEngine is not None:
        cores = [engine for engine in engines if isinstance(engine, CoreEngine)]
        if len(cores) == len(engines):
            return core_push(cores, blocks)
    return [engine.push(block) for engine, block in zip(engines, blocks, strict=True)]


def batch_features(clips: npt.NDArray[np.int16]) -> Features:
    """Features of clips of one length, each from a reset state: (n, samples) to (n, frames, 32)."""
    if CoreEngine is not None:
        return core_features(pad_clip(clips))
    return np.stack([clip_features(clip) for clip in clips])
