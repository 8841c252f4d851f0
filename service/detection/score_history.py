"""The scores of the last hour, and the events that other thresholds would have raised from them.

Most frames are far from any word. Only frames in which a word's score reaches `FLOOR` are kept. The simulation is exact
for every threshold from `FLOOR` up, since scores below a threshold don't change the detector's state.

Of a kept frame, the simulation needs the leader, which is the word of the highest score and alone may raise an event,
and whether its score has been below its threshold since it led before. So a frame takes 14 bytes, whatever the number
of words, and a few operations on arrays find the frames above a threshold.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from service.detection.tuning import FRAMES_PER_SECOND, TunedModel
from wakeword.model.file import Int16
from wakeword.model.score import as_q15

FLOOR = 0.1  # lowest score that is kept
_FLOOR_Q15 = as_q15(FLOOR)
HOUR = 3600.0  # seconds
_HOUR_FRAMES = round(HOUR * FRAMES_PER_SECOND)
MAX_FRAMES = 20_000  # kept per source: 200 seconds near words, 280 KB
_MAX_ENDED_FRAMES = 200_000  # kept of all ended sources together
_MAX_ENDED = 1000  # sources; a stranger may open and end fifty a second
_PENDING = 512  # frames; their leaders are found together, which takes little longer than for one

Frames = npt.NDArray[np.int64]


class SimulatedEvent(NamedTuple):
    """An event that other settings would have raised."""

    frame: int
    word: int  # index among the model's words


class _Segment(NamedTuple):
    frame: int  # the first one
    scores: Int16  # (frames, words), Q15


class _Leads(NamedTuple):
    """The leaders of some frames, in their order: arrays of one length."""

    frame: Frames
    word: Int16  # index among the model's words
    score: Int16  # Q15
    lowest: Int16  # the word's lowest score since it led before, both frames included; 0 if it never did

    def part(self, wanted: slice | npt.NDArray[np.bool_]) -> _Leads:
        """Return some of the frames."""
        return _Leads(self.frame[wanted], self.word[wanted], self.score[wanted], self.lowest[wanted])

    def put(self, at: int, leads: _Leads) -> None:
        """Overwrite the frames from `at` on."""
        end = at + len(leads.frame)
        self.frame[at:end], self.word[at:end] = leads.frame, leads.word
        self.score[at:end], self.lowest[at:end] = leads.score, leads.lowest


class _Carry(NamedTuple):
    """The state between one group of frames and the next."""

    frame: int  # the last one
    lowest: Int16  # by word: its lowest score since it led, as in `_Leads`


def _no_leads(room: int = 0) -> _Leads:
    return _Leads(np.empty(room, np.int64), *(np.empty(room, np.int16) for _ in range(3)))


def _leads(carry: _Carry | None, segments: Sequence[_Segment]) -> tuple[_Leads, _Carry]:
    """Find the leaders of the frames near words in these segments, which are in order. carry: of the frames before."""
    frames = np.concatenate([np.arange(it.frame, it.frame + len(it.scores)) for it in segments])
    scores = np.concatenate([it.scores for it in segments])
    near = scores.max(axis=1) >= _FLOOR_Q15
    frames, scores = frames[near], scores[near]
    if carry is None:
        carry = _Carry(int(frames[0]) - 2, np.zeros(scores.shape[1], np.int16))
    rows, words = len(frames) + 1, scores.shape[1]
    # One column of scores after the other; each begins with the carry, as if the word had led in that frame.
    columns = np.concatenate([carry.lowest[None], scores]).T.ravel()
    after_gap = 1 + np.flatnonzero(np.diff(frames, prepend=carry.frame) != 1)
    passed = columns.reshape(words, rows).copy()
    passed[:, after_gap] = 0  # the frames that are not kept were below the floor
    passed = passed.ravel()
    leader = scores.argmax(axis=1)
    mine = leader * rows + np.arange(1, rows)  # places of the leaders' scores
    begins = np.arange(words) * rows
    places = np.sort(np.concatenate([begins, mine]))
    through = passed.copy()
    through[places] = columns[places]
    since = np.minimum.reduceat(through, places)  # from each lead to the frame before the next
    lowest = np.zeros(len(passed), np.int16)
    lowest[places[1:]] = np.minimum(since[:-1], passed[places[1:]])
    last = np.searchsorted(places, begins + rows) - 1  # of each word's leads
    leads = _Leads(frames, leader.astype(np.int16), columns[mine], lowest[mine])
    return leads, _Carry(int(frames[-1]), since[last])


class Scores(NamedTuple):
    """The scores of one source as they were at a moment. Later frames of the source don't change them."""

    leads: Sequence[_Leads]  # in order
    pending: Sequence[_Segment]  # later than `leads`
    carry: _Carry | None
    oldest: int  # frame; earlier ones are more than an hour old

    def prepared(self) -> Scores:
        """Find the leaders of all frames, once for several simulations."""
        if not self.pending:
            return self
        recent, carry = _leads(self.carry, self.pending)
        return Scores([*self.leads, recent], (), carry, self.oldest)

    def simulate(self, other: TunedModel) -> list[SimulatedEvent]:
        """Return the events of the last hour under other settings of the same model.

        Its thresholds must be at least `FLOOR`.
        """
        first_word, pause = other.model.first_word, other.model.detector.refractory
        thresholds, refractory = other.model.detector.thresholds[first_word:], other.refractory[first_word:]
        fired = [False] * len(refractory)
        ready = paused_until = 0
        events: list[SimulatedEvent] = []
        for first, last, word, anew in _runs(self.prepared().leads, np.array(thresholds, np.int16)):
            fired[word] &= not anew
            frame = max(first, paused_until)
            if frame > last or fired[word]:
                continue
            fired[word] = True
            paused_until = frame + 1 + pause
            if frame >= ready:
                ready = frame + 1 + refractory[word]
                if frame >= self.oldest:
                    events.append(SimulatedEvent(frame, word))
        return events


def _runs(parts: Sequence[_Leads], thresholds: Int16) -> Iterable[tuple[int, int, int, bool]]:
    """Return the runs of frames in which one word leads and reaches its threshold.

    Each is (first frame, last frame, word, whether the word was below its threshold since it led before).
    """
    reaching = [part.part(part.score >= thresholds[part.word]) for part in parts]
    frame, word, lowest = (
        np.concatenate([leads.frame for leads in reaching]),
        np.concatenate([leads.word for leads in reaching]),
        np.concatenate([leads.lowest for leads in reaching]),
    )
    if not len(frame):
        return ()
    begins = np.ones(len(frame), bool)
    begins[1:] = (np.diff(frame) != 1) | (word[1:] != word[:-1])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(begins)) - 1
    anew = lowest[first] < thresholds[word[first]]
    columns = frame[first], frame[last], word[first], anew
    return zip(*(column.tolist() for column in columns), strict=True)


class ScoreHistory:
    """The scores of one source under one model."""

    def __init__(self, frame: int) -> None:
        """Begin at a frame of the stream."""
        self._start = frame
        self._end = frame
        self._pending: list[_Segment] = []
        self._pending_frames = 0
        self._carry: _Carry | None = None
        self._leads = _no_leads()  # those at _first.._last are kept
        self._first = self._last = 0

    @property
    def seconds(self) -> float:
        """Return how far back the history reaches."""
        return (self._end - self._start) / FRAMES_PER_SECOND

    @property
    def frame_count(self) -> int:
        """Return the number of frames whose scores are kept."""
        return self._last - self._first + self._pending_frames

    def push(self, frame: int, scores: Int16) -> None:
        """Add the words' scores, (frames, words) in Q15, from `frame` on. Skip frames that were pushed before."""
        scores = scores[self._end - frame :]
        if scores.max(initial=0) >= _FLOOR_Q15:
            near = np.flatnonzero((scores >= _FLOOR_Q15).any(axis=1))
            first, last = int(near[0]), int(near[-1]) + 1
            self._pending.append(_Segment(self._end + first, scores[first:last].copy()))
            self._pending_frames += last - first
            if self._pending_frames >= _PENDING:
                self.settle()
        self._end += len(scores)
        self._drop_old()

    def scores(self, ago: float = 0.0) -> Scores:
        """Return the scores of the last hour. ago: seconds since the source ended."""
        oldest = self._end - _HOUR_FRAMES + round(ago * FRAMES_PER_SECOND)
        leads = self._leads.part(slice(self._first, self._last))
        return Scores((leads,), tuple(self._pending), self._carry, oldest)

    def settle(self) -> None:
        """Find the leaders of the pending frames. Arrays that `scores` has given out stay as they are."""
        if not self._pending:
            return
        leads, self._carry = _leads(self._carry, self._pending)
        self._pending, self._pending_frames = [], 0
        count = len(leads.frame)
        if self._last + count > len(self._leads.frame):
            kept = self._leads.part(slice(self._first, self._last))
            self._leads = _no_leads(max(2 * (len(kept.frame) + count), 2 * _PENDING))
            self._first, self._last = 0, len(kept.frame)
            self._leads.put(0, kept)
        self._leads.put(self._last, leads)
        self._last += count

    def _drop_old(self) -> None:
        oldest = self._end - _HOUR_FRAMES
        first = max(self._first, self._last - MAX_FRAMES)
        while first < self._last and self._leads.frame[first] < oldest:
            first += 1
        if first > self._first:
            self._start = int(self._leads.frame[first - 1]) + 1
            self._first = first
        self._start = max(self._start, oldest)


class _Ended(NamedTuple):
    at: float
    model: Hashable
    history: ScoreHistory


class EndedHistories:
    """The score histories of sources that ended within the hour: a satellite's stream often ends after each word.

    Times are seconds of any clock.
    """

    def __init__(self) -> None:
        self._ended: deque[_Ended] = deque()
        self._frame_count = 0

    def add(self, model: Hashable, history: ScoreHistory, now: float) -> None:
        """Keep the history of a source that has just ended. model: what tells its model from others."""
        if history.frame_count:
            history.settle()
            self._ended.append(_Ended(now, model, history))
            self._frame_count += history.frame_count
        while self._ended and self._is_too_much(now):
            self._frame_count -= self._ended.popleft().history.frame_count

    def _is_too_much(self, now: float) -> bool:
        too_many = len(self._ended) > _MAX_ENDED or self._frame_count > _MAX_ENDED_FRAMES
        return too_many or self._ended[0].at < now - HOUR

    def of(self, model: Hashable, now: float) -> list[tuple[ScoreHistory, float]]:
        """Return each history of a model, with the seconds since its source ended."""
        ended = [(it.history, now - it.at) for it in tuple(self._ended) if it.model == model]
        return [(history, ago) for history, ago in ended if ago < HOUR]
