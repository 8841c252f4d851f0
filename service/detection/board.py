"""A board on a serial port as a source: the board detects, the service stores its events."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from concurrent.futures import Future

import structlog

from service.detection.hub import Hub
from service.detection.source import Detection, Source
from service.store.events import Event as StoredEvent
from service.supervisor import in_thread
from wakeword.errors import WakewordError
from wakeword.inference.detector import Event
from wakeword.model.score import as_fraction

NAME = "board"
MAX_UNSTORED = 100  # detections that wait for the disk; those beyond are lost
_MAX_WORD = 200  # characters, as many as a word of a model has at most
_RETRY = 2.0  # seconds between two attempts to find the board
_log = structlog.get_logger()


async def run_board(hub: Hub, port: str) -> None:
    """Store a board's detections until cancelled. While the board is missing, the source's `trouble` says why.

    Raises:
        Exception: the thread that reads the port has failed for another reason.
    """
    async with hub.stream(NAME, "serial") as stream:
        reader = _Reader(hub, stream.source, port)
        try:
            # Reading a port blocks. The thread ends with the process, or at the first message after `closed` is set.
            await in_thread(NAME, reader.run)
            await asyncio.Event().wait()  # the serial library is missing; `trouble` says so
        finally:
            reader.closed = True


class _Closed(Exception):
    """End the reading: the service has ended."""


class _Reader:
    """Reads a board's messages, in a thread."""

    def __init__(self, hub: Hub, source: Source, port: str) -> None:
        self.closed = False
        self._unstored: deque[Future[StoredEvent]] = deque()  # in order
        self._lost = 0  # detections
        self._next_to_report = 1  # lost ones
        self._hub = hub
        self._source = source
        self._port = port
        self._loop = asyncio.get_running_loop()

    def run(self) -> None:
        """Read until closed, or until the serial library turns out to be missing."""
        try:
            from wakeword.boards import serial_link
        except ModuleNotFoundError as error:
            self._report(f"{error.name} is not installed; a board needs the flash extra: pip install 'wakeword[flash]'")
            return
        while not self.closed:
            try:
                serial_link.listen(self._port, lambda found: self._store(found.word, found.event), self._report)
            except WakewordError as error:
                self._report(str(error))
                time.sleep(_RETRY)
            except _Closed:
                return

    def _store(self, word: str, event: Event) -> None:
        if self.closed:
            raise _Closed
        self._settle()
        if len(self._unstored) >= MAX_UNSTORED:
            self._lose(word)
            return
        self._source.trouble = None
        found = Detection(word[:_MAX_WORD], round(as_fraction(event.score), 4), event.frame, NAME)
        self._unstored.append(asyncio.run_coroutine_threadsafe(self._hub.report(self._source, found), self._loop))

    def _settle(self) -> None:
        """Forget the detections that are stored.

        Raises:
            Exception: one of them can't be stored, for a reason that lasts.
        """
        while self._unstored and self._unstored[0].done():
            self._unstored.popleft().result()

    def _lose(self, word: str) -> None:
        """Drop a detection, and report the lost ones each time that their count has doubled."""
        self._lost += 1
        if self._lost >= self._next_to_report:
            self._next_to_report = 2 * self._lost
            self._report(f"{self._lost} detections were lost so far, {word!r} is the last: events can't be stored")

    def _report(self, line: str) -> None:
        """Show a line as the source's trouble, until the next detection. A line on the board's model is no trouble."""
        self._source.trouble = None if line.startswith(f"{self._port}: model") else line
        _log.warning("board", reason=line)
