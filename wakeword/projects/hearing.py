"""The state of a hearing, in which the model of a run hears the project's long recordings: `runs/N/hearing.json`.

The process that hears holds the lock of the hearing, which the system frees when it ends, even by a kill. So a hearing
whose state is `running` without a holder was interrupted.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from wakeword.errors import DataError, WakewordError, printable
from wakeword.files import write_whole
from wakeword.projects.locks import held, is_held
from wakeword.projects.runs import Run
from wakeword.projects.stored import stored_object

State = Literal["queued", "running", "interrupted", "done", "failed", "cancelled"]

FILE = "hearing.json"  # in the folder of a run
FORMAT = 1

_INTERVAL = 0.5  # seconds between two lines of progress


@dataclass(frozen=True)
class Hearing:
    """What is known of a hearing. fraction: of the recordings' length, 0 to 1. message: why it failed, or "".

    changed: when the state changed, in seconds since 1970.
    """

    state: State
    fraction: float = 0.0
    message: str = ""
    changed: float = 0.0


def hearing_of(run: Run) -> Hearing | None:
    """Return the state of a run's hearing; None if there was none, or its file can't be read.

    A damaged file is as an interruption.
    """
    found = _read(run)
    if found is not None and found.state == "running" and not is_heard(run):
        found = _read(run)  # it may have ended just now
        if found is not None and found.state == "running":
            return replace(found, state="interrupted")
    return found


def mark(run: Run, state: State, fraction: float = 0.0, message: str = "") -> None:
    """Write the state of a hearing. Raises DataError if it can't be written, or the run is gone."""
    if not run.folder.is_dir():  # somebody has removed it; it must not come back
        raise DataError(f"run {run.number} is gone")
    content = {"format": FORMAT, "state": state, "fraction": round(fraction, 4), "message": message}
    write_whole(run.folder / FILE, json.dumps({**content, "changed": round(time.time(), 3)}).encode(), private=True)


@contextmanager
def heard_by_us(run: Run) -> Iterator[Callable[[float], None]]:
    """Hold the lock of a hearing for the length of the block, and note what becomes of it.

    Yields what is told the share that is done.

    Raises UsageError if another process hears, and DataError if the state can't be written.
    """
    told = time.monotonic()

    def tell(share: float) -> None:
        nonlocal told
        if time.monotonic() - told >= _INTERVAL:
            told = time.monotonic()
            mark(run, "running", share)

    with held(_lock(run), f"run {run.number} hears in another process; wait for it, or end it"):
        try:
            mark(run, "running")
            yield tell
            mark(run, "done", 1.0)
        except WakewordError as error:
            if run.folder.is_dir():
                mark(run, "failed", 0.0, " ".join(str(error).split()))
            raise


def is_heard(run: Run) -> bool:
    """Return whether a process hears just now."""
    return is_held(_lock(run))


def _lock(run: Run) -> Path:
    return run.folder / "hearing.lock"


def _read(run: Run) -> Hearing | None:
    try:
        data = (run.folder / FILE).read_bytes()
    except OSError:
        return None
    try:
        content = stored_object(data)
        state, fraction, changed = content["state"], float(content["fraction"]), float(content["changed"])
        if state in get_args(State):
            return Hearing(state, min(1.0, max(0.0, fraction)), printable(content["message"], 2000), changed)
    except (ValueError, TypeError, KeyError):
        pass
    return Hearing("interrupted")
