"""What came of a stream and of clips, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from wakeword.evaluation.det import SECONDS_AN_HOUR, Point, curve, lowest_that_holds, trials_of
from wakeword.evaluation.intervals import poisson_interval
from wakeword.evaluation.scoring import Heard, Tally
from wakeword.model.file import Model
from wakeword.model.score import as_fraction

_RATES = (0.0, 0.1, 1.0, 10.0)  # false accepts per hour whose miss rates are printed


@dataclass(frozen=True)
class StreamReport:
    """A model on a stream, and on clips of its words; either may be empty."""

    model: str
    engine: str
    loaded: Model
    window: float  # seconds from the end of a word in which it may be raised
    stream: Tally
    clips: Tally

    @property
    def hours(self) -> float:
        """Of the stream, without the words that are labelled in it."""
        return self.stream.seconds / SECONDS_AN_HOUR

    @property
    def false_accepts(self) -> list[Heard]:
        """Of the stream, in its order, at the model's thresholds."""
        return [event for event in self.stream.events if event.latency is None]

    def point(self, word: str) -> Point:
        """A word at the model's threshold, with all words of the model at work."""
        index = self.loaded.keywords.index(word)
        missed = sum(miss.word == word for miss in self.stream.missed + self.clips.missed)
        false = sum(event.word == word for event in self.false_accepts)
        threshold = self.loaded.detector.thresholds[self.loaded.first_word + index]
        return Point(threshold, missed, false, trials_of(index, self.stream, self.clips))

    def curve(self, word: str) -> list[Point]:
        """A word at every threshold, by itself."""
        return curve(self.loaded.keywords.index(word), self.stream, self.clips)

    def latencies(self, word: str) -> list[float]:
        """Seconds from the ends of a word to its events."""
        events = self.stream.events + self.clips.events
        return [event.latency for event in events if event.word == word and event.latency is not None]

    def as_json(self) -> dict[str, Any]:
        """The object that `wakeword eval --stream --json` prints."""
        return {
            "model": self.model,
            "engine": self.engine,
            "window": self.window,
            "hours": self.hours,
            "false_accepts_per_hour": len(self.false_accepts) / self.hours if self.hours else None,
            "false_accepts_per_hour_interval": self._total_interval() if self.hours else None,
            "words": {word: self._word_as_json(word) for word in self.loaded.keywords},
            "false_accepts": [_without_latency(event) for event in self.false_accepts],
            "missed": [asdict(miss) for miss in self.stream.missed + self.clips.missed],
            "raised_too_much_in_clips": [_without_latency(e) for e in self.clips.events if e.latency is None],
        }

    def _total_interval(self) -> tuple[float, float]:
        low, high = poisson_interval(len(self.false_accepts))
        return low / self.hours, high / self.hours

    def _word_as_json(self, word: str) -> dict[str, Any]:
        latencies = self.latencies(word)
        return {
            **_as_json(self.point(word)),
            "said": self.point(word).trials.said,
            "latency_median": float(np.median(latencies)) if latencies else None,
            "latency_95th_percentile": float(np.percentile(latencies, 95)) if latencies else None,
            "det": [_as_json(point) for point in self.curve(word)],
        }

    def as_text(self) -> str:
        """Each word at the model's threshold and at others, then the false accepts one by one."""
        lines = []
        for word in self.loaded.keywords:
            point = self.point(word)
            if point.trials.said or self.hours:
                lines += [f"{word}, threshold {as_fraction(point.threshold):.3f}", *described(point)]
                lines += _latency_line(self.latencies(word)) + self._elsewhere(word)
        if len(self.loaded.keywords) > 1 and self.hours:
            low, high = self._total_interval()
            count = len(self.false_accepts)
            lines.append(f"all words: {_rate_line(count, self.hours, low, high)}")
        lines += [
            f"  false accept: {event.word} {event.score:.3f} at {event.time:.2f} s of {event.file}"
            for event in self.false_accepts
        ]
        extra = sum(event.latency is None for event in self.clips.events)
        if extra:
            lines.append(f"in the clips, {extra} more events than words said")
        return "\n".join([*lines, self._footnote()])

    def _elsewhere(self, word: str) -> list[str]:
        """The miss rates at other thresholds, where both errors were tried."""
        points = self.curve(word)
        if not (self.hours and points[0].trials.said):
            return []
        lines = []
        for rate in _RATES:
            point = lowest_that_holds(points, int(rate * self.hours + 1e-9))
            if point is not None and (rate == 0 or rate * self.hours >= 1):
                lines.append(
                    f"  at most {rate:g}/h  misses {point.miss_rate:.1%} at "
                    f"threshold {as_fraction(point.threshold):.3f}"
                )
        return lines

    def _footnote(self) -> str:
        return (
            f"A word counts as found when it is raised from its start until {self.window:g} s after its end. "
            "Intervals: 95 %, Wilson's of a share and Garwood's of a rate."
        )


def _as_json(point: Point) -> dict[str, Any]:
    return {
        "threshold": as_fraction(point.threshold),
        "missed": point.missed,
        "miss_rate": point.miss_rate,
        "miss_rate_interval": point.miss_interval,
        "false_accepts": point.false_accepts,
        "false_accepts_per_hour": point.per_hour,
        "false_accepts_per_hour_interval": point.per_hour_interval,
    }


def _without_latency(event: Heard) -> dict[str, Any]:
    return {name: value for name, value in asdict(event).items() if name != "latency"}


def described(point: Point) -> list[str]:
    """A word's two errors at a threshold, with their intervals; a line for each that was tried."""
    lines = []
    if point.miss_interval is not None:
        low, high = point.miss_interval
        counts = f"{point.missed} of {point.trials.said}"
        lines.append(f"  misses         {point.miss_rate:.1%}, {counts}, interval {low:.1%} to {high:.1%}")
    if point.per_hour_interval is not None:
        lines.append("  " + _rate_line(point.false_accepts, point.trials.hours, *point.per_hour_interval))
    return lines


def _rate_line(count: int, hours: float, low: float, high: float) -> str:
    return f"false accepts  {count / hours:.2f}/h, {count} in {hours:.2f} h, interval {low:.2f} to {high:.2f}"


def _latency_line(latencies: Sequence[float]) -> list[str]:
    if not latencies:
        return []
    middle, late = 1000 * np.percentile(latencies, [50, 95])
    return [f"  latency        {middle:.0f} ms median, {late:.0f} ms 95th percentile, from the end of the word"]
