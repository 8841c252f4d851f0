"""Report misses, false accepts and latency on a stream and on clips, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from wakeword.evaluation.det import SECONDS_AN_HOUR, Point, curve, lowest_that_holds, trials_of
from wakeword.evaluation.intervals import poisson_interval
from wakeword.evaluation.scoring import Counts, Detection
from wakeword.model.file import Model
from wakeword.model.score import as_fraction

_RATES = (0.0, 0.1, 1.0, 10.0)  # false accepts per hour at which miss rates are printed


@dataclass(frozen=True)
class StreamReport:
    """The outcome of a model on a stream and on clips of its words; either may be empty."""

    name: str
    engine: str
    model: Model
    window: float  # seconds after the end of a word in which its detection counts
    stream: Counts
    clips: Counts

    @property
    def hours(self) -> float:
        """Return the hours of the stream, without its labelled words."""
        return self.stream.seconds / SECONDS_AN_HOUR

    @property
    def false_accepts(self) -> list[Detection]:
        """Return those of the stream, in its order, at the model's thresholds."""
        return [each for each in self.stream.detections if each.latency is None]

    def point(self, word: str) -> Point:
        """Return the errors of a word at the model's threshold, with all words of the model active."""
        index = self.model.keywords.index(word)
        missed = sum(miss.word == word for miss in self.stream.misses + self.clips.misses)
        false = sum(each.word == word for each in self.false_accepts)
        threshold = self.model.detector.thresholds[self.model.first_word + index]
        return Point(threshold, missed, false, trials_of(index, self.stream, self.clips))

    def curve(self, word: str) -> list[Point]:
        """Return the errors of a word at every threshold, with this word alone active."""
        return curve(self.model.keywords.index(word), self.stream, self.clips)

    def latencies(self, word: str) -> list[float]:
        """Return the seconds from the end of a word to its detection, for each hit."""
        detections = self.stream.detections + self.clips.detections
        return [each.latency for each in detections if each.word == word and each.latency is not None]

    def as_json(self) -> dict[str, Any]:
        """Return the object that `wakeword eval --stream --json` prints."""
        return {
            "model": self.name,
            "engine": self.engine,
            "window": self.window,
            "hours": self.hours,
            "false_accepts_per_hour": len(self.false_accepts) / self.hours if self.hours else None,
            "false_accepts_per_hour_interval": self._total_interval() if self.hours else None,
            "words": {word: self._word_as_json(word) for word in self.model.keywords},
            "false_accepts": [_without_latency(each) for each in self.false_accepts],
            "missed": [asdict(miss) for miss in self.stream.misses + self.clips.misses],
            "extra_detections_in_clips": [_without_latency(each) for each in self._extra],
        }

    @property
    def _extra(self) -> list[Detection]:
        """Return the detections in clips that aren't hits; they are no false accepts, since clips have no hours."""
        return [each for each in self.clips.detections if each.latency is None]

    def _total_interval(self) -> tuple[float, float]:
        low, high = poisson_interval(len(self.false_accepts))
        return low / self.hours, high / self.hours

    def _word_as_json(self, word: str) -> dict[str, Any]:
        latencies = self.latencies(word)
        return {
            **_as_json(self.point(word)),
            "positives": self.point(word).trials.positives,
            "latency_median": float(np.median(latencies)) if latencies else None,
            "latency_95th_percentile": float(np.percentile(latencies, 95)) if latencies else None,
            "det": [_as_json(point) for point in self.curve(word)],
        }

    def as_text(self) -> str:
        """Return each word's errors at the model's threshold and at others, then the false accepts one by one."""
        lines = []
        for word in self.model.keywords:
            point = self.point(word)
            if point.trials.positives or self.hours:
                lines += [f"{word}, threshold {as_fraction(point.threshold):.3f}", *described(point)]
                lines += _latency_line(self.latencies(word)) + self._elsewhere(word)
        if len(self.model.keywords) > 1 and self.hours:
            low, high = self._total_interval()
            count = len(self.false_accepts)
            lines.append(f"all words: {_rate_line(count, self.hours, low, high)}")
        lines += [
            f"  false accept: {each.word} {each.score:.3f} at {each.time:.2f} s of {each.file}"
            for each in self.false_accepts
        ]
        if self._extra:
            lines.append(f"extra detections in the clips: {len(self._extra)}")
        return "\n".join([*lines, self._footnote()])

    def _elsewhere(self, word: str) -> list[str]:
        """Return a line for each of `_RATES`, if the word has positives and negatives."""
        points = self.curve(word)
        if not (self.hours and points[0].trials.positives):
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
            f"A word is found if its detection comes between its start and {self.window:g} s after its end. "
            "Intervals: 95 %, Wilson's for misses and Garwood's for rates."
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


def _without_latency(detection: Detection) -> dict[str, Any]:
    return {name: value for name, value in asdict(detection).items() if name != "latency"}


def described(point: Point) -> list[str]:
    """Return a line with misses if there are positives, and one with false accepts if there are negatives."""
    lines = []
    if point.miss_interval is not None:
        low, high = point.miss_interval
        counts = f"{point.missed} of {point.trials.positives}"
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
