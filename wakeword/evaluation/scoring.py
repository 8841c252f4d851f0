"""Words said against words raised, at the thresholds of a model and at all others. Tallies add up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from featurizer import HOP, SAMPLE_RATE, WINDOW
from wakeword.evaluation.annotations import Span
from wakeword.evaluation.operating_points import LEVELS, raised
from wakeword.inference.detector import Event
from wakeword.model.file import Int16, Model
from wakeword.model.score import as_fraction

Counts = npt.NDArray[np.int64]
Locate = Callable[[float], tuple[str, float]]  # seconds of the stream to a file and seconds of it


@dataclass(frozen=True)
class Heard:
    """An event of the detector."""

    word: str
    score: float  # smoothed posterior, 0 to 1
    file: str
    time: float  # seconds into the file
    latency: float | None  # seconds from the end of the word; None where nobody said it


@dataclass(frozen=True)
class Missed:
    """A word that was said, and not raised."""

    word: str
    file: str
    time: float  # its end, in seconds into the file


@dataclass(frozen=True)
class Tally:
    """What came of some audio. W words of the model, L thresholds (`LEVELS`)."""

    seconds: float  # of audio in which no word of the model was said
    said: Counts  # (W,)
    hits: Counts  # (W, L) words that were raised
    unclaimed: Counts  # (W, L) events that no word can claim
    events: tuple[Heard, ...]  # at the model's thresholds, all words together
    missed: tuple[Missed, ...]  # likewise

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.seconds + other.seconds,
            self.said + other.said,
            self.hits + other.hits,
            self.unclaimed + other.unclaimed,
            self.events + other.events,
            self.missed + other.missed,
        )


def empty_tally(words: int) -> Tally:
    """Of no audio."""
    counts = np.zeros((words, len(LEVELS)), np.int64)
    return Tally(0.0, counts[:, 0], counts, counts, (), ())


@dataclass(frozen=True)
class Pass:
    """What a model made of a stream, or of a piece of one behind a warm-up that doesn't count."""

    scores: Int16  # (frames, W) the smoothed posteriors of its words, Q15, warm-up included
    events: Sequence[Event]  # at the model's thresholds, warm-up included
    first_frame: int  # that counts
    seconds: float  # that count


def tally(model: Model, heard: Pass, spans: Sequence[Span], window: float, locate: Locate) -> Tally:
    """Count what a pass raised of the words that were said.

    spans: by their starts, in seconds of the pass. A word claims the first event of it from its start until `window`
        seconds after its end. What no word claims, a word that is raised twice as well, is unclaimed.
    """
    said = {word: [span for span in spans if span.word == word] for word in model.keywords}
    hits = np.zeros((len(said), len(LEVELS)), np.int64)
    unclaimed = np.zeros_like(hits)
    for word, own in enumerate(said.values()):
        for levels, frames in raised(heard.scores, word, model.detector.refractory):
            times = _times(frames[frames >= heard.first_frame])
            hits[word, levels] = len(claims(times, own, window))
            unclaimed[word, levels] = len(times) - hits[word, levels]
    events, missed = _at_own_thresholds(model, heard, said, window, locate)
    seconds = max(0.0, heard.seconds - _spoken([span for span in spans if span.word in said], window))
    return Tally(seconds, np.array([len(own) for own in said.values()]), hits, unclaimed, events, missed)


def claims(times: Sequence[float], spans: Sequence[Span], window: float) -> dict[int, int]:
    """For each event of a word that was said, by its index, the index of the span that claims it."""
    found = {}
    at = 0
    for index, span in enumerate(spans):
        while at < len(times) and times[at] < span.start:
            at += 1
        if at < len(times) and times[at] <= span.end + window:
            found[at] = index
            at += 1
    return found


def _at_own_thresholds(
    model: Model, heard: Pass, said: dict[str, list[Span]], window: float, locate: Locate
) -> tuple[tuple[Heard, ...], tuple[Missed, ...]]:
    events, missed = [], []
    for label, (word, spans) in enumerate(said.items(), model.first_word):
        own = [event for event in heard.events if event.label == label and event.frame >= heard.first_frame]
        claimed = claims([event.time for event in own], spans, window)
        for index, event in enumerate(own):
            latency = event.time - spans[claimed[index]].end if index in claimed else None
            events.append((event.frame, Heard(word, as_fraction(event.score), *locate(event.time), latency)))
        found = set(claimed.values())
        missed += [Missed(word, *locate(span.end)) for index, span in enumerate(spans) if index not in found]
    return tuple(event for _, event in sorted(events, key=lambda pair: pair[0])), tuple(missed)


def _spoken(spans: Sequence[Span], window: float) -> float:
    """The seconds in which an event would be claimed, or be another word's; spans may overlap."""
    total = over = 0.0
    for span in spans:
        end = span.end + window
        total += max(0.0, end - max(span.start, over))
        over = max(over, end)
    return total


def _times(frames: npt.NDArray[np.int64]) -> list[float]:
    return ((frames * HOP + WINDOW) / SAMPLE_RATE).tolist()
