"""Run a shell command for each event: `wakeword listen --exec`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from types import TracebackType

from featurizer.logmel import Samples
from wakeword.inference.detector import Event
from wakeword.inference.trace import Trace
from wakeword.model.score import as_fraction
from wakeword.model.vocabulary import Vocabulary

_MOST = 8  # commands running at a time


class Hook:
    """An output that runs a shell command for each event, in the background; a context manager.

    The command's environment has WAKEWORD_WORD, WAKEWORD_MODEL (its name), WAKEWORD_SCORE (0 to 1) and WAKEWORD_TIME
    (seconds). Its stdout goes to stderr, since a program may read the stdout of `listen`.
    """

    def __init__(self, vocabulary: Vocabulary, command: str, say: Callable[[str], None]) -> None:
        """say: called with one line when a command fails, or is skipped because too many are running."""
        self._columns = vocabulary.columns
        self._command = command
        self._say = say
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Hook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the commands that are still running."""
        for process in self._running:
            process.wait()
        self._reap()

    def update(self, samples: Samples, trace: Trace) -> None:
        self._reap()
        for event in trace.events:
            self._run(event)

    def _run(self, event: Event) -> None:
        word, model = self._columns[event.label].label, self._columns[event.label].model
        if len(self._running) == _MOST:
            self._say(f"{_MOST} commands of --exec are still running; {word!r} is skipped; use a faster command")
            return
        score, time = f"{as_fraction(event.score):.4f}", f"{event.time:.3f}"
        values = {"WORD": word, "MODEL": model, "SCORE": score, "TIME": time}
        # In UTF-8, whatever the locale. A word may have letters that it lacks.
        own = {f"WAKEWORD_{name}": os.fsdecode(value.encode()) for name, value in values.items()}
        environment = {**os.environ, **own}
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
