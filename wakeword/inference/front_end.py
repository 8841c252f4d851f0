"""Front ends: how a network gets its features from samples, and which engine runs both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from featurizer import HOP
from wakeword.inference.engine import Engine, batch_features, open_engine
from wakeword.model.file import LOG_MEL_ID, FrontEndId, Model


@dataclass(frozen=True)
class FrontEnd:
    """A front end and its engine. Both take int16 at 16 kHz, whatever the rate of the chip."""

    id: FrontEndId
    hop: int  # samples at 16 kHz from one frame to the next
    features: Callable[[npt.NDArray[np.int16]], npt.NDArray[np.int16]]  # (n, samples) to (n, frames, D), log2 Q9
    engine: Callable[[Model], Engine]


LOG_MEL = FrontEnd(LOG_MEL_ID, HOP, batch_features, open_engine)  # of computers and of every board but the Uno
