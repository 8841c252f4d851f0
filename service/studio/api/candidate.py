"""Routes of the candidate: a model that listens beside the others, and whose events are delivered to nobody."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, Field

from service.api.dependencies import Service
from service.api.models import check_known, list_models
from service.api.names import Name
from service.api.schemas import EVENT, EventOut, ModelOut
from service.candidates import NONE
from service.problems import documented
from service.runtime import Runtime
from service.store.candidates import Candidate
from service.store.events import event_json
from service.store.retention import OF_CANDIDATES
from service.studio.api.results import install
from service.studio.api.schemas import example
from service.studio.api.shared import PREFIX, Id, Number, Open
from service.studio.differences import differences
from wakeword.errors import MissingError

router = APIRouter(prefix=PREFIX, tags=["studio"])
_CANDIDATE = {
    "model": "hey_lumen-2",
    "since": 1795327200.25,
    "hours": 22.5,
    "words": ["hey lumen"],
    "rival": "hey_lumen-1",
}


class CandidateIn(BaseModel):
    """The model that is to be the candidate."""

    model_config = example({"model": "digits10"}, extra="forbid")
    model: Name


class CandidateOut(BaseModel):
    """The candidate."""

    model_config = example(_CANDIDATE)
    model: str
    since: float = Field(description="when it began, in seconds since 1970")
    hours: float = Field(description="of audio that it has listened to, of all streams together")
    words: list[str]
    rival: str | None = Field(description="the active model that it is compared with and would replace; null: none")


class Difference(EventOut):
    """An event that only one of the two has raised."""

    model_config = example({**EVENT, "by": "candidate"})
    by: Literal["candidate", "rival"]


class DifferencesOut(BaseModel):
    """What the candidate and its rival have raised since the candidate began."""

    model_config = example(
        {
            "candidate": _CANDIDATE,
            "both": 31,
            "candidate_only": 1,
            "rival_only": 0,
            "events": [{**EVENT, "by": "candidate"}],
        }
    )
    candidate: CandidateOut
    both: int = Field(description="words that both have raised, within a second of each other")
    candidate_only: int
    rival_only: int
    events: list[Difference] = Field(description="that only one has raised, latest first")


@router.get("/candidate", responses=documented(422))
async def get_candidate(service: Service) -> CandidateOut | None:
    """Get the candidate. null: there is none."""
    return _out(service, await service.candidates.current())


@router.put("/candidate", responses=documented(404, 409, 422))
async def put_candidate(service: Service, chosen: CandidateIn) -> CandidateOut:
    """Let a model listen beside the active ones, to all that comes in, over restarts too.

    Its events are stored with their clips but delivered to nobody. The candidate before ends."""
    check_known(service, chosen.model)
    await service.candidates.begin(chosen.model)
    return await _current(service)


@router.post("/projects/{id}/runs/{number}/candidate", responses=documented(404, 409, 422, 507))
async def try_run(service: Service, studio: Open, id: Id, number: Number) -> CandidateOut:
    """Copy the model of a run into the service's folder `models`, and let it listen as the candidate."""
    await service.candidates.begin(await install(service, studio, id, number))
    return await _current(service)


@router.delete("/candidate", status_code=204, responses=documented(422))
async def delete_candidate(service: Service) -> Response:
    """End the candidate, if there is one. Its events stay until they are too old."""
    await service.candidates.end()
    return Response(status_code=204)


@router.get("/candidate/differences", responses=documented(404, 422))
async def get_differences(
    service: Service, limit: Annotated[int, Query(ge=1, le=500, description="of the events that are listed")] = 100
) -> DifferencesOut:
    """List the events that only one of the candidate and its rival has raised: of no word of the same source did the
    other raise it within a second.

    The latest 3,000 events of the two are compared."""
    candidate = await service.candidates.current()
    shown = _out(service, candidate)
    if candidate is None or shown is None:
        raise MissingError(NONE)
    events = await asyncio.to_thread(service.events.compared, candidate.model, candidate.after, OF_CANDIDATES)
    found = await asyncio.to_thread(differences, events)
    of_candidate = sum(event.of_candidate for event in found.only)
    latest = found.only[: -limit - 1 : -1]
    return DifferencesOut(
        candidate=shown,
        both=found.both,
        candidate_only=of_candidate,
        rival_only=len(found.only) - of_candidate,
        events=[Difference(**event_json(it), by="candidate" if it.of_candidate else "rival") for it in latest],
    )


@router.post("/candidate/take", responses=documented(404, 422))
async def take(service: Service) -> list[ModelOut]:
    """Let the candidate listen in place of its rival, for good, or beside the others if it has none. It is no candidate
    any more.

    No stream is interrupted, and no sample is lost."""
    await service.candidates.take()
    return await asyncio.to_thread(list_models, service)


async def _current(service: Runtime) -> CandidateOut:
    shown = _out(service, await service.candidates.current())
    if shown is None:
        raise HTTPException(409, "the candidate was ended by another request; begin again")
    return shown


def _out(service: Runtime, candidate: Candidate | None) -> CandidateOut | None:
    setup = service.hub.setup
    if candidate is None or setup.candidate is None or setup.candidate.name != candidate.model:
        return None
    return CandidateOut(
        model=candidate.model,
        since=candidate.since,
        hours=round(candidate.seconds / 3600, 4),
        words=list(setup.candidate.model.keywords),
        rival=None if setup.rival is None else setup.rival.name,
    )
