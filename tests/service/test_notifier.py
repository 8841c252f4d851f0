"""The notifier: it wakes whoever waits, and a waiting task can be cancelled at any moment."""

from __future__ import annotations

import asyncio

import pytest

from service.notifier import Notifier
from tests.service.turns import ends_when_cancelled
from tests.waits import PATIENCE


@pytest.mark.parametrize("turns", range(8))
def test_a_waiting_task_can_be_cancelled_at_any_moment_after_the_notification(turns: int) -> None:
    async def run() -> None:
        notifier = Notifier()

        async def work() -> None:
            asyncio.get_running_loop().call_soon(notifier.notify)
            await notifier.wait(PATIENCE)
            await asyncio.Event().wait()

        assert await ends_when_cancelled(work, turns)

    asyncio.run(run())
