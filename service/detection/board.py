"""A board on a serial port as a source: it hears and detects by itself, and its events are kept like all others."""

from __future__ import annotations

import asyncio
import time

import structlog

from service.detection.hub import Hub
from service.detection.source import Detection, Source
from service.supervisor import in_thread
from wakeword.errors import WakewordError
from wakeword.inference.detector import Event
from wakeword.model.score import as_fraction

NAME = "board"
_AGAIN = 2.0  # seconds between two tries to find the board at first
_log = structlog.get_logger()


async def run_board(hub: Hub, port: str) -> None:
    """Hear it until cancelled. While it isn't there, the source says why.

    Raises:
        Exception: it can't be heard any more for a reason that is no matter of the board.
    """
    async with hub.stream(NAME, "serial") as stream:
        line = _Line(hub, stream.source, port)
        try:
            # A serial port is waited for in a thread, which ends with the process or with the first word after that.
            await in_thread(NAME, line.run)
            await asyncio.Event().wait()  # there is nothing to hear it with; the source says so
        finally:
            line.closed = True


class _Closed(Exception):
    """The service has ended."""


class _Line:
    def __init__(self, hub: Hub, source: Source, port: str) -> None:
        self.closed = False
        self._hub = hub
        self._source = source
        self._port = port
        self._loop = asyncio.get_running_loop()

    def run(self) -> None:
        try:
            from wakeword.boards import serial_link
        except ModuleNotFoundError as error:
            self._say(f"{error.name} is not installed; a board needs the flash extra: pip install 'wakeword[flash]'")
            return
        while not self.closed:
            try:
                serial_link.listen(self._port, lambda heard: self._hear(heard.word, heard.event), self._say)
            except WakewordError as error:
                self._say(str(error))
                time.sleep(_AGAIN)
            except _Closed:
                return

    def _hear(self, word: str, event: Event) -> None:
        if self.closed:
            raise _Closed
        self._source.trouble = None
        found = Detection(word, round(as_fraction(event.score), 4), event.frame, NAME)
        asyncio.run_coroutine_threadsafe(self._hub.report(self._source, found), self._loop).result()

    def _say(self, line: str) -> None:
        """What a board says of its model is no trouble; anything else is, until it is heard again."""
        self._source.trouble = None if line.startswith(f"{self._port}: model") else line
        _log.warning("board", reason=line)
