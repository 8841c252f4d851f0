"""What a detector would have raised at every other threshold, from the scores that it computed at one.

A score, the smoothed posterior, depends on no threshold, so one pass through the audio serves them all. Each word is
looked at by itself, as if no other word of the model could raise an event and begin a refractory time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from wakeword.model.file import Int16

Frames = npt.NDArray[np.int64]


def even_log_odds(lowest: float, highest: float, count: int) -> tuple[int, ...]:
    """Thresholds in Q15 between two shares of one, in even steps of the log odds: `count`, or as many as differ."""
    odds = np.exp(np.linspace(np.log(lowest / (1 - lowest)), np.log(highest / (1 - highest)), count))
    return tuple(int(level) for level in np.unique(np.rint(32768 * odds / (1 + odds))))


# Up to the highest there is: a detector's range is up there.
LEVELS = even_log_odds(0.05, 0.99995, 256)


def raised(scores: Int16, word: int, refractory: int, levels: Sequence[int] = LEVELS) -> Iterator[tuple[slice, Frames]]:
    """The frames at which one word of a model would be raised, for each threshold.

    scores: the smoothed posteriors of the model's words alone, Q15, (frames, words), from a reset detector on.
    word: the column.
    refractory: as in `DetectorSettings`.
    levels: thresholds in Q15, rising.

    Yields levels in a row between which no score lies, and their frames, rising, counted as the rows are.
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
    """The events of a word, as `detector.Detector` has them: one for each stay above the threshold at most, at its
    first frame where the word leads and no refractory time runs.

    rows: the frames at which the word is above its threshold, (n,); leads: at which it leads all words, (n,).
    """
    if not leads.any():
        return rows[:0]
    goes_on = np.zeros(len(rows), bool)
    goes_on[1:] = rows[1:] == rows[:-1] + 1
    leading, stay = rows[leads], np.cumsum(~goes_on)[leads]
    events = []
    at = 0
    while at < len(leading):
        events.append(leading[at])
        over = leading[at] + refractory + 1
        at = max(np.searchsorted(leading, over), np.searchsorted(stay, stay[at], side="right"))
    return np.array(events, np.int64)
