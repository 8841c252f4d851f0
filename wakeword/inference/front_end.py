"""What stands between clips and a network: a front end, and the engine that runs it with a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from featurizer import HOP
from wakeword.inference.engine import Engine, batch_features, open_engine
from wakeword.model.file import LOG_MEL, FrontEnd, Model


@dataclass(frozen=True)
class Hearing:
    """All of it takes int16 at 16 kHz, whatever it makes of that."""

    front_end: FrontEnd
    hop: int  # samples from one frame to the next
    features: Callable[[npt.NDArray[np.int16]], npt.NDArray[np.int16]]  # (n, samples) to (n, frames, D), log2 Q9
    engine: Callable[[Model], Engine]


COMPUTER = Hearing(LOG_MEL, HOP, batch_features, open_engine)  # and every board but the Uno
