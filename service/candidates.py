"""Let a candidate listen beside the models, and end its trial: by taking it in place of its rival, or without."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from featurizer import SAMPLE_RATE
from service.active_models import ActiveModels
from service.detection.hub import Hub
from service.detection.setup import Setup
from service.detection.tuning import TunedModel
from service.model_registry import ModelRegistry, load_tuned
from service.store.candidates import Candidate, CandidateStore
from service.store.words import WordStore
from wakeword.errors import MissingError, ModelError, WakewordError

NONE = "there is no candidate; PUT /api/studio/candidate lets one listen"
_SAVE_EVERY = 60.0  # seconds; as much of the time that it has listened is lost if the service is killed
_log = structlog.get_logger()


class ListensAlready(WakewordError):
    """Report that a model can't be a candidate, since it listens already."""


class Candidates:
    """Begins and ends the trial of a candidate. No stream is interrupted, and no sample is lost."""

    def __init__(
        self, store: CandidateStore, hub: Hub, registry: ModelRegistry, words: WordStore, changing: asyncio.Lock
    ) -> None:
        """changing: serializes changes of the hub's setup."""
        self.store = store
        self._hub = hub
        self._registry = registry
        self._words = words
        self._changing = changing

    async def current(self) -> Candidate | None:
        """Return the candidate as it is now, or None."""
        async with self._changing:
            candidate = await asyncio.to_thread(self.store.current)
        if candidate is None:
            return None
        return replace(candidate, seconds=candidate.seconds + self._unsaved(candidate.model))

    async def begin(self, name: str) -> None:
        """Let a model listen as the candidate, in place of the one before. If it does so already, it goes on.

        Raises:
            ListensAlready: it is active, or heard after a word.
            ModelError: there is no such model, or it can't be loaded.
        """
        async with self._changing:
            setup = self._hub.setup
            if setup.candidate is not None and setup.candidate.name == name:
                return
            if any(part.name == name for part in setup.parts):
                raise ListensAlready(f"the model {name} listens already; choose another for the candidate")
            part = await asyncio.to_thread(load_tuned, self._registry, self._words, name)
            await asyncio.to_thread(self.store.begin, name, time.time())
            self._hub.candidate_samples.clear()
            self._hub.setup = replace(setup, candidate=part)
        _log.info("a candidate listens", model=name)

    async def end(self) -> None:
        """End the trial, if there is one. Its events stay."""
        async with self._changing:
            await asyncio.to_thread(self.store.save, None)
            self._hub.setup = self._hub.setup.delivered

    async def take(self) -> None:
        """Let the candidate listen for good in place of its rival, or beside the models if it has none.

        Raises:
            MissingError: there is none.
            UsageError: too many models would listen.
        """
        async with self._changing:
            setup = self._hub.setup
            if setup.candidate is None:
                raise MissingError(NONE)
            models = setup.always
            if setup.rival is not None:
                models = tuple(setup.candidate if part is setup.rival else part for part in setup.models)
            active = ActiveModels(*(tuple(part.name for part in parts) for parts in (models, setup.commands)))
            # If the service ends between the two, the candidate is found to be active when it starts, and ends.
            await asyncio.to_thread(self._words.activate, active)
            await asyncio.to_thread(self.store.save, None)
            self._hub.setup = Setup(models, setup.commands)
        _log.info("the candidate was taken", model=setup.candidate.name)

    async def save(self) -> None:
        """Store how long the candidate has listened."""
        async with self._changing:
            candidate = await asyncio.to_thread(self.store.current)
            if candidate is None or not (samples := self._hub.candidate_samples[candidate.model]):
                return
            listened = candidate.seconds + samples / SAMPLE_RATE
            await asyncio.to_thread(self.store.save, replace(candidate, seconds=listened))
            self._hub.candidate_samples[candidate.model] -= samples

    async def save_forever(self) -> None:
        """Store it every minute. If the store can't be used, try again later."""
        while True:
            await asyncio.sleep(_SAVE_EVERY)
            await self.save_quietly()

    async def save_quietly(self) -> None:
        """Store it if the store can be used. The database's trouble is told by others."""
        try:
            await self.save()
        except (SQLAlchemyError, OSError) as error:
            _log.warning("the candidate's time can't be stored", reason=str(error))

    def _unsaved(self, model: str) -> float:
        return self._hub.candidate_samples[model] / SAMPLE_RATE


def resumed(setup: Setup, store: CandidateStore, load: Callable[[str], TunedModel]) -> Setup:
    """Return a setup with the candidate of the service before. If that is active by now or can't be loaded, it ends."""
    candidate = store.current()
    if candidate is None:
        return setup
    if not any(part.name == candidate.model for part in setup.parts):
        try:
            return replace(setup, candidate=load(candidate.model))
        except ModelError as error:
            _log.warning("the candidate can't listen any more", model=candidate.model, reason=str(error))
    store.save(None)
    return setup
