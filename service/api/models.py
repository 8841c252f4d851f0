"""Routes of the models."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from service.api.dependencies import Service
from service.api.schemas import ModelOut
from service.problems import documented
from service.runtime import Runtime
from wakeword.errors import WakewordError
from wakeword.model.size import model_size

router = APIRouter(prefix="/api/models", tags=["models"])


@router.get("")
def list_models(service: Service) -> list[ModelOut]:
    """List the models: the shipped ones, the files in the service's folder `models`, and the one of `--model`."""
    return [_out(service, name) for name in service.registry.paths()]


@router.post("/{id}/activate", responses=documented(404, 422))
async def activate(service: Service, id: Annotated[str, Path(examples=["google12"])]) -> ModelOut:
    """Switch to a model, for good. No stream is interrupted, and no sample is lost."""
    if id not in service.registry.paths():
        raise HTTPException(404, f"there is no model {id!r}; GET /api/models lists them")
    await service.activate(id)
    return await asyncio.to_thread(_out, service, id)


def _out(service: Runtime, name: str) -> ModelOut:
    active = name == service.hub.setup.model_name
    try:
        model = service.registry.load(name)
    except WakewordError as error:
        return ModelOut(id=name, active=active, words=[], bytes=None, problem=str(error))
    size = sum(model_size(model).values())
    return ModelOut(id=name, active=active, words=list(model.keywords), bytes=size, problem=None)
