"""The running service without its HTTP interface: database, models, hub, recorder, deliveries and background tasks."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from service.active_models import ActiveModels
from service.candidates import Candidates, resumed
from service.delivery.targets import delivery_workers, targets
from service.detection.board import run_board
from service.detection.event_clips import ClipWriter
from service.detection.hub import Hub
from service.detection.microphone import run_microphone
from service.detection.recorder import Recorder
from service.detection.setup import Setup
from service.detection.tuning import TunedModel, tuned
from service.detection.what_if import Counter
from service.metrics import Metrics
from service.model_registry import ModelRegistry, load_tuned
from service.receiving import Receiving
from service.settings import Settings
from service.sockets import listen_at
from service.store.candidates import CandidateStore
from service.store.clips import ClipFolder
from service.store.database import Database, open_database, unusable
from service.store.events import EventStore
from service.store.folder import DataFolder
from service.store.trouble import Trouble, trouble_of
from service.store.upkeep import Upkeep
from service.store.words import Tuning, WordStore
from service.studio.studio import Studio
from service.supervisor import stop, supervise
from service.wyoming.server import serving_wyoming
from wakeword.errors import DataError

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
    upkeep: Upkeep
    studio: Studio
    watchers: int = 0  # open event feeds
    closed: bool = False
    candidates: Candidates = field(init=False)
    receiving: Receiving = field(init=False)  # uploads on their way
    uploads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_UPLOADS))
    counter: Counter = field(default_factory=Counter)
    feeding: asyncio.Lock = field(default_factory=asyncio.Lock)  # lets one event feed read at a time
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)  # serializes changes of model and settings
    judging: threading.Lock = field(default_factory=threading.Lock)  # serializes verdicts, so each clip is filed once

    def __post_init__(self) -> None:
        self.receiving = Receiving(self.settings.limits.receiving)
        store = CandidateStore(self.database)
        self.candidates = Candidates(store, self.hub, self.registry, self.words, self.changing)

    def close_feeds(self) -> None:
        """End the endless responses, so that the server can end."""
        self.closed = True
        self.database.hurry()
        self.recorder.stored.notify()
        self.studio.jobs.changed.notify()
        self.studio.hearings.changed.notify()

    @property
    def trouble(self) -> Trouble | None:
        """Return why nothing can be stored at present, or None."""
        return self.recorder.trouble or self.upkeep.trouble

    def spoken(self) -> tuple[str, ...]:
        """Return the words of the models that listen."""
        return self.hub.setup.distinct_words

    async def activate(self, active: ActiveModels) -> None:
        """Switch to other models, from each stream's next block on. A candidate that is among them ends as such.

        Raises:
            ModelError: there is no such model, or it can't be loaded.
        """
        async with self.changing:
            setup = await asyncio.to_thread(load_setup, active, self.registry, self.words)
            await asyncio.to_thread(self.words.activate, active)
            candidate = self.hub.setup.candidate
            if candidate is not None and any(part.name == candidate.name for part in setup.parts):
                candidate = None
                await asyncio.to_thread(self.candidates.store.save, None)
            self.hub.setup = replace(setup, candidate=candidate)
        _log.info("models activated", models=active.models, after_a_word=active.commands)

    async def tune(self, tunings: Mapping[str, Mapping[str, Tuning]]) -> None:
        """Store and apply words' settings, by model and word. The caller must hold `changing`, since it has read the
        old settings."""
        await asyncio.to_thread(self.words.save, tunings)
        self.hub.setup = await asyncio.to_thread(self._tuned_again, self.hub.setup)

    def _tuned_again(self, setup: Setup) -> Setup:
        def again(parts: tuple[TunedModel, ...]) -> tuple[TunedModel, ...]:
            return tuple(tuned(part.name, part.own, self.words.tunings(part.name)) for part in parts)

        return replace(setup, models=again(setup.models), commands=again(setup.commands))


def load_setup(active: ActiveModels, registry: ModelRegistry, words: WordStore) -> Setup:
    """Read these models, with the settings of their words.

    Raises:
        ModelError: there is no such model, or it can't be loaded.
    """

    def loaded(names: tuple[str, ...]) -> tuple[TunedModel, ...]:
        return tuple(load_tuned(registry, words, name) for name in names)

    return Setup(loaded(active.models), loaded(active.commands))


@dataclass(frozen=True)
class Prepared:
    """The components that the user's options may make fail, opened before anything runs."""

    settings: Settings
    folder: DataFolder
    database: Database
    registry: ModelRegistry
    words: WordStore
    setup: Setup
    wyoming: socket.socket | None  # listening


def prepare(settings: Settings) -> Prepared:
    """Check the settings, lock the data folder, listen for Wyoming, open the database and load the models.

    Raises:
        WakewordError: one of these has failed.
    """
    targets(settings)
    registry = ModelRegistry(settings.model_folder, settings.models, settings.commands)
    with ExitStack() as undo:
        folder = DataFolder(settings.data, settings.retention.reserve_bytes)
        undo.callback(folder.close)
        wyoming = None if settings.wyoming is None else listen_at(settings.wyoming)
        if wyoming is not None:
            undo.callback(wyoming.close)
        database = _open_with_reserve(settings, folder)
        undo.callback(database.close)
        words = WordStore(database)
        try:
            setup = load_setup(registry.first(words.active()), registry, words)
            setup = resumed(setup, CandidateStore(database), partial(load_tuned, registry, words))
        except (SQLAlchemyError, OSError) as error:
            raise unusable(error) from error
        undo.pop_all()
    return Prepared(settings, folder, database, registry, words, setup, wyoming)


def _open_with_reserve(settings: Settings, folder: DataFolder) -> Database:
    """Open the database. That takes some room: on a full disk, the room of the reserve."""
    while True:
        try:
            return open_database(settings.database_url, folder.check)
        except DataError as error:
            trouble = trouble_of(error, settings.data)
            if trouble is None or not trouble.full:
                raise
            if not folder.release_reserve():
                raise DataError(f"the disk of {settings.data} is full; make room there, then start again") from error


@asynccontextmanager
async def running(prepared: Prepared, metrics: Metrics) -> AsyncIterator[Runtime]:
    """Run the components for the length of the block, and stop them in reverse order."""
    async with AsyncExitStack() as stack:
        stack.callback(prepared.folder.close)
        stack.callback(prepared.database.close)
        clips = ClipFolder(prepared.settings.clip_folder)
        events = EventStore(prepared.database, clips, targets(prepared.settings))
        recorder = Recorder(events, metrics)
        stack.push_async_callback(recorder.close)
        clip_writer = ClipWriter(events)
        stack.push_async_callback(clip_writer.close)
        runtime = _assembled(prepared, events, clips, recorder, clip_writer, metrics)
        stack.push_async_callback(runtime.candidates.save_quietly)
        stack.push_async_callback(runtime.hub.close)
        stack.callback(runtime.counter.close)
        await asyncio.to_thread(runtime.studio.begin)
        stack.callback(runtime.studio.close)
        tasks = [
            asyncio.create_task(supervise(name, work, metrics, runtime.settings.part_retry))
            for name, work in _background_tasks(runtime)
        ]
        stack.push_async_callback(_stop_all, tasks)
        if prepared.wyoming is not None:
            await stack.enter_async_context(serving_wyoming(runtime.hub, prepared.settings.limits, prepared.wyoming))
        yield runtime


async def _stop_all(tasks: Sequence[asyncio.Task[None]]) -> None:
    await asyncio.gather(*(stop(task) for task in tasks))


def _background_tasks(runtime: Runtime) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """Yield the tasks to supervise, each under its name in logs and metrics."""
    settings, stored = runtime.settings, runtime.recorder.stored
    yield "store", runtime.upkeep.probe_forever
    yield "retention", runtime.upkeep.retain_forever
    yield "candidate", runtime.candidates.save_forever
    yield "trainings", runtime.studio.jobs.train_forever
    yield "hearings", runtime.studio.hearings.hear_forever
    for worker in delivery_workers(settings, runtime.database, stored, runtime.metrics, runtime.spoken):
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
    upkeep = Upkeep(prepared.folder, prepared.database, clips, settings.retention)
    hub = Hub(recorder, prepared.setup, metrics, clip_writer if settings.clips else None, settings.limits.streams)
    return Runtime(
        settings,
        prepared.database,
        events,
        clips,
        words,
        prepared.registry,
        metrics,
        hub,
        recorder,
        upkeep,
        Studio(settings.data, settings.quota),
    )
