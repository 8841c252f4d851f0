"""Mix the channels of a recording or a stream to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

# Of the energy that unrelated channels would leave in the mix. For two channels of one level it is 1 plus their
# correlation: a wrongly wired plug or a mirrored track comes near -1, and rooms and stereo don't.
_CANCELLED = 0.05


class Mixer:
    """Averages channels, unless they cancel each other out so far: then one of them is taken alone."""

    def __init__(self, channels: int, on_cancelled: Callable[[int], None]) -> None:
        """Begin a stream. on_cancelled: is told once, by its number from 1, which channel is taken alone."""
        self._energies = np.zeros(channels)
        self._mixed = 0.0
        self._alone: int | None = None
        self._on_cancelled = on_cancelled

    def mix(self, samples: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the mix of the next samples of a stream, shape (n, channels), as shape (n,)."""
        mean = np.asarray(samples.mean(axis=1))
        with np.errstate(over="ignore", invalid="ignore"):  # of a damaged file, which the reader refuses
            self._energies += np.einsum("ij,ij->j", samples, samples, dtype=np.float64)
            self._mixed += float(np.einsum("i,i->", mean, mean, dtype=np.float64))
            cancelled = self._mixed < _CANCELLED * self._energies.sum() / len(self._energies) ** 2
        if not cancelled:
            return mean
        if self._alone is None:
            self._alone = int(self._energies.argmax())
            self._on_cancelled(self._alone + 1)
        return samples[:, self._alone].astype(mean.dtype)


def cancelled_text(channel: int) -> str:
    """Return what to tell of channels that cancel each other out."""
    return f"the channels have opposite phase and would cancel each other out, so channel {channel} alone is heard"
