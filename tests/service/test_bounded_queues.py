"""Queues while the disk or a reader gives no answer: each has a bound; what comes beyond it waits or is reported."""

from __future__ import annotations

import asyncio
import threading
import tracemalloc
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from service.detection import recorder as recording
from service.detection.board import MAX_UNSTORED
from service.detection.event_clips import MAX_WAITING as MAX_CLIPS
from service.detection.event_clips import ClipWriter
from service.detection.hub import FOLLOWED, Hub
from service.detection.recorder import MAX_WAITING, Recorder
from service.detection.setup import Setup
from service.detection.tuning import tuned
from service.metrics import MAX_WORDS, OTHER_WORDS, Metrics
from service.store.clips import ClipFolder
from service.store.database import open_database
from service.store.events import Event, EventStore, Filter, NewEvent
from tests.service.live import running, settings, words_of_demo
from tests.service.new_events import new_event
from tests.service.test_board import Board
from tests.signals import demo
from tests.waits import PATIENCE, until
from wakeword.model.pretrained import load_model


class SilentDisk(EventStore):
    """A store whose disk gives no answer until it is mended."""

    mended: threading.Event

    def add(self, new_events: Sequence[NewEvent], clips: Sequence[Samples | None] = ()) -> list[Event]:
        self.mended.wait(PATIENCE)
        return super().add(new_events, clips)

    def replace_clips(self, clips: Mapping[int, Samples]) -> None:
        self.mended.wait(PATIENCE)


@pytest.fixture
def mended() -> Iterator[threading.Event]:
    SilentDisk.mended = threading.Event()
    yield SilentDisk.mended
    SilentDisk.mended.set()


@asynccontextmanager
async def _recorder(folder: Path) -> AsyncIterator[tuple[Recorder, EventStore]]:
    database = open_database(f"sqlite:///{folder / 'events.sqlite'}")
    store = SilentDisk(database, ClipFolder(folder))
    recorder = Recorder(store, Metrics())
    yield recorder, store
    await recorder.close()
    database.close()


@asynccontextmanager
async def _hub(folder: Path) -> AsyncIterator[tuple[Hub, EventStore]]:
    async with _recorder(folder) as (recorder, store):
        hub = Hub(recorder, Setup((tuned("google12", load_model(), {}),)), Metrics())
        yield hub, store
        await hub.close()


def test_there_is_room_for_a_thousand_events_that_wait_for_the_disk(tmp_path: Path, mended: threading.Event) -> None:
    async def run() -> int:
        async with _recorder(tmp_path) as (recorder, _):
            stored: list[asyncio.Future[list[Event]]] = []
            while len(stored) < 2 * MAX_WAITING:
                try:
                    await asyncio.wait_for(recorder.room(), 0.2)
                except asyncio.TimeoutError:
                    break
                stored.append(recorder.record([new_event(frame=len(stored))]))
            waiting = len(stored)
            mended.set()
            await asyncio.wait_for(recorder.room(), PATIENCE)
            events = [event for group in await asyncio.gather(*stored) for event in group]
            assert [event.frame for event in events] == list(range(waiting))
            return waiting

    assert asyncio.run(run()) == MAX_WAITING


def test_an_event_that_is_refused_leaves_its_room(tmp_path: Path, mended: threading.Event) -> None:
    async def run() -> None:
        mended.set()
        async with _recorder(tmp_path) as (recorder, _):
            bad = [recorder.record([new_event(score="high")]) for _ in range(MAX_WAITING)]
            await asyncio.wait(bad, timeout=PATIENCE)
            assert all(future.exception() for future in bad)
            await asyncio.wait_for(recorder.room(), 1)

    asyncio.run(run())


def test_streams_wait_while_too_many_events_are_not_stored_and_lose_none(
    tmp_path: Path, mended: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MAX_WAITING", 3)

    async def run() -> list[tuple[str, int]]:
        async with _hub(tmp_path) as (hub, store):
            async with hub.stream("a", "test") as stream:
                stream.discard_results()
                pushing = asyncio.create_task(stream.push(demo()))
                await asyncio.wait([pushing], timeout=0.5)
                assert not pushing.done()
                assert stream.source.history.position < len(demo()) - 4 * SAMPLE_RATE
                mended.set()
                await asyncio.wait_for(pushing, PATIENCE)
                await asyncio.wait_for(stream.finish(), PATIENCE)
            return [(event.word, event.frame) for event in store.after(0, Filter(), 100)]

    assert asyncio.run(run()) == words_of_demo()


def test_tiny_messages_that_wait_take_no_more_memory_than_large_ones(
    tmp_path: Path, mended: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MAX_WAITING", 0)

    async def run() -> int:
        async with _hub(tmp_path) as (hub, _), hub.stream("a", "test") as stream:
            hub._recorder._count_unstored(0)  # no room from the beginning
            tracemalloc.start()
            try:
                for sample in range(20_000):
                    await stream.push(np.array([sample], np.int16))
                kept, _ = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
            assert stream.queued_samples == 20_000
            hub._recorder._has_room.set()
            await asyncio.wait_for(stream.finish(), PATIENCE)
            return kept

    assert asyncio.run(run()) < 8 * 20_000


def test_a_follower_that_reads_nothing_keeps_the_latest_blocks(tmp_path: Path, mended: threading.Event) -> None:
    async def run() -> list[int]:
        async with _hub(tmp_path) as (hub, _), hub.stream("a", "test") as stream:
            stream.discard_results()
            with hub.follow("a") as blocks:
                for number in range(FOLLOWED + 20):
                    await stream.push(np.zeros(160, np.int16))
                    while stream.source.history.position < 160 * (number + 1):
                        await asyncio.sleep(0.001)
                return [blocks.get_nowait().position // 160 for _ in range(blocks.qsize())]

    assert asyncio.run(run()) == list(range(21, FOLLOWED + 21))


def test_whole_clips_beyond_five_hundred_are_dropped(tmp_path: Path, mended: threading.Event) -> None:
    async def run() -> int:
        async with _recorder(tmp_path) as (_, store):
            writer = ClipWriter(store)
            stored: asyncio.Future[list[Event]] = asyncio.get_running_loop().create_future()
            stored.set_result([Event(**vars(new_event()), id=1)])
            for _ in range(2 * MAX_CLIPS):
                writer.write(stored, 0, np.zeros(1, np.int16))
            await asyncio.sleep(0)
            waiting = writer._waiting.qsize()
            mended.set()
            await writer.close()
            return waiting

    assert asyncio.run(run()) == MAX_CLIPS


def test_a_boards_detections_beyond_a_hundred_that_wait_are_lost_and_reported(
    tmp_path: Path, mended: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.runtime.EventStore", SilentDisk)
    board = Board()
    with running(settings(tmp_path, serial=board.port)) as live:
        board.plug_in()
        for frame in range(MAX_UNSTORED + 40):
            board.detect("yes", 16_384, frame)
        trouble = "32 detections were lost so far, 'yes' is the last: events can't be stored"
        until(lambda: live.http.get("/api/sources").json()[0]["trouble"] == trouble)
        mended.set()
        until(lambda: len(_frames(live)) == MAX_UNSTORED)
        assert _frames(live) == list(reversed(range(MAX_UNSTORED)))
        board.detect("yes", 16_384, 999)
        until(lambda: 999 in _frames(live))
    board.remove()


def _frames(live: Any) -> list[int]:
    return [event["frame"] for event in live.http.get("/api/events?limit=200").json()["events"]]


def test_words_that_a_board_makes_up_take_no_counter_each() -> None:
    metrics = Metrics()
    for number in range(MAX_WORDS + 500):
        metrics.count_event(f"word {number}", "board")
    metrics.count_event("word 0", "board")
    lines = [line for line in metrics.text().decode().splitlines() if line.startswith("wakeword_events_total")]
    assert len(lines) == MAX_WORDS + 1
    assert f'wakeword_events_total{{model="",word="{OTHER_WORDS}"}} 500.0' in lines
    assert 'wakeword_events_total{model="board",word="word 0"} 2.0' in lines
