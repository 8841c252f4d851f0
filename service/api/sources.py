"""Routes of open streams, and of words that were missed in them."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from featurizer import SAMPLE_RATE
from service import feedback
from service.api.dependencies import Service, no_word
from service.api.names import Name
from service.api.schemas import Filed, Missed, SourceOut
from service.detection.audio_history import loudest
from service.detection.source import Source
from service.problems import documented
from wakeword.audio.level import level_dbfs
from wakeword.data.event_clip import AFTER
from wakeword.model.labels import spelled

router = APIRouter(prefix="/api/sources", tags=["sources"])


@router.get("")
async def list_sources(service: Service) -> list[SourceOut]:
    """List the open streams."""
    return [_out(source) for source in service.hub.sources.values()]


@router.post("/{name}/missed", responses=documented(404, 409, 422))
async def missed(service: Service, name: Annotated[Name, Path(examples=["microphone"])], what: Missed) -> Filed:
    """Report a word that was just spoken and missed.

    The loudest part of the last three seconds is filed for training: a second, or more for a long phrase."""
    source = service.hub.sources.get(name)
    if source is None:
        raise HTTPException(404, f"there is no source {name!r}; GET /api/sources lists them")
    setup = service.hub.setup
    if (spoken_word := spelled(what.word, setup.distinct_words)) is None:
        raise no_word(what.word)
    before = [setup.samples_before[model] for model, word in setup.words if word == spoken_word]
    history = source.history
    length = max(before) + AFTER
    spoken = loudest(history.between(history.start, history.position), length)
    if len(spoken) < SAMPLE_RATE:
        raise HTTPException(409, f"{name} has less than a second of audio yet")
    folder = service.settings.feedback_folder
    limit = service.settings.limits.feedback_clips
    file = await asyncio.to_thread(feedback.file_missed, folder, spoken_word, name, spoken, time.time(), limit)
    return Filed(file=file)


def _out(source: Source) -> SourceOut:
    history = source.history
    return SourceOut(
        name=source.name,
        kind=source.kind,
        seconds=round(history.position / SAMPLE_RATE, 3),
        level=round(level_dbfs(history.between(history.position - SAMPLE_RATE, history.position)), 1),
        model=source.setup.models[0].name,
        models=[part.name for part in source.setup.models],
        then=[part.name for part in source.setup.commands],
        trouble=source.trouble,
    )
