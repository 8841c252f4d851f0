"""Count the events of other settings: one request at a time, in a thread that no other route needs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from service.detection.score_history import Scores
from service.detection.tuning import TunedModel
from wakeword.errors import WakewordError

_MAX_OPEN = 4  # requests: one is counted, the others wait for it
_LOOK = 0.1  # seconds between two looks whether the client is still there


class Busy(WakewordError):
    """Report that too many requests of this kind wait already."""


class Gone(WakewordError):
    """Report that the client has gone, so that nobody waits for the answer."""


class Counter:
    """Counts simulated events."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "what-if")
        self._open = 0

    async def count(
        self,
        scores: Sequence[Scores],
        settings: Sequence[TunedModel],
        word: int,
        has_gone: Callable[[], Awaitable[bool]],
    ) -> list[int]:
        """Count a word's events under each of these settings of its model. If the client goes or this is cancelled,
        the counting stops.

        word: its index among the model's words.

        Raises:
            Busy: too many wait already.
            Gone: the client has gone.
        """
        if self._open >= _MAX_OPEN:
            raise Busy("other thresholds are being tried already; try again in a second")
        self._open += 1
        stop = threading.Event()
        counting = asyncio.get_running_loop().run_in_executor(self._thread, _count, scores, settings, word, stop)
        try:
            while not counting.done():
                await asyncio.wait([counting], timeout=_LOOK)
                if not counting.done() and await has_gone():
                    raise Gone("the client has gone")
            return await counting
        finally:
            self._open -= 1
            stop.set()
            counting.cancel()  # if it hasn't begun yet

    def close(self) -> None:
        """Drop what waits."""
        self._thread.shutdown(cancel_futures=True)


def _count(scores: Sequence[Scores], settings: Sequence[TunedModel], word: int, stop: threading.Event) -> list[int]:
    counts = [0] * len(settings)
    for source in scores:
        prepared = source.prepared()
        for number, other in enumerate(settings):
            if stop.is_set():
                return counts
            counts[number] += sum(event.word == word for event in prepared.simulate(other))
    return counts
