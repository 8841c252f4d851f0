"""Clips whose length gives them away: an engine at times breaks off, stutters or drones on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wakeword.synth.clips import Clip

FEWEST = 8  # clips that a line can be drawn through

_EDGES = 2.0  # phonemes' worth of time that the first and the last sound take beyond their own
_DEVIATIONS = 4.0
_ALLOWED = 0.45  # in the logarithm of the pace: an engine's slowest voice takes half as long again


def out_of_line(clips: Sequence[Clip]) -> list[int]:
    """The places of the clips that took too long or too short for what they say, at their speed, by their engine.

    A clip's pace is its time for each phoneme at normal speed. It is compared with the clips of the same saying by the
    same engine, and where these are fewer than `FEWEST`, with all clips of the engine. Out of line is what lies
    beyond four standard deviations, which are taken from the median absolute deviation.
    """
    pace = np.array([np.log(clip.seconds * clip.manner.speed / (clip.phonemes + _EDGES)) for clip in clips])
    by_engine: dict[object, list[int]] = defaultdict(list)
    by_saying: dict[object, list[int]] = defaultdict(list)
    for place, clip in enumerate(clips):
        by_engine[clip.manner.engine].append(place)
        by_saying[clip.manner.engine, clip.saying].append(place)
    wrong = []
    for place, clip in enumerate(clips):
        same = by_saying[clip.manner.engine, clip.saying]
        others = pace[same if len(same) >= FEWEST else by_engine[clip.manner.engine]]
        if len(others) >= FEWEST and _is_far(pace[place], others):
            wrong.append(place)
    return wrong


def _is_far(value: float, others: np.ndarray) -> bool:
    median = np.median(others)
    deviation = 1.4826 * np.median(np.abs(others - median))
    return bool(abs(value - median) > max(_DEVIATIONS * deviation, _ALLOWED))
