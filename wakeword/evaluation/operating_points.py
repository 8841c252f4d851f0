"""Detections at every threshold, from the scores of one pass through the audio.

A score (smoothed posterior) doesn't depend on thresholds. Each word is treated alone, as if no other word of the model
could raise an event and start a refractory time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from wakeword.model.integers import Int16

Frames = npt.NDArray[np.int64]


def even_log_odds(lowest: float, highest: float, count: int) -> tuple[int, ...]:
    """Return thresholds in Q15 between two fractions of one: `count` even steps of log odds, without duplicates."""
    odds = np.exp(np.linspace(np.log(lowest / (1 - lowest)), np.log(highest / (1 - highest)), count))
    return tuple(int(level) for level in np.unique(np.rint(32768 * odds / (1 + odds))))


LEVELS = even_log_odds(0.05, 0.99995, 256)  # thresholds in Q15, dense near one, the useful range of a detector


def detection_frames(
    scores: Int16, word: int, refractory: int, levels: Sequence[int] = LEVELS
) -> Iterator[tuple[slice, Frames]]:
    """Find the frames of a word's detections at each threshold.

    scores: smoothed posteriors of the model's words, without silence and unknown, Q15, (frames, words), from reset.
    word: the column.
    refractory: as in `DetectorSettings`.
    levels: thresholds in Q15, rising.

    Yields (levels, frames): a slice of levels with the same detections, and their frames, rising, as rows of `scores`.
    """
    rows = np.arange(len(scores))
    score = scores[:, word]
    leads = scores.argmax(axis=1) == word
    level = 0
    while level < len(levels):
        above = score >= levels[level]
        rows, score, leads = rows[above], score[above], leads[above]
        next_level = bisect_right(levels, score.min()) if len(score) else len(levels)
        yield slice(level, next_level), _events(rows, leads, refractory)
        level = next_level


def _events(rows: Frames, leads: npt.NDArray[np.bool_], refractory: int) -> Frames:
    """Find the events by the rule of `EventDetector`.

    Each run of frames above the threshold gives at most one event: at its first frame at which the word leads and no
    refractory time is left.

    rows: frames at which the word is above its threshold, (n,).
    leads: whether it has the highest score of all words there, (n,).
    """
    if not leads.any():
        return rows[:0]
    continues = np.zeros(len(rows), bool)
    continues[1:] = rows[1:] == rows[:-1] + 1
    leading, run = rows[leads], np.cumsum(~continues)[leads]
    events = []
    at = 0
    while at < len(leading):
        events.append(leading[at])
        ready = leading[at] + refractory + 1
        at = max(np.searchsorted(leading, ready), np.searchsorted(run, run[at], side="right"))
    return np.array(events, np.int64)
