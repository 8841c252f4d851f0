"""Find clips of an abnormal duration: an engine at times breaks off, stutters or drones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from wakeword.synth.voice import Clip

MIN_CLIPS = 8  # fewer say nothing about the usual pace

_EDGES = 2.0  # the first and the last sound last longer, by this many phonemes together
_DEVIATIONS = 4.0
_TOLERANCE = 0.45  # of the logarithm of the pace: an engine's slowest voice takes half as long again


def pace_outliers(clips: Sequence[Clip]) -> list[int]:
    """Return the indices of the clips that last too long or too short for their phonemes and speed.

    A clip's pace is its time for each phoneme at normal speed. It is compared with the clips of the same utterance by
    the same engine, or with all clips of the engine if those are fewer than `MIN_CLIPS`. An outlier differs from the
    median by more than four standard deviations, estimated from the median absolute deviation.
    """
    pace = np.array([np.log(clip.seconds * clip.settings.speed / (clip.phonemes + _EDGES)) for clip in clips])
    by_engine: dict[object, list[int]] = defaultdict(list)
    by_utterance: dict[object, list[int]] = defaultdict(list)
    for index, clip in enumerate(clips):
        by_engine[clip.settings.engine].append(index)
        by_utterance[clip.settings.engine, clip.utterance].append(index)
    outliers = []
    for index, clip in enumerate(clips):
        same = by_utterance[clip.settings.engine, clip.utterance]
        peers = pace[same if len(same) >= MIN_CLIPS else by_engine[clip.settings.engine]]
        if len(peers) >= MIN_CLIPS and _is_outlier(pace[index], peers):
            outliers.append(index)
    return outliers


def _is_outlier(value: float, peers: np.ndarray) -> bool:
    median = np.median(peers)
    deviation = 1.4826 * np.median(np.abs(peers - median))  # of a normal distribution
    return bool(abs(value - median) > max(_DEVIATIONS * deviation, _TOLERANCE))
