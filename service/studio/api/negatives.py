"""Routes of the negatives of a project: long recordings in which nobody says a phrase."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from service.api.dependencies import Service
from service.api.names import MAX_NAME, Name
from service.problems import documented
from service.studio.api.shared import PREFIX, Id, Open
from service.studio.api.take_schemas import NegativeOut
from service.studio.uploads import BODY, log_note, named, received, refusing
from wakeword.projects.negatives import add_negative, convert, negatives, remove_negative

router = APIRouter(prefix=f"{PREFIX}/projects/{{id}}/negatives", tags=["studio"])


@router.get("", responses=documented(404, 422))
def recordings(studio: Open, id: Id) -> list[NegativeOut]:
    """List the recordings."""
    return [NegativeOut.of(each) for each in negatives(studio.project(id))]


@router.post("", status_code=201, openapi_extra=BODY, responses=documented(400, 404, 408, 413, 415, 422, 503, 507))
async def record(
    service: Service,
    studio: Open,
    request: Request,
    id: Id,
    name: Annotated[Name, Query(max_length=MAX_NAME, description="of the file")] = "",
) -> NegativeOut:
    """Store a recording of four hours at most, in which nobody says a phrase: a room, a television, a car."""
    await asyncio.to_thread(studio.folder, id)
    # FLAC is written into a file without a name, and counted, before the project gets it.
    with studio.quota.coming() as count, studio.unnamed() as file:
        async with received(service, request) as path:
            await asyncio.to_thread(refusing(convert), path, file, count, named(path, log_note))
        async with studio.changing:
            project = await asyncio.to_thread(studio.project, id)
            return NegativeOut.of(await asyncio.to_thread(add_negative, project, file, name))


@router.delete("/{name:path}", status_code=204, responses=documented(404, 422))
async def remove(
    studio: Open, id: Id, name: Annotated[str, Path(max_length=MAX_NAME, examples=["living_room.flac"])]
) -> Response:
    """Delete a recording."""
    async with studio.changing:
        await asyncio.to_thread(lambda: remove_negative(studio.project(id), name))
    return Response(status_code=204)
