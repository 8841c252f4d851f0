"""Several models over one stream: the front end runs once, and each model's network and detector take its features.

Of these, *commands* are models that are heard only for some seconds after a word of another. Short words are raised by
mistake many times an hour in running speech; after a wake word there is little of it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from featurizer import HOP, SAMPLE_RATE
from featurizer.logmel import Features, Samples
from wakeword.errors import UsageError
from wakeword.inference.bulk import check_bulk
from wakeword.inference.detector import Event
from wakeword.inference.engine import EngineName, open_engine, open_recognizer, push_all, step_all
from wakeword.inference.trace import Trace, joined
from wakeword.model.file import Model

COMMAND_SECONDS = 5.0  # for which commands are heard
_APART = 50  # frames; words that two engines find nearer to each other are one


class CombinedEngine:
    """Run several models over one stream.

    Its trace has the columns of all models side by side, then those of the commands; an event's label is a column. The
    scores of commands that are not heard are 0. Several threads may use it: each call has it to itself.
    """

    def __init__(
        self,
        models: Sequence[Model],
        commands: Sequence[Model] = (),
        which: EngineName = "auto",
        seconds: float = COMMAND_SECONDS,
        silent: Sequence[Model] = (),
    ) -> None:
        """commands: heard for so many seconds after an event of the models. silent: models that always listen as well,
        but no command is heard after their events; their columns come between those of the models and the commands.

        Raises:
            UsageError: There is no model; or as `open_engine`.
        """
        if not models:
            raise UsageError("no model is given; give one at least")
        self.lock = threading.Lock()
        self.front = open_engine(models[0], which)
        self.name = self.front.name
        self.others = [open_recognizer(model, which) for model in (*models[1:], *silent)]
        self._waking = len(models)
        self._commands = _Commands(commands, which, round(seconds * SAMPLE_RATE / HOP))
        widths = [len(model.labels) for model in (*models, *silent, *commands)]
        self._first_columns = np.concatenate([[0], np.cumsum(widths)[:-1]]).tolist()

    @property
    def wakes(self) -> tuple[int, ...]:
        """Return the frames of the last words, counted from the last reset, after which the commands are still heard.

        If there are no commands, there are none of these.
        """
        return tuple(self._commands.wakes)

    def reset(self, wakes: Sequence[int] = ()) -> None:
        """Begin a new stream, or go on with one from its last seconds.

        wakes: frames at which another engine has found words, counted from the beginning here; a word before it has a
        negative one. The commands are heard after these words too.
        """
        with self.lock:
            self.front.reset()
            for other in self.others:
                other.reset()
            self._commands.reset(wakes)

    def push(self, samples: Samples) -> Trace:
        """Take samples, int16 at 16 kHz, shape (n,); return the frames that they complete.

        Raises:
            TypeError: The samples have another type or shape, and none was taken; the message says how to convert them.
        """
        with self.lock:
            trace = self.front.push(samples)
            return self.combine([trace, *step_all(self.others, [trace.features] * len(self.others))])

    def combine(self, traces: Sequence[Trace]) -> Trace:
        """Return the trace of all models and of the commands, from those of the models. The caller holds the lock."""
        wakes = [event for trace in traces[: self._waking] for event in trace.events]
        traces = [*traces, *self._commands.push(traces[0].features, wakes)]
        if len(traces) == 1:
            return traces[0]
        events = [
            replace(event, label=first + event.label)
            for first, trace in zip(self._first_columns, traces, strict=True)
            for event in trace.events
        ]
        hidden, posteriors, scores = (
            np.concatenate([getattr(trace, name) for trace in traces], axis=1)
            for name in ("hidden", "posteriors", "scores")
        )
        return Trace(traces[0].features, hidden, posteriors, scores, sorted(events, key=lambda event: event.frame))


class CommandEngine:
    """Run one stream through a model that is heard only for some seconds after a word of another.

    Its trace is that of this model alone.
    """

    def __init__(self, wake: Model, model: Model, which: EngineName = "auto", seconds: float = COMMAND_SECONDS) -> None:
        """wake: the other model. Raises UsageError as `open_engine`."""
        self._engine = CombinedEngine([wake], [model], which, seconds)
        self.name = self._engine.name
        self._labels, self._units = len(wake.labels), wake.hidden

    def reset(self) -> None:
        """Begin a new stream."""
        self._engine.reset()

    def push(self, samples: Samples) -> Trace:
        """Take samples, int16 at 16 kHz, shape (n,); return the frames that they complete.

        Raises:
            TypeError: The samples have another type or shape, and none was taken; the message says how to convert them.
        """
        trace, first = self._engine.push(samples), self._labels
        events = [replace(event, label=event.label - first) for event in trace.events if event.label >= first]
        hidden, posteriors, scores = (
            trace.hidden[:, self._units :],
            trace.posteriors[:, first:],
            trace.scores[:, first:],
        )
        return Trace(trace.features, hidden, posteriors, scores, events)


def push_all_combined(engines: Sequence[CombinedEngine], blocks: Sequence[Samples]) -> list[Trace]:
    """Push a block into each of these engines, which must all differ; return a trace for each.

    If all run the C core, these are two calls into C, and more for streams whose commands are heard. One thread at a
    time may call this.

    Raises, with nothing pushed: as `push_all`.
    """
    blocks = check_bulk(engines, blocks)
    traces = [[trace] for trace in push_all([engine.front for engine in engines], blocks)]
    others = [(own, other) for own, engine in zip(traces, engines, strict=True) for other in engine.others]
    stepped = step_all([other for _, other in others], [own[0].features for own, _ in others])
    for (own, _), trace in zip(others, stepped, strict=True):
        own.append(trace)
    return [engine.combine(own) for engine, own in zip(engines, traces, strict=True)]


class _Commands:
    """The recognizers of the commands, which run only while they are heard, each time from reset."""

    def __init__(self, models: Sequence[Model], which: EngineName, frames: int) -> None:
        self._recognizers = [open_recognizer(model, which) for model in models]
        self._shapes = [(model.hidden, len(model.labels)) for model in models]
        self._most = frames
        self.reset()

    def reset(self, wakes: Sequence[int] = ()) -> None:
        """Begin a new stream. wakes: frames of words before it, which are negative, or in it."""
        for recognizer in self._recognizers:
            recognizer.reset()
        self.wakes = sorted(wakes)  # frames of the last words, and of the known ones to come
        self._known = tuple(wakes)
        before = [self._most + 1 + frame for frame in wakes if frame < 0]
        self._left = max([0, *before])  # frames for which the commands are still heard
        self._frame = 0  # of the stream: the next
        self._first = 0  # of the stream: the recognizers' first

    def push(self, features: Features, events: Sequence[Event]) -> list[Trace]:
        """Take features (frames, D) and the events of the other models in them; return a trace for each command."""
        if not self._recognizers:
            return []
        begin, end = self._frame, self._frame + len(features)
        self.wakes = sorted({*self.wakes, *(event.frame for event in events if not self._knows(event))})
        ends = [frame + 1 - begin for frame in self.wakes if begin <= frame < end]
        self.wakes = [frame for frame in self.wakes if frame >= end - self._most]
        parts, at = [], 0
        for stop in (*ends, len(features)):
            parts.append(self._run(features[at:stop]))
            if stop in ends:
                self._wake()
            at = stop
        return [joined(traces) for traces in zip(*parts, strict=True)]

    def _knows(self, event: Event) -> bool:
        """Return whether an event is a word that is known: a model that begins in between finds it steps apart."""
        return any(abs(event.frame - frame) < _APART for frame in self._known)

    def _wake(self) -> None:
        """Be heard from the next frame on. Commands that are heard already go on, or a command would be cut."""
        if not self._left:
            for recognizer in self._recognizers:
                recognizer.reset()
            self._first = self._frame
        self._left = self._most

    def _run(self, features: Features) -> list[Trace]:
        """Run the recognizers as long as they are heard; the rest of the frames has scores of 0."""
        heard = min(self._left, len(features))
        self._left -= heard
        self._frame += len(features)
        traces = step_all(self._recognizers, [features[:heard]] * len(self._recognizers)) if heard else None
        return [
            self._filled(features, shape, None if traces is None else traces[number])
            for number, shape in enumerate(self._shapes)
        ]

    def _filled(self, features: Features, shape: tuple[int, int], trace: Trace | None) -> Trace:
        units, labels = shape
        hidden, posteriors, scores = (np.zeros((len(features), width), np.int16) for width in (units, labels, labels))
        if trace is None:
            return Trace(features, hidden, posteriors, scores, [])
        heard = len(trace.scores)
        hidden[:heard], posteriors[:heard], scores[:heard] = trace.hidden, trace.posteriors, trace.scores
        events = [replace(event, frame=event.frame + self._first) for event in trace.events]
        return Trace(features, hidden, posteriors, scores, events)
