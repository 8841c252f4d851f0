"""What the words' scores were during the last hour, and what other thresholds would have made of them.

Most of an hour is far from any word. Only frames in which some word's score reaches a floor are kept; a threshold
above the floor is judged by them exactly, for below it the detector merely waits.
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

FLOOR = 0.1  # the lowest score that is kept
_FLOOR_Q15 = as_q15(FLOOR)
HOUR = 3600.0  # seconds
_HOUR = round(HOUR * FRAMES_PER_SECOND)  # frames
_MOST = 20_000  # frames kept of a source: 200 seconds near words, half a megabyte
_MOST_ENDED = 200_000  # frames kept of all sources that have ended


class _Stretch(NamedTuple):
    frame: int
    scores: Int16  # (frames, words), Q15


@dataclass(frozen=True)
class SimulatedEvent:
    """An event that other settings would have raised."""

    frame: int
    word: int  # index among the model's words


class ScoreHistory:
    """The scores of one source under one model."""

    def __init__(self, frame: int) -> None:
        self._began = frame
        self._end = frame
        self._kept = 0
        self._stretches: deque[_Stretch] = deque()

    @property
    def seconds(self) -> float:
        """How far back it reaches."""
        return (self._end - self._began) / FRAMES_PER_SECOND

    def push(self, frame: int, scores: Int16) -> None:
        """The scores of the model's words, (frames, words) in Q15, from a frame on; what is known of them is left."""
        scores = scores[self._end - frame :]
        if scores.max(initial=0) >= _FLOOR_Q15:
            near = np.flatnonzero((scores >= _FLOOR_Q15).any(axis=1))
            first, last = int(near[0]), int(near[-1]) + 1
            self._stretches.append(_Stretch(self._end + first, scores[first:last].copy()))
            self._kept += last - first
        self._end += len(scores)
        self._forget()

    def _forget(self) -> None:
        while self._stretches and (self._kept > _MOST or self._stretches[0].frame < self._end - _HOUR):
            stretch = self._stretches.popleft()
            self._kept -= len(stretch.scores)
            self._began = stretch.frame + len(stretch.scores)
        self._began = max(self._began, self._end - _HOUR)

    @property
    def kept(self) -> int:
        """Frames whose scores it holds."""
        return self._kept

    def simulate(self, setup: Setup, ago: float = 0.0) -> list[SimulatedEvent]:
        """The events that a setup of the same model would have raised, if its thresholds are at least the floor.

        ago: seconds since the source has ended; what was more than an hour ago is left out.
        """
        oldest = self._end - _HOUR + round(ago * FRAMES_PER_SECOND)
        first_word, detector = setup.model.first_word, setup.model.detector
        thresholds = np.array(detector.thresholds[first_word:])
        fired = np.zeros(len(thresholds), bool)
        next_frame, pause_until, quiet_until = -1, -1, -1
        found: list[SimulatedEvent] = []
        for frame, scores in self._frames():
            if frame != next_frame:
                fired[:] = False  # below the floor in between
            next_frame = frame + 1
            fired &= scores >= thresholds
            leader = int(np.argmax(scores))
            if frame < pause_until or fired[leader] or scores[leader] < thresholds[leader]:
                continue
            fired[leader] = True
            pause_until = frame + 1 + detector.refractory
            if frame >= quiet_until:
                quiet_until = frame + 1 + setup.refractory[first_word + leader]
                if frame >= oldest:
                    found.append(SimulatedEvent(frame, leader))
        return found

    def _frames(self) -> Iterator[tuple[int, Int16]]:
        for stretch in tuple(self._stretches):
            for offset, scores in enumerate(stretch.scores):
                yield stretch.frame + offset, scores


class _Ended(NamedTuple):
    at: float
    model: str
    trail: ScoreHistory


class EndedHistories:
    """The trails of sources that ended within the hour: a satellite's stream often ends with its word. It is told the
    time, in seconds."""

    def __init__(self) -> None:
        self._trails: deque[_Ended] = deque()
        self._kept = 0  # frames

    def add(self, model: str, trail: ScoreHistory, now: float) -> None:
        """A source has ended."""
        if trail.kept:
            self._trails.append(_Ended(now, model, trail))
            self._kept += trail.kept
        while self._trails and (self._kept > _MOST_ENDED or self._trails[0].at < now - HOUR):
            self._kept -= self._trails.popleft().trail.kept

    def of(self, model: str, now: float) -> list[tuple[ScoreHistory, float]]:
        """Each of a model, and how many seconds ago it ended."""
        ended = [(it.trail, now - it.at) for it in tuple(self._trails) if it.model == model]
        return [(trail, ago) for trail, ago in ended if ago < HOUR]
