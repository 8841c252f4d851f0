"""Where all streams meet: what goes wrong with one of them is no other's matter."""

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
from tests.service.live import PATIENCE
from tests.service.turns import ends_when_cancelled
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


def test_a_stream_goes_on_and_can_end_when_nobody_takes_its_outcomes_any_more(tmp_path: Path) -> None:
    async def run() -> None:
        async with _hub(tmp_path) as hub, hub.stream("a", "test", levels=True) as stream:

            async def give() -> None:
                for count in range(1, 31):
                    await stream.hear(BLOCK)
                    while stream.source.history.position < count * len(BLOCK):  # each block has an outcome of its own
                        await asyncio.sleep(0.001)

            giving = asyncio.create_task(give())
            await asyncio.wait([giving], timeout=0.5)
            assert not giving.done()  # it waits for the outcomes to be told
            stream.leave()
            await asyncio.wait_for(giving, PATIENCE)

    asyncio.run(run())


@pytest.mark.parametrize("together", [False, True])
def test_a_stream_that_fails_while_it_waits_for_the_next_round_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    """No engine can be made to fail in a way that nobody has foreseen, so the failure is made up."""
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
            await failing.hear(BLOCK)
            await asyncio.to_thread(begun.wait, PATIENCE)
            await failing.hear(BLOCK)
            if together:
                await other.hear(BLOCK)
            joined.set()
            with pytest.raises(MemoryError):
                while True:
                    await failing.hear(BLOCK)
                    await asyncio.sleep(0.001)
            await other.hear(BLOCK)
            await other.finish()
            assert other.source.history.position == (2 if together else 1) * len(BLOCK)

    with capture_logs() as said:
        asyncio.run(run())
    assert [(line["event"], line["streams"]) for line in said] == [("streams can't be heard any more", 1)]


@pytest.mark.parametrize("turns", range(8))
def test_its_owner_can_be_stopped_at_any_moment_while_a_stream_closes(tmp_path: Path, turns: int) -> None:
    async def run() -> None:
        async with _hub(tmp_path) as hub:

            async def own() -> None:
                async with hub.stream("ear", "test"):
                    pass
                await asyncio.Event().wait()

            assert await ends_when_cancelled(own, turns)

    asyncio.run(run())
