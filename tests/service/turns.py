"""Cancel a task at a certain turn of its event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from tests.waits import PATIENCE


async def ends_when_cancelled(work: Callable[[], Coroutine[None, None, None]], turns: int) -> bool:
    """Return whether a task ends when it is cancelled so many turns of the loop after its start."""
    task = asyncio.create_task(work())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=PATIENCE)
    return task.cancelled()
