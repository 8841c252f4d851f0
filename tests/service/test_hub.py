"""The hub: a failing stream never disturbs the others, and every stream can be closed at any moment."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from featurizer import HOP, SAMPLE_RATE, WINDOW
from featurizer.logmel import Samples
from service.detection.hub import Hub
from service.detection.recorder import Recorder
from service.detection.setup import Setup
from service.detection.stream import Stream
from service.detection.tuning import tuned
from service.metrics import Metrics
from service.store.clips import ClipFolder
from service.store.database import open_database
from service.store.events import EventStore
from tests.service.live import words_of_demo
from tests.service.turns import ends_when_cancelled
from tests.signals import demo
from tests.waits import PATIENCE
from tests.wakeword.models import random_model
from wakeword.inference.combined import push_all_combined
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

BLOCK = np.zeros(1600, np.int16)


@asynccontextmanager
async def _hub(folder: Path, model: Model | None = None) -> AsyncIterator[Hub]:
    database = open_database(f"sqlite:///{folder / 'events.sqlite'}")
    recorder = Recorder(EventStore(database, ClipFolder(folder)), Metrics())
    hub = Hub(recorder, Setup((tuned("some", model or random_model(), {}),)), Metrics())
    yield hub
    await hub.close()
    await recorder.close()
    database.close()


async def _push_one_by_one(stream: Stream, blocks: Iterable[Samples]) -> None:
    """Push blocks so that each has its own result."""
    for block in blocks:
        pushed = stream.source.history.position + len(block)
        await stream.push(block)
        while stream.source.history.position < pushed:
            await asyncio.sleep(0.001)


def test_a_stream_waits_for_the_reader_of_its_events_until_they_are_discarded(tmp_path: Path) -> None:
    seconds = len(demo()) // SAMPLE_RATE
    pieces = [*np.split(demo()[: seconds * SAMPLE_RATE], seconds)] * 10  # of one word or none

    async def run() -> None:
        async with _hub(tmp_path, load_model()) as hub, hub.stream("a", "test") as stream:
            pushing = asyncio.create_task(_push_one_by_one(stream, pieces))
            await asyncio.wait([pushing], timeout=1)
            assert not pushing.done()
            stream.discard_results()
            await asyncio.wait_for(pushing, PATIENCE)

    asyncio.run(run())


def test_a_stream_does_not_wait_for_the_reader_of_its_levels_who_misses_the_oldest(tmp_path: Path) -> None:
    async def run() -> None:
        async with _hub(tmp_path) as hub, hub.stream("a", "test", levels=True) as stream:
            await asyncio.wait_for(_push_one_by_one(stream, [BLOCK] * 30), PATIENCE)
            await stream.finish()
            levels = [result.block.position async for result in stream.results() if not result.events]
            assert [position // len(BLOCK) for position in levels] == [27, 28, 29, 30]

    asyncio.run(run())


def test_a_slow_reader_of_levels_misses_no_event(tmp_path: Path) -> None:
    async def run() -> None:
        async with _hub(tmp_path, load_model()) as hub, hub.stream("a", "test", levels=True) as stream:
            found: list[tuple[str, int]] = []

            async def read() -> None:
                async for result in stream.results():
                    found.extend((event.word, event.frame) for event in result.events)
                    await asyncio.sleep(0.05)

            reading = asyncio.create_task(read())
            await _push_one_by_one(stream, np.split(demo()[:80_000], 50))
            await stream.finish()
            await reading
            wanted = [(word, frame) for word, frame in words_of_demo() if frame * HOP + WINDOW <= 80_000]
            assert found == wanted and len(wanted) > 1

    asyncio.run(run())


def test_streams_ahead_of_the_clock_leave_the_next_batch_to_those_that_keep_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, joined = threading.Event(), threading.Event()
    batches: list[list[int]] = []

    def wait_once(engines: Any, blocks: Any) -> Any:
        batches.append([len(block) for block in blocks])
        begun.set()
        joined.wait(PATIENCE)
        return push_all_combined(engines, blocks)

    monkeypatch.setattr("service.detection.batcher.push_all_combined", wait_once)

    async def run() -> None:
        async with _hub(tmp_path) as hub, AsyncExitStack() as streams:
            flooding = [await streams.enter_async_context(hub.stream("flood", "test")) for _ in range(100)]
            paced = await streams.enter_async_context(hub.stream("paced", "test"))
            for stream in flooding:
                await stream.push(np.zeros(4 * SAMPLE_RATE, np.int16))
            await asyncio.to_thread(begun.wait, PATIENCE)
            await paced.push(BLOCK)
            joined.set()
            await paced.finish()
            await asyncio.gather(*(stream.finish() for stream in flooding))
            assert {stream.source.history.position for stream in flooding} == {4 * SAMPLE_RATE}

    asyncio.run(run())
    assert [len(BLOCK) in batch for batch in batches[:3]] == [False, True, False]
    assert max(map(max, batches)) <= SAMPLE_RATE and max(map(sum, batches)) <= 20 * SAMPLE_RATE


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
        return push_all_combined(*arguments)

    monkeypatch.setattr("service.detection.batcher.push_all_combined", fail_once)

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


@pytest.mark.parametrize("first", ["stream", "hub"])
def test_a_stream_whose_samples_are_not_processed_ends_with_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    async def no_room(recorder: Recorder) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Recorder, "room", no_room)
    monkeypatch.setattr("service.detection.hub._LEAVE", 2 * PATIENCE)

    async def run() -> None:
        pushed, closed = asyncio.Event(), asyncio.Event()

        async def own(hub: Hub) -> None:
            async with hub.stream("owned", "test") as stream:
                await stream.push(BLOCK)
                pushed.set()
                if first == "hub":
                    await closed.wait()

        async with _hub(tmp_path) as hub:
            owning = asyncio.create_task(own(hub))
            await pushed.wait()
            await hub.close()
            closed.set()
            await asyncio.wait_for(owning, PATIENCE)

    asyncio.run(run())
