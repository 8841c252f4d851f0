"""How loud samples are."""

from __future__ import annotations

import math

import numpy as np

from featurizer.logmel import Samples

SILENT_DBFS = -96.0  # one bit of 16


def level_dbfs(samples: Samples) -> float:
    """The root mean square in decibels below full scale (a full-scale square wave), at least -96."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    return max(SILENT_DBFS, 10 * math.log10(power / 32768**2)) if power else SILENT_DBFS
