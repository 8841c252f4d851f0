"""The whole live pipeline of an Arduino Uno on a computer: the reference of `firmware/src/uno`, equal bit for bit.

The network's and the detector's references are those of every board; the front end is the Uno's own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from featurizer import uno
from featurizer.logmel import Samples
from wakeword.inference.detector import Detector
from wakeword.inference.engine import numpy_trace
from wakeword.inference.fastgrnn import FastGRNNQ
from wakeword.inference.front_end import Hearing
from wakeword.inference.trace import Trace
from wakeword.model.file import FrontEnd, Model, read_model

UNO = FrontEnd(uno.FEATURIZER_ID, uno.MEL_BANDS)
SHIPPED = Path(__file__).parents[1] / "assets/uno/uno.safetensors"

_CUTOFF_HERTZ = 3400  # of the resistor and the capacitor before the converter's pin
_KEPT = np.exp(-2 * np.pi * _CUTOFF_HERTZ / 16_000)
_RESPONSE = ((1 - _KEPT) * _KEPT ** np.arange(8)).astype(np.float32)  # what is behind it is below 1e-4


def sampled(samples: Samples, noise: npt.NDArray[np.float32] | None = None) -> npt.NDArray[np.uint16]:
    """What the Uno's converter makes of recordings, (…, n) int16 at 16 kHz to (…, n // 2) from 0 to 1023 at 8 kHz.

    Full scale of the recording is the converter's, its zero the middle. A low-pass of one pole at 3.4 kHz, which is
    what a resistor and a capacitor make, is all that keeps what is above 4 kHz from folding back.

    noise: what the converter adds, in its own steps, (…, n // 2).
    """
    count = samples.shape[-1] // 2
    padded = np.pad(samples.astype(np.float32), [(0, 0)] * (samples.ndim - 1) + [(len(_RESPONSE) - 1, 0)])
    delayed = (padded[..., len(_RESPONSE) - 1 - delay :][..., : 2 * count : 2] for delay in range(len(_RESPONSE)))
    filtered = sum(weight * wave for weight, wave in zip(_RESPONSE, delayed, strict=True))
    steps = filtered * 2.0 ** (uno.SAMPLE_BITS - 16)
    codes = np.round(steps if noise is None else steps + noise) + 2 ** (uno.SAMPLE_BITS - 1)
    return np.clip(codes, 0, 2**uno.SAMPLE_BITS - 1).astype(np.uint16)


def load_uno_model(spec: str | None = None) -> Model:
    """A model of the Uno's front end: the one that comes with the package, called uno (None is that), else of a file.

    Raises WakewordError as `read_model`.
    """
    return read_model(SHIPPED if spec is None or spec == SHIPPED.stem else Path(spec), UNO)


class UnoEngine:
    """One stream. Any way of cutting the samples into chunks gives the same frames and events."""

    def __init__(self, model: Model) -> None:
        self._featurizer = uno.UnoFeaturizer()
        self._network = FastGRNNQ(model)
        self._detector = Detector(model)
        self.reset()

    def reset(self) -> None:
        """Begin a new stream."""
        self._featurizer.reset()
        self._detector.reset()
        self._state = self._network.initial_state()

    def push(self, samples: npt.NDArray[np.uint16]) -> Trace:
        """Take samples of the converter, from 0 to 1023 at 8 kHz, shape (any,); give the frames that they complete.

        Frames are 16 ms, features (frames, 16); the events' frames are counted in these.
        """
        features = self._featurizer.push(samples)
        trace, self._state = numpy_trace(features, self._network, self._state, self._detector)
        return trace


class UnoAtRecordings:
    """An Uno that hears recordings, int16 at 16 kHz, each chunk sampled by itself."""

    name = "numpy"

    def __init__(self, model: Model) -> None:
        self._engine = UnoEngine(model)

    def reset(self) -> None:
        """Begin a new stream."""
        self._engine.reset()

    def push(self, samples: Samples) -> Trace:
        """Take samples of a recording, of an even number; give the frames that they complete."""
        return self._engine.push(sampled(samples))


def recorded_features(clips: Samples) -> npt.NDArray[np.int16]:
    """Features of recordings, each from a reset state: (n, samples) int16 at 16 kHz to (n, frames, 16)."""
    return uno.clip_features(sampled(clips))


HEARING = Hearing(UNO, 2 * uno.HOP, recorded_features, UnoAtRecordings)
