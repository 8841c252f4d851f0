"""Running a command for each event: `wakeword listen --exec`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from types import TracebackType

from featurizer.logmel import Samples
from wakeword.inference.detector import Event
from wakeword.inference.trace import Trace
from wakeword.model.file import Model
from wakeword.model.score import as_fraction

_MOST = 8  # commands at a time


class Hook:
    """An output that runs a shell command for each event, beside the listening; a context manager.

    The command finds WAKEWORD_WORD, WAKEWORD_SCORE and WAKEWORD_TIME in its environment. What it prints goes to
    stderr, since stdout may be read by a program.
    """

    def __init__(self, model: Model, command: str, say: Callable[[str], None]) -> None:
        """say: is told, in a line, of a command that failed or was left out because too many still ran."""
        self._labels = model.labels
        self._command = command
        self._say = say
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Hook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for those that still run."""
        for process in self._running:
            process.wait()
        self._reap()

    def update(self, samples: Samples, trace: Trace) -> None:
        self._reap()
        for event in trace.events:
            self._run(event)

    def _run(self, event: Event) -> None:
        word = self._labels[event.label]
        if len(self._running) == _MOST:
            self._say(f"{_MOST} commands of --exec still run; none is run for {word!r}")
            return
        values = {"WORD": word, "SCORE": f"{as_fraction(event.score):.4f}", "TIME": f"{event.time:.3f}"}
        environment = {**os.environ, **{f"WAKEWORD_{name}": value for name, value in values.items()}}
        self._running.append(
            subprocess.Popen(
                self._command, shell=True, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno()
            )
        )

    def _reap(self) -> None:
        for process in self._running:
            if process.poll():
                self._say(f"the command of --exec ended with status {process.returncode}")
        self._running = [process for process in self._running if process.returncode is None]
