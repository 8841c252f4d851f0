"""Routes of the service's verdicts, as a project learns from them: what was wrong, and what was missed."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from service.api.dependencies import Service
from service.api.names import MAX_NAME
from service.problems import documented
from service.runtime import Runtime
from service.studio.api.shared import PREFIX, Id, Open
from service.studio.api.take_schemas import JudgedOut, JudgedPage, Made
from service.studio.api.takes import BYTES, WAV
from service.studio.studio import Studio
from service.studio.verdicts import Verdicts
from wakeword.audio.files import encode

router = APIRouter(prefix=f"{PREFIX}/projects/{{id}}/verdicts", tags=["studio"])
VerdictId = Annotated[str, Path(max_length=MAX_NAME, examples=["1795327200250-e42"], description="id of a verdict")]


@router.get("", responses=documented(404, 422))
def verdicts(
    service: Service,
    studio: Open,
    id: Id,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=MAX_NAME, description="`next` of the page before")] = None,
) -> JudgedPage:
    """List clips that were judged wrong or missed, of the project's phrases and models, latest first.

    What is filed, or left out, is not listed."""
    found = _of(service, studio, id).open()
    rest = [each for each in found if cursor is None or each.id < cursor]
    shown = rest[:limit]
    more = len(rest) > limit
    return JudgedPage(
        verdicts=[JudgedOut.of(each) for each in shown], count=len(found), next=shown[-1].id if more else None
    )


@router.get("/{verdict}/audio", response_class=Response, responses={**WAV, **documented(404, 422)})
def audio(service: Service, studio: Open, id: Id, verdict: VerdictId) -> Response:
    """Get the clip as WAV."""
    data = encode(_of(service, studio, id).get(verdict).read(), "wav")
    return Response(data, media_type="audio/wav", headers={"Cache-Control": "private, no-cache"})


@router.post("/{verdict}/file", status_code=201, responses=documented(404, 422, 507))
async def file(service: Service, studio: Open, id: Id, verdict: VerdictId) -> Made:
    """Make takes of the clip: of what was wrong one of other speech, of what was missed its utterances of the phrase.

    They are the project's own, whatever becomes of the event. A clip is filed once: again it makes no take."""

    def filed() -> Made:
        found = _of(service, studio, id)
        studio.quota.check(BYTES * len(found.get(verdict).read()))
        return Made.of(found.file(verdict))

    async with studio.changing:
        return await asyncio.to_thread(filed)


@router.delete("/{verdict}", status_code=204, responses=documented(404, 422, 507))
async def leave_out(service: Service, studio: Open, id: Id, verdict: VerdictId) -> Response:
    """Leave a clip out: it is not listed for this project any more. The service keeps it."""
    async with studio.changing:
        await asyncio.to_thread(lambda: _of(service, studio, id).leave_out(verdict))
    return Response(status_code=204)


def _of(service: Runtime, studio: Studio, id: str) -> Verdicts:
    return Verdicts(service.settings.feedback_folder, service.events, studio.project(id))
