"""Routes of what a model raises in the long recordings of its project: its own false accepts, heard and judged."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from service.api.names import MAX_NAME
from service.problems import documented
from service.studio.api.heard_schemas import HeardOut, JudgedTakes, Judging
from service.studio.api.results import with_model
from service.studio.api.shared import PREFIX, Id, Number, Open
from service.studio.api.take_schemas import TakeOut
from service.studio.api.takes import BYTES, WAV
from service.studio.studio import Studio
from wakeword.audio.files import encode
from wakeword.projects.false_accepts import clip_of, false_accepts, judge
from wakeword.projects.heard import MAX_RAISED

router = APIRouter(prefix=f"{PREFIX}/projects/{{id}}/runs/{{number}}/heard", tags=["studio"])
RaisedId = Annotated[
    str, Path(max_length=MAX_NAME, examples=["3f1b5c0de2a7-7129"], description="id of what was raised")
]
_LISTED = 100
_BYTES = 80 * MAX_RAISED  # that a recording takes in what is kept


@router.get("", responses=documented(404, 422))
def heard(
    studio: Open,
    id: Id,
    number: Number,
    limit: Annotated[int, Query(ge=0, le=500, description="of what is listed")] = _LISTED,
    judged: Annotated[bool, Query(description="list what was judged, too")] = False,
) -> HeardOut:
    """Get what the model of a run has raised in the long recordings, and its false accepts an hour.

    Recordings that the model was trained on tell little of others."""
    return _out(studio, id, number, limit, judged)


@router.post("", status_code=201, responses=documented(404, 409, 422, 507))
async def hear(studio: Open, id: Id, number: Number) -> HeardOut:
    """Let the model of a run hear the long recordings that it has not heard yet, as a job of low priority."""
    async with studio.changing:
        run = await asyncio.to_thread(with_model, studio, id, number)
        wanted = _BYTES * len(await asyncio.to_thread(lambda: false_accepts(studio.project(id), run).left))
        await asyncio.to_thread(studio.quota.check, wanted)
        await studio.hearings.add(run)
    return await asyncio.to_thread(_out, studio, id, number)


@router.post("/cancel", responses=documented(404, 409, 422))
async def cancel(studio: Open, id: Id, number: Number) -> HeardOut:
    """End a hearing. The recordings that were heard whole stay heard."""
    run = await asyncio.to_thread(with_model, studio, id, number)
    await studio.hearings.cancel(run)
    return await asyncio.to_thread(_out, studio, id, number)


@router.get("/{raised}/audio", response_class=Response, responses={**WAV, **documented(404, 422)})
def audio(studio: Open, id: Id, number: Number, raised: RaisedId) -> Response:
    """Get what sounds around a word that was raised, as WAV: two seconds before it or more, and one after."""
    samples = clip_of(studio.project(id), with_model(studio, id, number), raised)
    return Response(encode(samples, "wav"), media_type="audio/wav", headers={"Cache-Control": "private, no-cache"})


@router.post("/{raised}/verdict", responses=documented(404, 422, 507))
async def judged(studio: Open, id: Id, number: Number, raised: RaisedId, judging: Judging) -> JudgedTakes:
    """Judge a word that was raised, and take back an earlier judgement of it.

    wrong: it is filed as a take of other speech, for the next training. right: it was said, so it is filed as a take of
    its phrase, and this stretch of the recording is no negative any more. ignored: neither."""

    def made() -> JudgedTakes:
        project, run = studio.project(id), with_model(studio, id, number)
        studio.quota.check(BYTES * len(clip_of(project, run, raised)))
        return JudgedTakes(takes=[TakeOut.of(take) for take in judge(project, run, raised, judging.verdict)])

    async with studio.changing:
        return await asyncio.to_thread(made)


def _out(studio: Studio, id: str, number: int, limit: int = _LISTED, judged: bool = False) -> HeardOut:
    run = with_model(studio, id, number)
    return HeardOut.of(number, studio.hearings.state(run), false_accepts(studio.project(id), run), limit, judged)
