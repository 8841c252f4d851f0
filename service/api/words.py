"""Routes of the words that are listened for: their settings, and the effect of others."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Path, Query, Request

from service.api.dependencies import Service, no_word
from service.api.names import MAX_NAME, Name
from service.api.schemas import WhatIf, WordOut, WordPatch
from service.detection.score_history import FLOOR, HOUR
from service.detection.setup import Setup
from service.detection.tuning import FRAMES_PER_SECOND, TunedModel, with_threshold
from service.problems import documented
from service.store.words import Tuning
from wakeword.model.labels import spelled
from wakeword.model.score import as_fraction

router = APIRouter(prefix="/api/words", tags=["words"])
Model = Annotated[
    Name | None,
    Query(max_length=MAX_NAME, examples=["google12"], description="of the words, if several models have one"),
]


@router.get("")
async def list_words(service: Service) -> list[WordOut]:
    """List the words of all models that listen."""
    return _words(service.hub.setup)


@router.patch("", responses=documented(404, 409, 422))
async def change_words(
    service: Service,
    changes: Annotated[dict[str, WordPatch], Body(examples=[{"yes": {"threshold": 0.9}, "no": {"refractory": 2}}])],
    model: Model = None,
) -> list[WordOut]:
    """Change words' settings, at once and for good. No sample is lost."""
    async with service.changing:
        found = [(*_found(service.hub.setup, word, model), change) for word, change in changes.items()]
        tunings: dict[str, dict[str, Tuning]] = {}
        for name in dict.fromkeys(part.name for part, _, _ in found):
            known = await asyncio.to_thread(service.words.tunings, name)
            own = {word: change for part, word, change in found if part.name == name}
            tunings[name] = {word: _changed(known.get(word, Tuning()), change) for word, change in own.items()}
        await service.tune(tunings)
    return _words(service.hub.setup)


@router.get("/{word}/what-if", responses=documented(404, 409, 422, 503))
async def what_if(
    request: Request,
    service: Service,
    word: Annotated[str, Path(examples=["yes"])],
    threshold: Annotated[float, Query(ge=FLOOR, le=1, examples=[0.8])],
    model: Model = None,
) -> WhatIf:
    """Count the events that another threshold would have raised in the last hour, under the word's model."""
    part, word = _found(service.hub.setup, word, model)
    index = part.model.keywords.index(word)
    histories = service.hub.score_histories(part)
    events, now = await service.counter.count(
        [history.scores(ago) for history, ago in histories],
        [with_threshold(part, part.model.first_word + index, threshold), part],
        index,
        request.is_disconnected,
    )
    seconds = min(max((history.seconds + ago for history, ago in histories), default=0.0), HOUR)
    return WhatIf(word=word, model=part.name, threshold=threshold, events=events, now=now, seconds=round(seconds, 2))


def _found(setup: Setup, word: str, model: str | None) -> tuple[TunedModel, str]:
    """Return the model that has a word, and the word as it spells it. model: its name; None if the word alone tells.

    A model that has it in this spelling comes before others.
    """
    named = [(part, spelled(word, part.model.keywords)) for part in setup.parts if model in (None, part.name)]
    in_any = [(part, known) for part, known in named if known is not None]
    found = [(part, known) for part, known in in_any if known == word] or in_any
    if not found:
        raise no_word(word, model)
    if len(found) > 1:
        names = " and ".join(part.name for part, _ in found)
        raise HTTPException(409, f"the models {names} have the word {word!r}; name one of them by ?model=")
    return found[0]


def _changed(tuning: Tuning, change: WordPatch) -> Tuning:
    given = change.model_fields_set
    return Tuning(
        change.threshold if "threshold" in given else tuning.threshold,
        change.refractory if "refractory" in given else tuning.refractory,
    )


def _words(setup: Setup) -> list[WordOut]:
    return [
        _word(part, label, part in setup.commands)
        for part in setup.parts
        for label in range(part.model.first_word, len(part.model.labels))
    ]


def _word(part: TunedModel, label: int, then: bool) -> WordOut:
    return WordOut(
        word=part.model.labels[label],
        model=part.name,
        then=then,
        threshold=round(as_fraction(part.model.detector.thresholds[label]), 4),
        refractory=part.refractory[label] / FRAMES_PER_SECOND,
        model_threshold=round(as_fraction(part.own.detector.thresholds[label]), 4),
        model_refractory=part.own.detector.refractory / FRAMES_PER_SECOND,
    )
