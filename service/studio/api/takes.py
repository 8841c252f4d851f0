"""Routes of the takes of a project."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from service.api.dependencies import Service
from service.api.names import MAX_NAME, Name
from service.problems import documented
from service.studio.api.shared import PREFIX, Id, Open
from service.studio.api.take_schemas import Made, TakeOut, TakePatch
from service.studio.uploads import BODY, decoded, received
from wakeword.audio.files import encode
from wakeword.projects.takes import DISTANCE, MAX_SECONDS, SPEAKER, Takes

router = APIRouter(prefix=f"{PREFIX}/projects/{{id}}/takes", tags=["studio"])
TakeId = Annotated[str, Path(max_length=MAX_NAME, examples=["5f0c1e9a77b2"], description="id of a take")]
Text = Annotated[Name, Query(max_length=MAX_NAME)]
WAV: dict[int | str, dict[str, Any]] = {
    200: {"description": "the audio", "content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}}
}
BYTES = 4  # that a sample takes at most: it is stored twice, trimmed and whole


@router.get("", responses=documented(404, 422))
def takes(studio: Open, id: Id) -> list[TakeOut]:
    """List the takes, also the files that somebody has put into the project's recordings."""
    return [TakeOut.of(take) for take in Takes(studio.project(id)).all()]


@router.post("", status_code=201, openapi_extra=BODY, responses=documented(400, 404, 408, 413, 415, 422, 503, 507))
async def record(
    service: Service,
    studio: Open,
    request: Request,
    id: Id,
    label: Annotated[
        Text, Query(description="a phrase, _unknown_ or _background_noise_; empty: the first phrase")
    ] = "",
    speaker: Text = SPEAKER,
    distance: Text = DISTANCE,
    name: Annotated[Text, Query(description="of the file")] = "",
    cut: Annotated[bool, Query(description="at its pauses, into a take for each utterance")] = True,
) -> Made:
    """Store a recording, of ten minutes at most, as takes: one for each time that the phrase is said."""
    await asyncio.to_thread(studio.folder, id)
    notes: list[str] = []
    async with received(service, request) as path:
        samples = await decoded(path, MAX_SECONDS, notes.append)
    async with studio.changing:
        await asyncio.to_thread(studio.quota.check, BYTES * len(samples))
        store = Takes(await asyncio.to_thread(studio.project, id))
        return Made.of(await asyncio.to_thread(store.add, samples, label, speaker, distance, name, cut), "".join(notes))


@router.get("/{take}/audio", response_class=Response, responses={**WAV, **documented(404, 422)})
def audio(
    studio: Open,
    id: Id,
    take: TakeId,
    whole: Annotated[bool, Query(description="with what was cut away around it")] = False,
) -> Response:
    """Get the audio of a take as WAV."""
    store = Takes(studio.project(id))
    samples = store.whole(take) if whole else store.trimmed(take)
    return Response(encode(samples, "wav"), media_type="audio/wav", headers={"Cache-Control": "private, no-cache"})


@router.patch("/{take}", responses=documented(404, 422, 507))
async def change(studio: Open, id: Id, take: TakeId, given: TakePatch) -> TakeOut:
    """Trim a take anew, or give it another label, speaker or distance. Nothing of its recording is lost."""

    def changed() -> TakeOut:
        return TakeOut.of(Takes(studio.project(id)).change(take, given.change()))

    async with studio.changing:
        return await asyncio.to_thread(changed)


@router.delete("/{take}", status_code=204, responses=documented(404, 422))
async def remove(studio: Open, id: Id, take: TakeId) -> Response:
    """Delete a take and every sample that was kept of it."""
    async with studio.changing:
        await asyncio.to_thread(lambda: Takes(studio.project(id)).remove(take))
    return Response(status_code=204)
