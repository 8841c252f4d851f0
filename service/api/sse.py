"""Server-Sent Events: stored events as they come, and a source's level, bands and scores block by block."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Header, HTTPException, Path, Query
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from featurizer import SAMPLE_RATE
from service.api.dependencies import Service
from service.api.events import LARGEST_ID, Candidates, Model, Source, Word
from service.api.names import Name
from service.detection.source import ProcessedBlock
from service.problems import documented, problem
from service.runtime import Runtime
from service.store.events import EventStore, Filter, event_json

router = APIRouter(tags=["live"])
KEEPALIVE = 15.0  # seconds without an event, after which a comment shows that the connection lives
_OTHER_HOSTS = 1.0  # seconds between two looks for events that other hosts have stored
_SILENT = 1.0  # seconds without a block, after which a comment shows that the connection lives
_BATCH = 200  # events read at a time
_PAUSE = 0.002  # seconds between the reads of all feeds, at least
_LOUDEST = 24 * 512  # the largest feature, log2 in Q9; a page gets it as 255
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "an endless stream", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
}


@router.get("/api/events/live", response_class=StreamingResponse, responses={**EVENTS, **documented(422, 503)})
async def live_events(
    service: Service,
    word: Word = None,
    source: Source = None,
    model: Model = None,
    candidates: Candidates = False,
    after: Annotated[int | None, Query(ge=0, le=LARGEST_ID, description="id of the last known event")] = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=LARGEST_ID)] = None,
) -> StreamingResponse:
    """Stream each event as `event: detection` once it is stored.

    Events after `Last-Event-ID`, which a reconnecting browser sends, or else after `after`, come first, so a client
    misses none."""
    last = after if last_event_id is None else last_event_id
    if last is None:
        last = await asyncio.to_thread(service.events.latest_id)
    return Feed(service, _events(service, Filter(word, source, model=model, candidates=candidates), last))


@router.get("/api/sources/{name}/live", response_class=StreamingResponse, responses={**EVENTS, **documented(404, 503)})
async def live_source(service: Service, name: Annotated[Name, Path(examples=["microphone"])]) -> StreamingResponse:
    """Stream a source's level, log-mel bands (0 to 255, each of 10 ms) and scores, block by block as `event: heard`."""
    if name not in service.hub.sources:
        raise HTTPException(404, f"there is no source {name!r}; GET /api/sources lists them")
    return Feed(service, _blocks(service, name))


class Feed(StreamingResponse):
    """An endless response, which is counted while it is open."""

    def __init__(self, service: Runtime, chunks: AsyncIterator[str]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(chunks, media_type="text/event-stream", headers=headers)
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        service, limit = self._service, self._service.settings.limits.watchers
        if service.watchers >= limit:
            full = problem(503, f"all {limit} event feeds are in use; try again later", **{"Retry-After": "10"})
            await full(scope, receive, send)
            return
        service.watchers += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            service.watchers -= 1


async def _events(service: Runtime, wanted: Filter, last: int) -> AsyncIterator[str]:
    """Yield the events after `last` from the store: missed ones and new ones by the same way."""
    patience = _OTHER_HOSTS if service.database.shared else KEEPALIVE
    yield ": connected\n\n"
    while not service.closed:
        # Wait before looking, so that no notification is missed between the two.
        notified = asyncio.ensure_future(service.recorder.stored.wait(patience))
        try:
            await asyncio.sleep(0)
            async with service.feeding:
                start = time.monotonic()
                last, text = await asyncio.to_thread(_texts, service.events, last, wanted)
                # However many feeds there are, and however much they have missed, they leave time for the streams.
                await asyncio.sleep(max(time.monotonic() - start, _PAUSE))
            if text:
                yield text
            elif not await notified:
                yield ": still here\n\n"
        finally:
            notified.cancel()


def _texts(store: EventStore, last: int, wanted: Filter) -> tuple[int, str]:
    """Return the next events after `last` as text for the feed, and the id of the last one."""
    found = store.after(last, wanted, _BATCH)
    texts = [f"id: {it.id}\nevent: detection\ndata: {json.dumps(event_json(it))}\n\n" for it in found]
    return (found[-1].id if found else last), "".join(texts)


async def _blocks(service: Runtime, name: str) -> AsyncIterator[str]:
    with service.hub.follow(name) as blocks:
        yield ": connected\n\n"
        while not service.closed and name in service.hub.sources:
            block = None
            with anyio.move_on_after(_SILENT):
                block = await blocks.get()
            if block is None:
                yield ": silent\n\n"
                continue
            yield f"event: heard\ndata: {json.dumps(_block_json(block), separators=(',', ':'))}\n\n"


def _block_json(block: ProcessedBlock) -> dict[str, Any]:
    """Return what a page draws of a block."""
    bands = block.features.astype(int) * 255 // _LOUDEST
    return {
        "level": round(block.level, 1),
        "seconds": round(block.position / SAMPLE_RATE, 3),
        "bands": bands.clip(0, 255).tolist(),
        **block.scores,
    }
