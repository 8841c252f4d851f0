"""Routes of stored events."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Response
from pydantic import BeforeValidator, Field

from service import feedback
from service.api.dependencies import Service
from service.api.names import MAX_NAME, Name
from service.api.schemas import EventOut, Filed, Page, Verdict
from service.problems import documented
from service.store.events import Event, Filter, event_json
from wakeword.audio.files import decode, encode

router = APIRouter(prefix="/api/events", tags=["events"])
LARGEST_ID = (1 << 63) - 1


def _plain(text: str) -> str:
    """Refuse ` 1`, `01` and `1.0`, so that an event has one path."""
    if not re.fullmatch("[1-9][0-9]*", text):
        raise ValueError("an id is a number such as 42")
    return text


EventId = Annotated[int, Field(ge=1, le=LARGEST_ID), BeforeValidator(_plain), Path(examples=[42])]
Word = Annotated[Name | None, Query(max_length=MAX_NAME, pattern=r"^[^\x00]*$", examples=["yes"])]
Source = Annotated[Name | None, Query(max_length=80, pattern=r"^[^\x00]*$", examples=["kitchen"])]
Model = Annotated[Name | None, Query(max_length=MAX_NAME, pattern=r"^[^\x00]*$", examples=["google12"])]
Candidates = Annotated[bool, Query(alias="candidate", description="also those that a candidate raised (/api/studio)")]
Moment = Annotated[float | None, Query(ge=0, le=1e11, description="seconds since 1970")]


@router.get("", responses=documented(422))
def list_events(
    service: Service,
    word: Word = None,
    source: Source = None,
    model: Model = None,
    since: Moment = None,
    until: Moment = None,
    candidates: Candidates = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="`next` of the page before")] = None,
) -> Page:
    """List events, latest first, page by page."""
    wanted = Filter(word, source, since, until, model, candidates)
    found = service.events.page(wanted, limit + 1, cursor)
    more = len(found) > limit
    return Page(events=[_out(event) for event in found[:limit]], next=found[limit - 1].id if more else None)


@router.get("/{number}", responses=documented(404, 422))
def get_event(service: Service, number: EventId) -> EventOut:
    """Get one event."""
    return _out(_found(service, number))


@router.delete("/{number}", status_code=204, responses=documented(404, 422))
def delete_event(service: Service, number: EventId) -> Response:
    """Delete an event and its clip."""
    if not service.events.delete(number):
        raise _missing(number)
    return Response(status_code=204)


_CLIP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the audio around the event",
        "content": {"audio/flac": {"schema": {"type": "string", "format": "binary"}}, "audio/wav": {}},
    }
}


@router.get("/{number}/clip", response_class=Response, responses={**_CLIP, **documented(404, 422)})
def get_clip(service: Service, number: EventId, format: Literal["flac", "wav"] = "flac") -> Response:
    """Get the audio around an event, if clips are kept: a second, or more for a long phrase.

    It is complete 0.2 seconds after the event."""
    flac = service.events.clip(number)
    if flac is None:
        raise HTTPException(404, f"event {number} has no clip")
    data = flac if format == "flac" else encode(decode(flac), "wav")
    return Response(data, media_type=f"audio/{format}", headers={"Cache-Control": "private, no-cache"})


@router.post("/{number}/verdict", responses=documented(404, 409, 422))
def judge(service: Service, number: EventId, verdict: Verdict) -> Filed:
    """Judge an event as right or wrong.

    Its clip is filed for `wakeword train --extra`: under the word if right, as unknown if wrong."""
    event = _found(service, number)
    flac = service.events.clip(number)
    if flac is None:
        raise HTTPException(409, f"event {number} has no clip; start the service with --clips")
    limit = service.settings.limits.feedback_clips
    with service.judging:
        file = feedback.file_event(service.settings.feedback_folder, event, flac, verdict.verdict, limit)
        service.events.set_verdict(number, verdict.verdict)
    return Filed(file=file)


def _found(service: Service, number: int) -> Event:
    event = service.events.get(number)
    if event is None:
        raise _missing(number)
    return event


def _missing(number: int) -> HTTPException:
    return HTTPException(404, f"there is no event {number}")


def _out(event: Event) -> EventOut:
    return EventOut(**event_json(event))
