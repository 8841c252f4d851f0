"""The pipeline of an Arduino Uno in NumPy: the reference of `firmware/src/uno`, equal to it bit for bit.

Network and detector are those of every board. The front end is the Uno's own (featurizer/uno.py).
"""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt

from featurizer import uno
from featurizer.logmel import Samples
from featurizer.samples import as_samples
from wakeword.errors import ModelError
from wakeword.inference.engine import NumpyRecognizer
from wakeword.inference.front_end import FrontEnd
from wakeword.inference.trace import Trace
from wakeword.model.file import FrontEndId, Model, read_model
from wakeword.model.pretrained import shipped_models

UNO_ID = FrontEndId(uno.FEATURIZER_ID, uno.MEL_BANDS)
SHIPPED = Path(__file__).parents[1] / "assets/uno/uno.safetensors"

_CUTOFF_HERTZ = 3400  # of the resistor and the capacitor before the converter's pin
_KEPT = np.exp(-2 * np.pi * _CUTOFF_HERTZ / 16_000)
_RESPONSE = ((1 - _KEPT) * _KEPT ** np.arange(8)).astype(np.float32)  # the rest is below 1e-4


def sampled(samples: Samples, noise: npt.NDArray[np.float32] | None = None) -> npt.NDArray[np.uint16]:
    """Simulate the Uno's converter: recordings (…, n), int16 at 16 kHz, to codes (…, n // 2), 0 to 1023 at 8 kHz.

    Full scale of the recording is full scale of the converter, and zero is its middle. The only anti-aliasing filter
    is a low-pass of one pole at 3.4 kHz, a resistor and a capacitor.

    noise: (…, n // 2), added before rounding, in steps of the converter.
    """
    count = samples.shape[-1] // 2
    padded = np.pad(samples.astype(np.float32), [(0, 0)] * (samples.ndim - 1) + [(len(_RESPONSE) - 1, 0)])
    delayed = (padded[..., len(_RESPONSE) - 1 - delay :][..., : 2 * count : 2] for delay in range(len(_RESPONSE)))
    filtered = sum(weight * wave for weight, wave in zip(_RESPONSE, delayed, strict=True))
    steps = filtered * 2.0 ** (uno.SAMPLE_BITS - 16)
    codes = np.round(steps if noise is None else steps + noise) + 2 ** (uno.SAMPLE_BITS - 1)
    return np.clip(codes, 0, 2**uno.SAMPLE_BITS - 1).astype(np.uint16)


def load_uno_model(spec: str | None = None) -> Model:
    """Read a model of the Uno's front end: the shipped one, "uno", or a file; None is "uno".

    Raises:
        ModelError: It is a shipped model of the log-mel front end, or as `read_model`.
    """
    if spec in (None, SHIPPED.stem):
        return read_model(SHIPPED, UNO_ID)
    if spec in shipped_models():
        raise ModelError(f"{spec} is no model of the Uno's front end; the Uno's shipped model is {SHIPPED.stem}")
    return read_model(Path(spec), UNO_ID)


class UnoEngine:
    """One stream on an Uno. The size of a chunk changes no frame and no event."""

    def __init__(self, model: Model) -> None:
        self._lock = threading.Lock()
        self._featurizer = uno.UnoFeaturizer()
        self._recognizer = NumpyRecognizer(model)

    def reset(self) -> None:
        """Begin a new stream."""
        with self._lock:
            self._featurizer.reset()
            self._recognizer.reset()

    def push(self, samples: npt.NDArray[np.uint16]) -> Trace:
        """Take codes of the converter, 0 to 1023 at 8 kHz, shape (n,); return the frames that they complete.

        A frame is 16 ms and has 16 features. Events count these frames.
        """
        with self._lock:
            return self._recognizer.push(self._featurizer.push(samples))


class UnoAtRecordings:
    """An Uno fed with recordings, int16 at 16 kHz. Each chunk passes the converter by itself."""

    name = "numpy"

    def __init__(self, model: Model) -> None:
        self._engine = UnoEngine(model)

    def reset(self) -> None:
        """Begin a new stream."""
        self._engine.reset()

    def push(self, samples: Samples) -> Trace:
        """Take an even number of samples, int16 at 16 kHz, shape (n,); return the frames that they complete.

        Raises:
            TypeError: The samples have another type or shape, and none was taken; the message says how to convert them.
        """
        return self._engine.push(sampled(as_samples(samples)))


def recorded_features(clips: Samples) -> npt.NDArray[np.int16]:
    """Compute features of recordings (n, samples), int16 at 16 kHz, each from reset; return (n, frames, 16)."""
    return uno.clip_features(sampled(clips))


UNO = FrontEnd(UNO_ID, 2 * uno.HOP, recorded_features, UnoAtRecordings)
