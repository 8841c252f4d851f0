"""Match a detector's events to annotated words: hits, misses and false accepts, at one threshold and at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from featurizer import HOP, SAMPLE_RATE, WINDOW
from wakeword.data.annotations import Annotation
from wakeword.evaluation.operating_points import LEVELS, detection_frames
from wakeword.inference.detector import Event
from wakeword.model.file import Model
from wakeword.model.integers import Int16
from wakeword.model.score import as_fraction

_Ints = npt.NDArray[np.int64]
Locate = Callable[[float], tuple[str, float]]  # maps seconds of the stream to a file and seconds of that file


@dataclass(frozen=True)
class Detection:
    """An event of the detector in a file."""

    word: str
    score: float  # smoothed posterior, 0 to 1
    file: str
    time: float  # seconds into the file
    latency: float | None  # seconds from the end of the word; None if the event is a false accept


@dataclass(frozen=True)
class Miss:
    """An annotated word without a detection."""

    word: str
    file: str
    time: float  # its end, in seconds into the file


@dataclass(frozen=True)
class Counts:
    """The outcome of some audio; outcomes add up. W: words of the model, L: thresholds (`LEVELS`)."""

    seconds: float  # of audio without a word of the model
    positives: _Ints  # (W,) annotated words
    hits: _Ints  # (W, L)
    false_accepts: _Ints  # (W, L)
    detections: tuple[Detection, ...]  # at the model's thresholds, all words together
    misses: tuple[Miss, ...]  # likewise

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.seconds + other.seconds,
            self.positives + other.positives,
            self.hits + other.hits,
            self.false_accepts + other.false_accepts,
            self.detections + other.detections,
            self.misses + other.misses,
        )


def empty_counts(words: int) -> Counts:
    """Return the outcome of no audio."""
    counts = np.zeros((words, len(LEVELS)), np.int64)
    return Counts(0.0, counts[:, 0], counts, counts, (), ())


@dataclass(frozen=True)
class EngineOutput:
    """A model's scores and events for a stream, or for a piece of one after a warm-up that isn't counted."""

    scores: Int16  # (frames, W) smoothed posteriors of the words, Q15, warm-up included
    events: Sequence[Event]  # at the model's thresholds, warm-up included
    first_frame: int  # the first that is counted
    seconds: float  # counted


def count_detections(
    model: Model, output: EngineOutput, annotations: Sequence[Annotation], window: float, locate: Locate
) -> Counts:
    """Count hits, misses and false accepts.

    A word is hit by the first event of it from its start until `window` seconds after its end. Every other event is a
    false accept, a second one of the same word too.

    annotations: by their starts, in seconds of the output.
    """
    by_word = {word: [each for each in annotations if each.word == word] for word in model.keywords}
    hits = np.zeros((len(by_word), len(LEVELS)), np.int64)
    false_accepts = np.zeros_like(hits)
    for word, own in enumerate(by_word.values()):
        for levels, frames in detection_frames(output.scores, word, model.detector.refractory):
            times = _times(frames[frames >= output.first_frame])
            hits[word, levels] = len(match(times, own, window))
            false_accepts[word, levels] = len(times) - hits[word, levels]
    detections, misses = _at_own_thresholds(model, output, by_word, window, locate)
    spoken = _covered([each for each in annotations if each.word in by_word], window)
    positives = np.array([len(own) for own in by_word.values()])
    return Counts(max(0.0, output.seconds - spoken), positives, hits, false_accepts, detections, misses)


def match(times: Sequence[float], annotations: Sequence[Annotation], window: float) -> dict[int, int]:
    """Match events of a word, by their times, to its annotations: index of the event -> index of the annotation."""
    found = {}
    at = 0
    for index, annotation in enumerate(annotations):
        while at < len(times) and times[at] < annotation.start:
            at += 1
        if at < len(times) and times[at] <= annotation.end + window:
            found[at] = index
            at += 1
    return found


def _at_own_thresholds(
    model: Model, output: EngineOutput, by_word: dict[str, list[Annotation]], window: float, locate: Locate
) -> tuple[tuple[Detection, ...], tuple[Miss, ...]]:
    """Locate the detections, in the order of the stream, and the misses at the model's thresholds."""
    detections, misses = [], []
    for label, (word, own) in enumerate(by_word.items(), model.first_word):
        events = [event for event in output.events if event.label == label and event.frame >= output.first_frame]
        matched = match([event.time for event in events], own, window)
        for index, event in enumerate(events):
            latency = event.time - own[matched[index]].end if index in matched else None
            detection = Detection(word, as_fraction(event.score), *locate(event.time), latency)
            detections.append((event.frame, detection))
        hit = set(matched.values())
        misses += [Miss(word, *locate(each.end)) for index, each in enumerate(own) if index not in hit]
    return tuple(detection for _, detection in sorted(detections, key=lambda pair: pair[0])), tuple(misses)


def _covered(annotations: Sequence[Annotation], window: float) -> float:
    """Sum the seconds from each start to `window` after its end; annotations may overlap."""
    total = over = 0.0
    for annotation in annotations:
        end = annotation.end + window
        total += max(0.0, end - max(annotation.start, over))
        over = max(over, end)
    return total


def _times(frames: npt.NDArray[np.int64]) -> list[float]:
    """Convert frames to the seconds at which their windows end."""
    return ((frames * HOP + WINDOW) / SAMPLE_RATE).tolist()
