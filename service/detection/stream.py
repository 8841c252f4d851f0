"""A source that is open: what waits to be heard of it, and what was heard of it and waits to be told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from service.detection.source import ProcessedBlock, Source
from service.detection.tuning import Setup
from service.store.events import Event
from wakeword.inference.trace import Trace

_AHEAD = 4 * SAMPLE_RATE  # samples that may wait to be heard; whoever has more to give waits
_UNTOLD = 8  # outcomes that may wait to be told, or for the disk: each holds what it was heard from


@dataclass(frozen=True)
class Outcome:
    """Samples as they were heard, and the events that are now kept of them."""

    heard: ProcessedBlock
    events: list[Event]


class Stream:
    """The two ends of a source: its owner gives samples and takes outcomes, the hub hears what was given."""

    def __init__(self, source: Source, levels: bool, call: Callable[[Stream], None]) -> None:
        """levels: whether there is an outcome for all samples, or for those with events only. call: tells the hub that
        there is something to hear."""
        self.source = source
        self.came = 0.0  # when the last samples did, in seconds since 1970
        self.levels = levels
        self._call = call
        self._given: list[Samples] = []
        self._waiting = 0  # samples in `_given`
        self._taken: Samples | None = None  # by the hub, which is at it
        self._unkept = 0  # outcomes whose events aren't on the disk yet
        self._outcomes: asyncio.Queue[tuple[ProcessedBlock, asyncio.Future[list[Event]] | None] | None] = (
            asyncio.Queue()
        )
        self._changed = asyncio.Event()
        self._failure: Exception | None = None
        self._left = False

    @property
    def waits(self) -> bool:
        """Whether there is something to hear."""
        return bool(self._given)

    async def hear(self, samples: Samples) -> None:
        """Give int16 samples at 16 kHz, shape (n,). Waits where too many are not heard yet, or too much not told."""
        for start in range(0, len(samples), _AHEAD):
            if self._failure is not None:
                raise self._failure
            piece = samples[start : start + _AHEAD]
            if not self._given:
                self._call(self)
            self._given.append(piece)
            self._waiting += len(piece)
            self.came = time.time()
            while self._waiting > _AHEAD or (self._outcomes.qsize() > _UNTOLD and not self._left):
                await self._change()

    async def finish(self) -> None:
        """Wait until all that was given is heard, and its events are kept; then the outcomes end."""
        while self._waiting or self._taken is not None or self._unkept:
            await self._change()
        self._outcomes.put_nowait(None)

    async def outcomes(self) -> AsyncIterator[Outcome]:
        """What was heard, in order; events are on the disk by then."""
        while (item := await self._outcomes.get()) is not None:
            heard, kept = item
            events = [] if kept is None else await asyncio.shield(kept)
            self._changed.set()
            yield Outcome(heard, events)
        if self._failure is not None:
            raise self._failure

    def leave(self) -> None:
        """Nobody takes outcomes any more: what is given needn't wait for that."""
        self._left = True
        self._changed.set()

    def take(self, setup: Setup) -> Samples:
        """All that waits, as its engine is to be pushed it. Then comes `heard`."""
        self._taken = self._given[0] if len(self._given) == 1 else np.concatenate(self._given)
        self._given, self._waiting = [], 0
        return self.source.prepare(self._taken, setup)

    def heard(self, trace: Trace, keep: Callable[[ProcessedBlock], asyncio.Future[list[Event]]]) -> ProcessedBlock:
        """Take what came of it. keep: puts the events of what has some down."""
        assert self._taken is not None
        heard = self.source.hear(self._taken, trace)
        self._taken = None
        kept = keep(heard) if heard.detections else None
        if kept is not None:
            self._unkept += 1
            kept.add_done_callback(self._settle)
        if kept is not None or self.levels:
            self._outcomes.put_nowait((heard, kept))
        self._changed.set()
        return heard

    def fail(self, error: Exception) -> None:
        """Let its owner know that nothing more can be heard."""
        self._failure, self._taken = error, None
        self._given, self._waiting = [], 0
        self._outcomes.put_nowait(None)
        self._changed.set()

    def _settle(self, kept: asyncio.Future[list[Event]]) -> None:
        self._unkept -= 1
        self._changed.set()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
