"""Server-Sent Events: new events as they are kept, and what a source hears as it hears it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Header, HTTPException, Path, Query
from fastapi.responses import StreamingResponse

from featurizer import SAMPLE_RATE
from service.api.dependencies import Service
from service.api.events import LARGEST_ID, Source, Word
from service.detection.source import ProcessedBlock
from service.problems import documented
from service.runtime import Runtime
from service.store.events import Filter, event_json

router = APIRouter(tags=["live"])
_BEAT = 15.0  # seconds without a word, after which a comment shows that the connection lives
_OTHER_HOSTS = 1.0  # seconds between two looks for events that other hosts have kept
_SILENT = 1.0  # seconds in which a source hears nothing, after which a comment says so
_REPLAYED = 200  # events read at a time
_BANDS_FULL = 24 * 512  # the loudest feature, log2 in Q9; what is shown is its share in 255
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "a stream that doesn't end", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
}


@router.get("/api/events/live", response_class=StreamingResponse, responses={**_EVENTS, **documented(422, 503)})
async def live_events(
    service: Service,
    word: Word = None,
    source: Source = None,
    after: Annotated[int | None, Query(ge=0, le=LARGEST_ID, description="the last event known")] = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=LARGEST_ID)] = None,
) -> StreamingResponse:
    """Each event as `event: detection` once it is kept. Those after `Last-Event-ID`, which a browser sends when it
    comes back, or else after `after` come first, so none is ever missed."""
    last = after if last_event_id is None else last_event_id
    if last is None:
        last = await asyncio.to_thread(service.events.latest_id)
    return _answer(service, _events(service, Filter(word, source), last))


@router.get("/api/sources/{name}/live", response_class=StreamingResponse, responses={**_EVENTS, **documented(404, 503)})
async def live_source(service: Service, name: Annotated[str, Path(examples=["microphone"])]) -> StreamingResponse:
    """A source's level, log-mel bands (0 to 255, of 10 ms each) and scores, for each block as `event: heard`."""
    if name not in service.hub.sources:
        raise HTTPException(404, f"there is no source {name!r}")
    return _answer(service, _heard(service, name))


def _answer(service: Runtime, chunks: AsyncIterator[str]) -> StreamingResponse:
    if service.watchers >= service.settings.limits.watchers:
        raise HTTPException(503, "as many pages are watching as this service takes", {"Retry-After": "10"})
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_counted(service, chunks), media_type="text/event-stream", headers=headers)


async def _counted(service: Runtime, chunks: AsyncIterator[str]) -> AsyncIterator[str]:
    service.watchers += 1
    try:
        async for chunk in chunks:
            yield chunk
    finally:
        service.watchers -= 1


async def _events(service: Runtime, wanted: Filter, last: int) -> AsyncIterator[str]:
    """All that comes out of the store after `last`: what was missed and what is new take one way."""
    patience = _OTHER_HOSTS if service.database.shared else _BEAT
    yield ": connected\n\n"
    while not service.closed:
        ringing = asyncio.ensure_future(service.recorder.kept.heard(patience))  # before looking: none slips between
        await asyncio.sleep(0)
        found = await asyncio.to_thread(service.events.after, last, wanted, _REPLAYED)
        for event in found:
            last = event.id
            yield f"id: {event.id}\nevent: detection\ndata: {json.dumps(event_json(event))}\n\n"
        if found:
            ringing.cancel()
        elif not await ringing:
            yield ": still here\n\n"


async def _heard(service: Runtime, name: str) -> AsyncIterator[str]:
    with service.hub.follow(name) as blocks:
        yield ": connected\n\n"
        while not service.closed and name in service.hub.sources:
            heard = None
            with anyio.move_on_after(_SILENT):
                heard = await blocks.get()
            if heard is None:
                yield ": silent\n\n"
                continue
            yield f"event: heard\ndata: {json.dumps(picture(heard), separators=(',', ':'))}\n\n"


def picture(heard: ProcessedBlock) -> dict[str, Any]:
    """What a page draws of a block."""
    bands = heard.features.astype(int) * 255 // _BANDS_FULL
    return {
        "level": round(heard.level, 1),
        "seconds": round(heard.position / SAMPLE_RATE, 3),
        "bands": bands.clip(0, 255).tolist(),
        "scores": heard.scores,
    }
