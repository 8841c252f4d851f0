"""The thread in which engines run, so that whoever talks to the network never waits for one."""

from __future__ import annotations

import asyncio
import queue
import threading
from typing import NamedTuple

from featurizer.logmel import Samples
from service.hearing.source import Heard, Source
from service.hearing.tuning import Setup

_BATCH = 16  # blocks whose results go back together: a hand-over between threads costs as much as an engine's block


class _Job(NamedTuple):
    source: Source
    samples: Samples
    setup: Setup
    future: asyncio.Future[Heard]


class EngineRoom:
    """Hears blocks one after the other. The C core leaves Python's lock alone, so the network goes on meanwhile."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="engines", daemon=True)
        self._thread.start()

    def hear(self, source: Source, samples: Samples, setup: Setup) -> asyncio.Future[Heard]:
        """What a block became. A source's blocks are heard in the order of the calls."""
        future: asyncio.Future[Heard] = self._loop.create_future()
        self._jobs.put(_Job(source, samples, setup, future))
        return future

    def close(self) -> None:
        """Hear what is still waiting, and end."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while job := self._jobs.get():
            results = []
            while job:
                results.append((job.future, self._hear(job)))
                job = self._next() if len(results) < _BATCH else None
            self._loop.call_soon_threadsafe(_deliver, results)

    def _next(self) -> _Job | None:
        """The next block if it is there already."""
        if self._jobs.empty():
            return None
        job = self._jobs.get()
        if job is None:
            self._jobs.put(None)  # for the loop outside
        return job

    @staticmethod
    def _hear(job: _Job) -> Heard | Exception:
        try:
            return job.source.hear(job.samples, job.setup)
        except Exception as error:
            return error


def _deliver(results: list[tuple[asyncio.Future[Heard], Heard | Exception]]) -> None:
    for future, result in results:
        if future.cancelled():
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
