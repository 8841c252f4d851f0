"""The scores of the last hour, and the events that other thresholds would have raised from them.

Most frames are far from any word. Only frames in which a word's score reaches `FLOOR` are kept. The simulation is exact
for every threshold from `FLOOR` up, since scores below a threshold don't change the detector's state.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from service.detection.tuning import FRAMES_PER_SECOND, Setup
from wakeword.model.file import Int16
from wakeword.model.score import as_q15

FLOOR = 0.1  # lowest score that is kept
_FLOOR_Q15 = as_q15(FLOOR)
HOUR = 3600.0  # seconds
_HOUR_FRAMES = round(HOUR * FRAMES_PER_SECOND)
_MAX_FRAMES = 20_000  # kept per source: 200 seconds near words, half a megabyte
_MAX_ENDED_FRAMES = 200_000  # kept of all ended sources together


class _Segment(NamedTuple):
    frame: int  # the first one
    scores: Int16  # (frames, words), Q15


@dataclass(frozen=True)
class SimulatedEvent:
    """An event that other settings would have raised."""

    frame: int
    word: int  # index among the model's words


class ScoreHistory:
    """The scores of one source under one model."""

    def __init__(self, frame: int) -> None:
        """Begin at a frame of the stream."""
        self._start = frame
        self._end = frame
        self._frame_count = 0
        self._segments: deque[_Segment] = deque()

    @property
    def seconds(self) -> float:
        """Return how far back the history reaches."""
        return (self._end - self._start) / FRAMES_PER_SECOND

    @property
    def frame_count(self) -> int:
        """Return the number of frames whose scores are kept."""
        return self._frame_count

    def push(self, frame: int, scores: Int16) -> None:
        """Add the words' scores, (frames, words) in Q15, from `frame` on. Skip frames that were pushed before."""
        scores = scores[self._end - frame :]
        if scores.max(initial=0) >= _FLOOR_Q15:
            near = np.flatnonzero((scores >= _FLOOR_Q15).any(axis=1))
            first, last = int(near[0]), int(near[-1]) + 1
            self._segments.append(_Segment(self._end + first, scores[first:last].copy()))
            self._frame_count += last - first
        self._end += len(scores)
        self._drop_old()

    def _drop_old(self) -> None:
        oldest = self._end - _HOUR_FRAMES
        while self._segments and (self._frame_count > _MAX_FRAMES or self._segments[0].frame < oldest):
            segment = self._segments.popleft()
            self._frame_count -= len(segment.scores)
            self._start = segment.frame + len(segment.scores)
        self._start = max(self._start, oldest)

    def simulate(self, setup: Setup, ago: float = 0.0) -> list[SimulatedEvent]:
        """Return the events of the last hour under another setup of the same model.

        Its thresholds must be at least `FLOOR`. ago: seconds since the source ended.
        """
        oldest = self._end - _HOUR_FRAMES + round(ago * FRAMES_PER_SECOND)
        first_word, detector = setup.model.first_word, setup.model.detector
        thresholds = np.array(detector.thresholds[first_word:])
        fired = np.zeros(len(thresholds), bool)
        next_frame, pause_until, refractory_until = -1, -1, -1
        events: list[SimulatedEvent] = []
        for frame, scores in self._frames():
            if frame != next_frame:
                fired[:] = False  # the frames between were below the floor
            next_frame = frame + 1
            fired &= scores >= thresholds
            leader = int(np.argmax(scores))
            if frame < pause_until or fired[leader] or scores[leader] < thresholds[leader]:
                continue
            fired[leader] = True
            pause_until = frame + 1 + detector.refractory
            if frame >= refractory_until:
                refractory_until = frame + 1 + setup.refractory[first_word + leader]
                if frame >= oldest:
                    events.append(SimulatedEvent(frame, leader))
        return events

    def _frames(self) -> Iterator[tuple[int, Int16]]:
        for segment in tuple(self._segments):
            for offset, scores in enumerate(segment.scores):
                yield segment.frame + offset, scores


class _Ended(NamedTuple):
    at: float
    model: str
    history: ScoreHistory


class EndedHistories:
    """The score histories of sources that ended within the hour: a satellite's stream often ends after each word.

    Times are seconds of any clock.
    """

    def __init__(self) -> None:
        self._ended: deque[_Ended] = deque()
        self._frame_count = 0

    def add(self, model: str, history: ScoreHistory, now: float) -> None:
        """Keep the history of a source that has just ended."""
        if history.frame_count:
            self._ended.append(_Ended(now, model, history))
            self._frame_count += history.frame_count
        while self._ended and (self._frame_count > _MAX_ENDED_FRAMES or self._ended[0].at < now - HOUR):
            self._frame_count -= self._ended.popleft().history.frame_count

    def of(self, model: str, now: float) -> list[tuple[ScoreHistory, float]]:
        """Return each history of a model, with the seconds since its source ended."""
        ended = [(it.history, now - it.at) for it in tuple(self._ended) if it.model == model]
        return [(history, ago) for history, ago in ended if ago < HOUR]
