"""The route that takes an audio file and gives its events."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator

from fastapi import APIRouter, HTTPException, Request
from starlette.datastructures import UploadFile

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from service.api.dependencies import Service
from service.api.schemas import Detected, DetectionOut
from service.detection.source import Detection, Source
from service.problems import documented
from wakeword.audio import files as audio
from wakeword.errors import WakewordError

router = APIRouter(prefix="/api", tags=["detect"])
_BLOCK = 10 * SAMPLE_RATE
_CHUNK = 1 << 16  # bytes
_FILE = {"type": "string", "format": "binary"}
_BODY = {
    "requestBody": {
        "required": True,
        "description": "an audio file of any rate and format (WAV, FLAC, MP3, ...), as it is or as `file` of a form",
        "content": {
            "application/octet-stream": {"schema": _FILE},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": _FILE}, "required": ["file"]},
            },
        },
    }
}


@router.post("/detect", openapi_extra=_BODY, responses=documented(400, 413, 415, 422, 503))
async def detect(service: Service, request: Request) -> Detected:
    """The events in an audio file. It is heard like a stream, and neither it nor its events are kept."""
    if service.uploads.locked():
        raise HTTPException(503, "as many files are examined as this service takes at a time", {"Retry-After": "5"})
    async with service.uploads:
        with tempfile.NamedTemporaryFile(prefix="upload-") as file:  # a name of ours: the client's is never looked at
            async for chunk in _uploaded(request):
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(file.flush)
            source = Source("upload", "upload", service.hub.setup)
            found = [it async for it in _found(source, file.name, service.settings.limits.upload_seconds)]
    events = [DetectionOut(word=it.word, score=it.score, time=it.time, frame=it.frame) for it in found]
    return Detected(seconds=round(source.history.position / SAMPLE_RATE, 3), events=events)


async def _uploaded(request: Request) -> AsyncIterator[bytes]:
    """The file that a body is, or that a form holds."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        async for chunk in request.stream():
            yield chunk
        return
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise HTTPException(422, "the form holds no file under the name `file`")
        while chunk := await file.read(_CHUNK):
            yield chunk


async def _found(source: Source, path: str, most: int) -> AsyncIterator[Detection]:
    """What is detected in a file of at most so many seconds."""
    async for samples in _decoded(path, most):
        wanted = source.prepare(samples, source.setup)
        for found in source.hear(samples, await asyncio.to_thread(source.engine.push, wanted)).detections:
            yield found


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
