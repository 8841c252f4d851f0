"""A log-mel spectrogram for a terminal: a column is 50 ms, a row four mel bands, a shade a level."""

from __future__ import annotations

from collections import deque

import numpy as np
from rich.text import Text

from featurizer import MEL_BANDS
from featurizer.logmel import Features

COLUMNS, ROWS = 60, 8
_FRAMES = 5  # of a column: 50 ms
_QUIET, _LOUD = 6 << 9, 20 << 9  # features (log2 in Q9) of the lightest and the darkest shade
_SHADES = " ·░▒▓█"


class Spectrogram:
    """The last three seconds. One thread may push while another draws."""

    def __init__(self) -> None:
        self._columns: deque[str] = deque([" " * ROWS] * COLUMNS, maxlen=COLUMNS)
        self._pending: list[Features] = []  # frames of the column that is not complete

    def push(self, features: Features) -> None:
        """Take features, (frames, 32) log2 Q9."""
        for frame in features:
            self._pending.append(frame)
            if len(self._pending) == _FRAMES:
                self._columns.append(_column(np.array(self._pending)))
                self._pending.clear()

    def __rich__(self) -> Text:
        columns = tuple(self._columns)
        rows = ("".join(column[row] for column in columns) for row in reversed(range(ROWS)))
        return Text("\n".join(rows), style="cyan", no_wrap=True)


def _column(frames: Features) -> str:
    """Draw a column: a character for each row, the lowest band first."""
    loudness = frames.max(axis=0).reshape(ROWS, MEL_BANDS // ROWS).mean(axis=1)
    shades = (loudness - _QUIET) * len(_SHADES) / (_LOUD - _QUIET)
    return "".join(_SHADES[shade] for shade in shades.clip(0, len(_SHADES) - 1).astype(int))
