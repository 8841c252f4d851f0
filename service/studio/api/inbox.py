"""Routes of the inbox: clips of devices, which wait to be filed as takes."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from service.api.dependencies import Service
from service.api.names import MAX_NAME, Name
from service.problems import documented
from service.studio.api.shared import PREFIX, Open
from service.studio.api.take_schemas import ClipOut, Filing, Made
from service.studio.api.takes import BYTES, WAV
from service.studio.inbox import MAX_SECONDS
from service.studio.uploads import BODY, decoded, log_note, received
from wakeword.audio.files import encode
from wakeword.data.keywords import UNKNOWN
from wakeword.projects.takes import Takes

router = APIRouter(prefix=f"{PREFIX}/inbox", tags=["studio"])
ClipId = Annotated[str, Path(max_length=MAX_NAME, examples=["1795327200250-5f0c1e9a77b2"], description="id of a clip")]
Text = Annotated[Name, Query(max_length=MAX_NAME)]


@router.get("", responses=documented(422))
def clips(studio: Open) -> list[ClipOut]:
    """List the clips that wait, the latest first."""
    return [ClipOut.of(clip) for clip in studio.inbox.all()]


@router.post("", status_code=201, openapi_extra=BODY, responses=documented(400, 408, 413, 415, 422, 503, 507))
async def leave(
    service: Service,
    studio: Open,
    request: Request,
    source: Annotated[Text, Query(description="who sends it, such as a device's name")] = "",
    name: Annotated[Text, Query(description="of the file")] = "",
) -> ClipOut:
    """Leave a clip of a minute at most, such as what a device has heard."""
    async with received(service, request) as path:
        samples = await decoded(path, MAX_SECONDS, log_note)
    async with studio.changing:
        await asyncio.to_thread(studio.quota.check, BYTES * len(samples))
        return ClipOut.of(await asyncio.to_thread(studio.inbox.add, samples, source, name, time.time()))


@router.get("/{clip}/audio", response_class=Response, responses={**WAV, **documented(404, 422)})
def audio(studio: Open, clip: ClipId) -> Response:
    """Get a clip as WAV."""
    data = encode(studio.inbox.read(clip), "wav")
    return Response(data, media_type="audio/wav", headers={"Cache-Control": "private, no-cache"})


@router.post("/{clip}/file", status_code=201, responses=documented(404, 422, 507))
async def file(studio: Open, clip: ClipId, where: Filing) -> Made:
    """Make takes of a clip, in a project. As other speech it is one take; else its utterances are."""

    def filed() -> Made:
        waiting, samples = studio.inbox.get(clip), studio.inbox.read(clip)
        studio.quota.check(BYTES * len(samples))
        store, speaker = Takes(studio.project(where.project)), where.speaker or waiting.source
        cut = where.label != UNKNOWN
        made = store.add(samples, where.label, speaker, where.distance, waiting.name, cut)
        studio.inbox.remove(clip)
        return Made.of(made)

    async with studio.changing:
        return await asyncio.to_thread(filed)


@router.delete("/{clip}", status_code=204, responses=documented(404, 422))
async def throw_away(studio: Open, clip: ClipId) -> Response:
    """Throw a clip away."""
    async with studio.changing:
        await asyncio.to_thread(studio.inbox.remove, clip)
    return Response(status_code=204)
