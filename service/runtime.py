"""Everything that runs while the service does, apart from the network."""

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
from service.metrics import Metrics
from service.model_registry import ModelRegistry
from service.settings import Settings
from service.sockets import tcp_listener
from service.store.clips import ClipFolder
from service.store.database import Database, open_database
from service.store.events import EventStore
from service.store.retention import retain
from service.store.words import Tuning, WordStore
from service.supervisor import keep_running, stop
from service.wyoming import serving_wyoming
from wakeword.model.file import Model

_RETENTION_EVERY = 600.0  # seconds
_UPLOADS = 4  # files that are examined at a time
_log = structlog.get_logger()


@dataclass
class Runtime:
    """The parts, as the routes use them."""

    settings: Settings
    database: Database
    events: EventStore
    clips: ClipFolder
    words: WordStore
    registry: ModelRegistry
    metrics: Metrics
    hub: Hub
    recorder: Recorder
    model: Model  # the active model as it came, before its user's settings
    watchers: int = 0  # event streams that are open
    closed: bool = False
    uploads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_UPLOADS))
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)  # of model and settings, one after the other
    judging: threading.Lock = field(default_factory=threading.Lock)  # of events, so that each clip is filed once

    def close_streams(self) -> None:
        """Let the endless answers end, so that the server can."""
        self.closed = True
        self.recorder.kept.ring()

    def keywords(self) -> tuple[str, ...]:
        """The words of the active model."""
        return self.model.keywords

    async def activate(self, name: str) -> None:
        """Let another model listen, from each stream's next block on.

        Raises:
            WakewordError: there is no such model, or it can't be loaded.
        """
        async with self.changing:
            model = await asyncio.to_thread(self.registry.load, name)
            setup = await asyncio.to_thread(self._setup, name, model)
            await asyncio.to_thread(self.words.activate, name)
            self.model, self.hub.setup = model, setup
        _log.info("model activated", model=name)

    async def tune(self, tunings: Mapping[str, Tuning]) -> None:
        """Keep words' settings, and follow them. The caller holds `changing`, since it has looked at the old ones."""
        name = self.hub.setup.model_name
        await asyncio.to_thread(self.words.save, name, tunings)
        self.hub.setup = await asyncio.to_thread(self._setup, name, self.model)

    def _setup(self, name: str, model: Model) -> Setup:
        return tuned(name, model, self.words.tunings(name))

    async def retain_forever(self) -> None:
        """Let go of what is beyond the limits, now and then; a database that is away is no failure."""
        while True:
            try:
                removed = await asyncio.to_thread(
                    retain, self.database, self.clips, self.settings.retention, time.time()
                )
                if removed:
                    _log.info("old events removed", events=removed)
            except (DBAPIError, OSError) as error:
                _log.error("old events can't be removed", reason=str(error))
            await asyncio.sleep(_RETENTION_EVERY)


@dataclass(frozen=True)
class Prepared:
    """What can fail for its user's reasons, done before anything runs."""

    settings: Settings
    database: Database
    registry: ModelRegistry
    words: WordStore
    model_name: str
    model: Model
    wyoming: socket.socket | None  # listening


def prepare(settings: Settings) -> Prepared:
    """Open the database, load the model, and listen for Wyoming.

    Raises:
        WakewordError: one of them can't be done, or a setting is not what it should be.
    """
    targets(settings)
    wyoming = None if settings.wyoming is None else tcp_listener(settings.wyoming)
    registry = ModelRegistry(settings.model_folder, settings.model)
    database = open_database(settings.database_url)
    words = WordStore(database)
    model_name = registry.first(words.active_model())
    return Prepared(settings, database, registry, words, model_name, registry.load(model_name), wyoming)


@asynccontextmanager
async def running(prepared: Prepared, metrics: Metrics) -> AsyncIterator[Runtime]:
    """The parts of the service, started, and stopped in the reverse order."""
    async with AsyncExitStack() as stack:
        stack.callback(prepared.database.close)
        clips = ClipFolder(prepared.settings.clip_folder)
        events = EventStore(prepared.database, clips, targets(prepared.settings))
        recorder = Recorder(events, metrics)
        stack.push_async_callback(recorder.close)
        keeper = ClipWriter(events)
        stack.push_async_callback(keeper.close)
        core = _assembled(prepared, events, clips, recorder, keeper, metrics)
        stack.push_async_callback(core.hub.close)
        for name, part in _parts(core):
            task = asyncio.create_task(keep_running(name, part, metrics, core.settings.part_retry))
            stack.push_async_callback(stop, task)
        if prepared.wyoming is not None:
            await stack.enter_async_context(serving_wyoming(core.hub, prepared.wyoming))
        yield core


def _parts(core: Runtime) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """What runs beside the hearing of streams, each under a name for the log."""
    settings = core.settings
    yield "retention", core.retain_forever
    for courier in delivery_workers(settings, core.database, core.recorder.kept, core.metrics, core.keywords):
        yield f"deliveries to {courier.name}", courier.run
    if settings.microphone:
        yield "microphone", partial(run_microphone, core.hub, settings.device)
    if settings.serial is not None:
        yield "board", partial(run_board, core.hub, settings.serial)


def _assembled(
    prepared: Prepared,
    events: EventStore,
    clips: ClipFolder,
    recorder: Recorder,
    keeper: ClipWriter,
    metrics: Metrics,
) -> Runtime:
    settings, words = prepared.settings, prepared.words
    setup = tuned(prepared.model_name, prepared.model, words.tunings(prepared.model_name))
    hub = Hub(recorder, setup, metrics, keeper if settings.clips else None, settings.limits.streams)
    return Runtime(
        settings, prepared.database, events, clips, words, prepared.registry, metrics, hub, recorder, prepared.model
    )
