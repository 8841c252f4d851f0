"""The end of a service that doesn't end by itself: it says what it waits for, and its process ends.

No acknowledged event is lost by this: each was on the disk before anyone was told.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import gc
from typing import Any

# Of what a task may wait for: its frame, and what it waits for in turn.
_KINDS = (("cr_frame", "cr_await"), ("ag_frame", "ag_await"), ("gi_frame", "gi_yieldfrom"))


def end_within(seconds: float) -> None:
    """End this process after so many seconds with status 1, and write on stderr where its threads are then.

    Neither a blocked event loop nor a thread that is waited for at the exit can prevent it.
    """
    with contextlib.suppress(AttributeError, OSError, RuntimeError, ValueError):  # there is no stderr
        faulthandler.dump_traceback_later(seconds, exit=True)


def waiting_tasks() -> list[str]:
    """Describe the other tasks of the event loop: the functions that each is in, with lines, the outermost first."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    return sorted(" > ".join(_functions(task.get_coro())) for task in tasks)


def _functions(awaited: Any) -> list[str]:
    functions = []
    while kind := _kind(awaited) or _kind(awaited := _step_of(awaited)):
        frame, awaited = getattr(awaited, kind[0]), getattr(awaited, kind[1])
        if frame is not None:
            functions.append(f"{frame.f_code.co_name}:{frame.f_lineno}")
    return functions


def _kind(awaited: Any) -> tuple[str, str] | None:
    return next((kind for kind in _KINDS if hasattr(awaited, kind[0])), None)


def _step_of(awaited: Any) -> Any:
    """Return the generator of which this is a step, such as the end of an `async with`; None if it is none."""
    return next((it for it in gc.get_referents(awaited) if hasattr(it, "ag_frame")), None)
