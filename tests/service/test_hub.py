"""The hub: a failing stream never disturbs the others, and every stream can be closed at any moment."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from service.detection.hub import Hub
from service.detection.recorder import Recorder
from service.detection.tuning import tuned
from service.metrics import Metrics
from service.store.clips import ClipFolder
from service.store.database import open_database
from service.store.events import EventStore
from tests.service.turns import ends_when_cancelled
from tests.waits import PATIENCE
from tests.wakeword.models import random_model
from wakeword.inference.engine import push_all

BLOCK = np.zeros(1600, np.int16)


@asynccontextmanager
async def _hub(folder: Path) -> AsyncIterator[Hub]:
    database = open_database(f"sqlite:///{folder / 'events.sqlite'}")
    recorder = Recorder(EventStore(database, ClipFolder(folder)), Metrics())
    hub = Hub(recorder, tuned("random", random_model(), {}), Metrics())
    yield hub
    await hub.close()
    await recorder.close()
    database.close()


def test_a_stream_continues_and_can_finish_after_its_results_are_discarded(tmp_path: Path) -> None:
    async def run() -> None:
        async with _hub(tmp_path) as hub, hub.stream("a", "test", levels=True) as stream:

            async def push() -> None:
                for count in range(1, 31):
                    await stream.push(BLOCK)
                    while stream.source.history.position < count * len(BLOCK):  # so that each block has its own result
                        await asyncio.sleep(0.001)

            pushing = asyncio.create_task(push())
            await asyncio.wait([pushing], timeout=0.5)
            assert not pushing.done()  # it waits for its results to be read
            stream.discard_results()
            await asyncio.wait_for(pushing, PATIENCE)

    asyncio.run(run())


@pytest.mark.parametrize("together", [False, True])
def test_a_failing_stream_that_waits_for_the_next_batch_fails_no_other_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    """A real engine has no unforeseen failure, so this one is made up."""
    begun, joined = threading.Event(), threading.Event()

    def fail_once(*arguments: Any) -> Any:
        if not begun.is_set():
            begun.set()
            joined.wait(PATIENCE)
            raise MemoryError
        return push_all(*arguments)

    monkeypatch.setattr("service.detection.batcher.push_all", fail_once)

    async def run() -> None:
        async with _hub(tmp_path) as hub, hub.stream("a", "test") as failing, hub.stream("b", "test") as other:
            await failing.push(BLOCK)
            await asyncio.to_thread(begun.wait, PATIENCE)
            await failing.push(BLOCK)
            if together:
                await other.push(BLOCK)
            joined.set()
            with pytest.raises(MemoryError):
                while True:
                    await failing.push(BLOCK)
                    await asyncio.sleep(0.001)
            await other.push(BLOCK)
            await other.finish()
            assert other.source.history.position == (2 if together else 1) * len(BLOCK)

    with capture_logs() as log:
        asyncio.run(run())
    assert [(line["event"], line["streams"]) for line in log] == [("streams failed and were ended", 1)]


@pytest.mark.parametrize("turns", range(8))
def test_a_streams_owner_can_be_cancelled_at_any_moment_while_the_stream_closes(tmp_path: Path, turns: int) -> None:
    async def run() -> None:
        async with _hub(tmp_path) as hub:

            async def own() -> None:
                async with hub.stream("owned", "test"):
                    pass
                await asyncio.Event().wait()

            assert await ends_when_cancelled(own, turns)

    asyncio.run(run())
