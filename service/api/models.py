"""Routes of the models."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from service.active_models import ActiveModels
from service.api.dependencies import Service
from service.api.names import Name
from service.api.schemas import CardOut, CardRow, Choice, MeasuredWord, ModelOut, PointOut
from service.problems import documented
from service.runtime import Runtime
from wakeword.errors import WakewordError
from wakeword.evaluation.card import card
from wakeword.model.measured import Word, report_of
from wakeword.model.pretrained import shipped_models
from wakeword.model.size import model_size

router = APIRouter(prefix="/api/models", tags=["models"])


@router.get("")
def list_models(service: Service) -> list[ModelOut]:
    """List the models: the shipped ones, the files in the service's folder `models`, and those of the command line."""
    return [model_out(service, name) for name in service.registry.paths()]


@router.put("/active", responses=documented(404, 422))
async def choose(service: Service, chosen: Choice) -> list[ModelOut]:
    """Switch to these models at once, for good. No stream is interrupted, and no sample is lost.

    Those of `then` are heard for five seconds after a word of the others."""
    check_known(service, *chosen.models, *chosen.then)
    await service.activate(ActiveModels(tuple(chosen.models), tuple(chosen.then)))
    return await asyncio.to_thread(list_models, service)


@router.post("/{id}/activate", responses=documented(404, 422))
async def activate(service: Service, id: Annotated[Name, Path(examples=["google12"])]) -> ModelOut:
    """Switch to a model alone, for good. No stream is interrupted, and no sample is lost."""
    check_known(service, id)
    await service.activate(ActiveModels((id,)))
    return await asyncio.to_thread(model_out, service, id)


@router.get("/{id}/card", responses=documented(404, 422))
def get_card(service: Service, id: Annotated[Name, Path(examples=["google12"])]) -> CardOut:
    """Get the card of a model: what it is, how it was made, and how well it hears."""
    check_known(service, id)
    model = service.registry.load(id)
    report = report_of(model)
    shipped = service.registry.paths()[id] == shipped_models().get(id)
    rows = card(model, id if shipped else "")  # another model of that name has not its figures
    return CardOut(
        id=id,
        good=None if report is None else report.good,
        rows=[CardRow(title=title, text=text) for title, text in rows],
        words=[] if report is None else list(map(_measured, report.words)),
    )


def _measured(word: Word) -> MeasuredWord:
    misses = word.misses.count / word.misses.of if word.misses.of else None
    curve = [PointOut(**asdict(point)) for point in word.curve]
    return MeasuredWord(
        word=word.word, threshold=word.threshold, misses=misses, per_hour=word.false_accepts.per_hour, curve=curve
    )


def check_known(service: Runtime, *names: str) -> None:
    """Check that there are these models. Raises HTTPException, 404, if there is one that isn't there."""
    known = service.registry.paths()
    for name in names:
        if name not in known:
            raise HTTPException(404, f"there is no model {name!r}; GET /api/models lists them")


def model_out(service: Runtime, name: str) -> ModelOut:
    """Describe a model of the registry."""
    setup = service.hub.setup
    active, then = (any(part.name == name for part in parts) for parts in (setup.models, setup.commands))
    try:
        model = service.registry.load(name)
    except WakewordError as error:
        return ModelOut(id=name, active=active, then=then, words=[], bytes=None, problem=str(error))
    size = sum(model_size(model).values())
    return ModelOut(id=name, active=active, then=then, words=list(model.keywords), bytes=size, problem=None)
