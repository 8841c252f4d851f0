"""Routes of the active model's words: their settings, and the effect of others."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Path, Query, Request

from service.api.dependencies import Service
from service.api.schemas import WhatIf, WordOut, WordPatch
from service.detection.score_history import FLOOR, HOUR
from service.detection.tuning import FRAMES_PER_SECOND, with_threshold
from service.problems import documented
from service.runtime import Runtime
from service.store.words import Tuning
from wakeword.model.score import as_fraction

router = APIRouter(prefix="/api/words", tags=["words"])


@router.get("")
async def list_words(service: Service) -> list[WordOut]:
    """List the words of the active model."""
    return _words(service)


@router.patch("", responses=documented(404, 422))
async def change_words(
    service: Service,
    changes: Annotated[dict[str, WordPatch], Body(examples=[{"yes": {"threshold": 0.9}, "no": {"refractory": 2}}])],
) -> list[WordOut]:
    """Change words' settings, at once and for good. No sample is lost."""
    async with service.changing:
        for word in changes:
            if word not in service.model.keywords:
                raise HTTPException(404, f"the active model has no word {word!r}; GET /api/words lists them")
        known = await asyncio.to_thread(service.words.tunings, service.hub.setup.model_name)
        await service.tune({word: _changed(known.get(word, Tuning()), change) for word, change in changes.items()})
    return _words(service)


@router.get("/{word}/what-if", responses=documented(404, 422, 503))
async def what_if(
    request: Request,
    service: Service,
    word: Annotated[str, Path(examples=["yes"])],
    threshold: Annotated[float, Query(ge=FLOOR, le=1, examples=[0.8])],
) -> WhatIf:
    """Count the events that another threshold would have raised in the last hour, under the active model."""
    if word not in service.model.keywords:
        raise HTTPException(404, f"the active model has no word {word!r}; GET /api/words lists them")
    setup, index = service.hub.setup, service.model.keywords.index(word)
    histories = service.hub.score_histories(setup.model_name)
    events, now = await service.counter.count(
        [history.scores(ago) for history, ago in histories],
        [with_threshold(setup, service.model.first_word + index, threshold), setup],
        index,
        request.is_disconnected,
    )
    seconds = min(max((history.seconds + ago for history, ago in histories), default=0.0), HOUR)
    return WhatIf(word=word, threshold=threshold, events=events, now=now, seconds=round(seconds, 2))


def _changed(tuning: Tuning, change: WordPatch) -> Tuning:
    given = change.model_fields_set
    return Tuning(
        change.threshold if "threshold" in given else tuning.threshold,
        change.refractory if "refractory" in given else tuning.refractory,
    )


def _words(service: Runtime) -> list[WordOut]:
    model, setup = service.model, service.hub.setup
    return [
        WordOut(
            word=model.labels[label],
            threshold=round(as_fraction(setup.model.detector.thresholds[label]), 4),
            refractory=setup.refractory[label] / FRAMES_PER_SECOND,
            model_threshold=round(as_fraction(model.detector.thresholds[label]), 4),
            model_refractory=model.detector.refractory / FRAMES_PER_SECOND,
        )
        for label in range(model.first_word, len(model.labels))
    ]
