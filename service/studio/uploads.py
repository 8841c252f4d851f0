"""Audio files that are sent to the studio: received into a file without a name, and decoded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import structlog
from fastapi import HTTPException, Request

from featurizer.logmel import Samples
from service.runtime import Runtime
from wakeword.audio.files import AudioTooLong, Tell, read_audio
from wakeword.errors import DataError
from wakeword.projects.negatives import NotWrittenError

_log = structlog.get_logger()
_Made = TypeVar("_Made")
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "an audio file of any rate: WAV, FLAC, MP3, Ogg, Opus; with the extra formats M4A, AAC, WebM",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@asynccontextmanager
async def received(service: Runtime, request: Request) -> AsyncIterator[str]:
    """Receive the body; yield the path of a file that has it, for the length of the block.

    The file has no name: whatever ends this process, nobody's audio is left behind.

    Raises:
        HTTPException: 503, too many uploads are on their way.
        NoRoom: there is no room for it.
    """
    studio = service.studio
    with service.receiving.place(request), studio.quota.coming() as count, studio.unnamed() as file:
        got, counted = 0, int(request.headers.get("content-length", "0"))  # which the middleware has checked
        count(counted)
        async for chunk in request.stream():
            got += len(chunk)
            if got > counted:
                count(got - counted)
                counted = got
            await asyncio.to_thread(file.write, chunk)
        await asyncio.to_thread(file.seek, 0)  # writes what is buffered
        # A slow client has its place among the received, not among those that keep a core busy.
        async with service.uploads:
            yield f"/dev/fd/{file.fileno()}"


async def decoded(path: str, most: float, tell: Tell) -> Samples:
    """Decode what was received, `most` seconds at most. tell: gets a line if its channels cancel out.

    Raises HTTPException: 413, it is longer; 415, it is no audio that can be read.
    """
    return await asyncio.to_thread(refusing(read_audio), path, most, named(path, tell))


def log_note(line: str) -> None:
    """Log a line on how a recording was read."""
    _log.warning("a recording has a fault", reason=line)


def named(path: str, tell: Tell) -> Tell:
    """Return what tells lines without the path of what was received."""
    return lambda line: tell(line.replace(path, "the recording"))


def refusing(read: Callable[..., _Made]) -> Callable[..., _Made]:
    """Return a function of a path that answers what can't be read as the fault of the client: 413 or 415."""

    def reading(path: str, *options: Any) -> _Made:
        try:
            return read(Path(path), *options)
        except AudioTooLong as error:
            raise HTTPException(413, str(error).replace(path, "the recording")) from error
        except NotWrittenError:  # the fault of this computer's disk
            raise
        except DataError as error:
            raise HTTPException(415, str(error).replace(path, "the recording")) from error

    return reading
