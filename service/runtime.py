"""The running service without its HTTP interface: database, models, hub, recorder, deliveries and background tasks."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import structlog
from sqlalchemy.exc import DBAPIError

from service.delivery.targets import delivery_workers, targets
from service.detection.board import run_board
from service.detection.event_clips import ClipWriter
from service.detection.hub import Hub
from service.detection.microphone import run_microphone
from service.detection.recorder import Recorder
from service.detection.tuning import Setup, tuned
from service.detection.what_if import Counter
from service.metrics import Metrics
from service.model_registry import ModelRegistry
from service.settings import Settings
from service.sockets import listen_at
from service.store.clips import ClipFolder
from service.store.database import Database, open_database
from service.store.events import EventStore
from service.store.retention import retain
from service.store.words import Tuning, WordStore
from service.supervisor import stop, supervise
from service.wyoming.server import serving_wyoming
from wakeword.files import make_private
from wakeword.model.file import Model

_RETENTION_EVERY = 600.0  # seconds
_UPLOADS = 4  # files processed at a time
_log = structlog.get_logger()


@dataclass
class Runtime:
    """The components of the service, as the routes use them."""

    settings: Settings
    database: Database
    events: EventStore
    clips: ClipFolder
    words: WordStore
    registry: ModelRegistry
    metrics: Metrics
    hub: Hub
    recorder: Recorder
    model: Model  # the active model, without its user's settings
    watchers: int = 0  # open event feeds
    closed: bool = False
    uploads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_UPLOADS))
    counter: Counter = field(default_factory=Counter)
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)  # serializes changes of model and settings
    judging: threading.Lock = field(default_factory=threading.Lock)  # serializes verdicts, so each clip is filed once

    def close_feeds(self) -> None:
        """End the endless responses, so that the server can end."""
        self.closed = True
        self.recorder.stored.notify()

    def keywords(self) -> tuple[str, ...]:
        """Return the words of the active model."""
        return self.model.keywords

    async def activate(self, name: str) -> None:
        """Switch to another model, from each stream's next block on.

        Raises:
            ModelError: there is no such model, or it can't be loaded.
        """
        async with self.changing:
            model = await asyncio.to_thread(self.registry.load, name)
            setup = await asyncio.to_thread(self._setup, name, model)
            await asyncio.to_thread(self.words.activate, name)
            self.model, self.hub.setup = model, setup
        _log.info("model activated", model=name)

    async def tune(self, tunings: Mapping[str, Tuning]) -> None:
        """Store and apply words' settings. The caller must hold `changing`, since it has read the old settings."""
        name = self.hub.setup.model_name
        await asyncio.to_thread(self.words.save, name, tunings)
        self.hub.setup = await asyncio.to_thread(self._setup, name, self.model)

    def _setup(self, name: str, model: Model) -> Setup:
        return tuned(name, model, self.words.tunings(name))

    async def retain_forever(self) -> None:
        """Delete old events and clips every ten minutes. If the database is away, try again then."""
        while True:
            try:
                removed = await asyncio.to_thread(
                    retain, self.database, self.clips, self.settings.retention, time.time()
                )
                if removed:
                    _log.info("old events removed", events=removed)
            except (DBAPIError, OSError) as error:
                _log.error("old events can't be removed; trying again later", reason=str(error))
            await asyncio.sleep(_RETENTION_EVERY)


@dataclass(frozen=True)
class Prepared:
    """The components that the user's options may make fail, opened before anything runs."""

    settings: Settings
    database: Database
    registry: ModelRegistry
    words: WordStore
    model_name: str
    model: Model
    wyoming: socket.socket | None  # listening


def prepare(settings: Settings) -> Prepared:
    """Check the settings, make the data folder private, listen for Wyoming, open the database and load the model.

    Raises:
        WakewordError: one of these has failed.
    """
    make_private(settings.data)
    targets(settings)
    wyoming = None if settings.wyoming is None else listen_at(settings.wyoming)
    registry = ModelRegistry(settings.model_folder, settings.model)
    database = open_database(settings.database_url)
    words = WordStore(database)
    model_name = registry.first(words.active_model())
    return Prepared(settings, database, registry, words, model_name, registry.load(model_name), wyoming)


@asynccontextmanager
async def running(prepared: Prepared, metrics: Metrics) -> AsyncIterator[Runtime]:
    """Run the components for the length of the block, and stop them in reverse order."""
    async with AsyncExitStack() as stack:
        stack.callback(prepared.database.close)
        clips = ClipFolder(prepared.settings.clip_folder)
        events = EventStore(prepared.database, clips, targets(prepared.settings))
        recorder = Recorder(events, metrics)
        stack.push_async_callback(recorder.close)
        clip_writer = ClipWriter(events)
        stack.push_async_callback(clip_writer.close)
        runtime = _assembled(prepared, events, clips, recorder, clip_writer, metrics)
        stack.push_async_callback(runtime.hub.close)
        stack.callback(runtime.counter.close)
        for name, work in _background_tasks(runtime):
            task = asyncio.create_task(supervise(name, work, metrics, runtime.settings.part_retry))
            stack.push_async_callback(stop, task)
        if prepared.wyoming is not None:
            await stack.enter_async_context(serving_wyoming(runtime.hub, prepared.settings.limits, prepared.wyoming))
        yield runtime


def _background_tasks(runtime: Runtime) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """Yield the tasks to supervise, each under its name in logs and metrics."""
    settings, stored = runtime.settings, runtime.recorder.stored
    yield "retention", runtime.retain_forever
    for worker in delivery_workers(settings, runtime.database, stored, runtime.metrics, runtime.keywords):
        yield f"deliveries to {worker.name}", worker.run
    if settings.microphone:
        yield "microphone", partial(run_microphone, runtime.hub, settings.device)
    if settings.serial is not None:
        yield "board", partial(run_board, runtime.hub, settings.serial)


def _assembled(
    prepared: Prepared,
    events: EventStore,
    clips: ClipFolder,
    recorder: Recorder,
    clip_writer: ClipWriter,
    metrics: Metrics,
) -> Runtime:
    settings, words = prepared.settings, prepared.words
    setup = tuned(prepared.model_name, prepared.model, words.tunings(prepared.model_name))
    hub = Hub(recorder, setup, metrics, clip_writer if settings.clips else None, settings.limits.streams)
    return Runtime(
        settings, prepared.database, events, clips, words, prepared.registry, metrics, hub, recorder, prepared.model
    )
