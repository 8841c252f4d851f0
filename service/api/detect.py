"""The route that detects words in an uploaded audio file."""

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
from service.detection.source import Source
from service.problems import documented
from service.runtime import Runtime
from wakeword.audio import files as audio
from wakeword.errors import WakewordError

router = APIRouter(prefix="/api", tags=["detect"])
_BLOCK = 10 * SAMPLE_RATE  # samples
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


@router.post("/detect", openapi_extra=_BODY, responses=documented(400, 408, 413, 415, 422, 503))
async def detect(service: Service, request: Request) -> Detected:
    """Detect the words in an audio file. Neither the file nor its events are stored."""
    # A file without a name: whatever ends this process, nobody's audio is left behind.
    with service.receiving.place(request), tempfile.TemporaryFile() as file:
        async for chunk in _uploaded(request):
            await asyncio.to_thread(file.write, chunk)
        await asyncio.to_thread(file.seek, 0)  # writes what is buffered
        # A slow client has its place among the received, not among those that keep a core busy.
        async with service.uploads:
            source = Source("upload", "upload", service.hub.setup.delivered)
            return await _detected(service, source, f"/dev/fd/{file.fileno()}")


async def _detected(service: Runtime, source: Source, path: str) -> Detected:
    """Return the detections in an audio file."""
    events, notes = [], list[str]()
    async for samples in _decoded(path, service.settings.limits.upload_seconds, notes):
        if service.closed:
            raise HTTPException(503, "the service ends; send the file again later", {"Retry-After": "10"})
        trace = await asyncio.to_thread(source.engine.push, source.prepare(samples, source.setup))
        events += [DetectionOut.of(found) for found in source.process(samples, trace).detections]
    note = "".join(notes).replace(path, "the upload")
    return Detected(seconds=round(source.history.position / SAMPLE_RATE, 3), events=events, note=note)


async def _uploaded(request: Request) -> AsyncIterator[bytes]:
    """Yield the bytes of the uploaded file: the body itself, or the `file` of a form."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        async for chunk in request.stream():
            yield chunk
        return
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise HTTPException(422, "the form has no file named `file`")
        while chunk := await file.read(_CHUNK):
            yield chunk


async def _decoded(path: str, max_seconds: int, notes: list[str]) -> AsyncIterator[Samples]:
    """Yield the samples of an audio file, in blocks. notes: gets a line if its channels cancel out."""
    blocks = audio.blocks(path, _BLOCK, max_seconds, notes.append)
    while (samples := await asyncio.to_thread(_next, blocks, path)) is not None:
        yield samples


def _next(blocks: Iterator[Samples], path: str) -> Samples | None:
    try:
        return next(blocks, None)
    except audio.AudioTooLong as error:
        message = f"{error}; /api/stream takes any length".replace(path, "the upload")
        raise HTTPException(413, message) from error
    except WakewordError as error:
        raise HTTPException(415, str(error).replace(path, "the upload")) from error
