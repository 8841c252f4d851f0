"""The route that takes an audio file and gives its events."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator

from fastapi import APIRouter, HTTPException, Request

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from service.api.access import Service
from service.api.schemas import Detected, DetectionOut
from service.hearing.source import Detection
from service.problems import documented
from wakeword import audio
from wakeword.errors import WakewordError

router = APIRouter(prefix="/api", tags=["detect"])
_BLOCK = 10 * SAMPLE_RATE
_BODY = {
    "requestBody": {
        "required": True,
        "description": "an audio file of any format (WAV, FLAC, Ogg, MP3, ...) and rate, as it is",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/detect", openapi_extra=_BODY, responses=documented(413, 415, 422, 503))
async def detect(service: Service, request: Request) -> Detected:
    """The events in an audio file. It is heard like a stream, and neither it nor its events are kept."""
    with tempfile.NamedTemporaryFile(prefix="upload-") as file:  # a name of ours: the client's is never looked at
        async for chunk in request.stream():
            await asyncio.to_thread(file.write, chunk)
        file.flush()
        async with service.hub.stream("upload", "upload") as source:
            found: list[Detection] = []
            async for samples in _decoded(file.name, service.settings.limits.upload_seconds):
                found += await service.hub.examine(samples, source)
            seconds = source.history.position / SAMPLE_RATE
    events = [DetectionOut(word=it.word, score=it.score, time=it.time, frame=it.frame) for it in found]
    return Detected(seconds=round(seconds, 3), events=events)


async def _decoded(path: str, most: int) -> AsyncIterator[Samples]:
    """The samples of a file, of at most so many seconds."""
    blocks = audio.blocks(path, _BLOCK)
    length = 0
    while (samples := await asyncio.to_thread(_next, blocks, path)) is not None:
        length += len(samples)
        if length > most * SAMPLE_RATE:
            raise HTTPException(413, f"the audio is longer than {most} seconds; a stream may be of any length")
        yield samples


def _next(blocks: Iterator[Samples], path: str) -> Samples | None:
    try:
        return next(blocks, None)
    except WakewordError as error:
        raise HTTPException(415, str(error).replace(path, "the upload")) from error
