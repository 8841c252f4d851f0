"""Watch a service from outside, in a thread of its own: its memory, and how soon `/healthz` answers."""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench.service.process import Process

_EVERY = 0.25  # seconds
_PATIENCE = 10.0  # seconds for an answer


@dataclass
class Watch:
    """The looks so far, each with its moment on the monotonic clock."""

    process: Process
    health: list[tuple[float, float]] = field(default_factory=list)  # when it was asked, seconds to the answer
    memory: list[tuple[float, float]] = field(default_factory=list)  # when, megabytes
    cpu: list[tuple[float, float]] = field(default_factory=list)  # when, seconds of processor time so far

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._look, args=(look,)) for look in (self._ask, self._weigh)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop watching."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _look(self, look: object) -> None:
        assert callable(look)
        while not self._ended.wait(_EVERY):
            look()

    def _ask(self) -> None:
        """Ask through a new connection, as a monitor does. No answer counts as the whole patience."""
        start = time.monotonic()
        parts = urlsplit(self.process.url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=_PATIENCE)
        try:
            connection.request("GET", "/healthz")
            answered = connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            answered = False
        finally:
            connection.close()
        self.health.append((start, time.monotonic() - start if answered else _PATIENCE))

    def _weigh(self) -> None:
        now = time.monotonic()
        self.memory.append((now, self.process.resident_megabytes()))
        self.cpu.append((now, self.process.cpu_seconds()))

    def share(self, begin: float, end: float) -> float:
        """Return the share of a core that the service got between two moments."""
        looks = [(at, seconds) for at, seconds in self.cpu if begin <= at < end]
        if len(looks) < 2:
            return 0.0
        (first, before), (last, after) = looks[0], looks[-1]
        return (after - before) / (last - first)


def highest(looks: list[tuple[float, float]], begin: float, end: float) -> float:
    """Return the highest value of the looks between two moments; 0 if there was none."""
    return max((value for at, value in looks if begin <= at < end), default=0.0)
