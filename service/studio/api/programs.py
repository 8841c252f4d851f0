"""Routes that compile a model's program for a board."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from service.problems import documented
from service.studio.api.results import with_model
from service.studio.api.schemas import example
from service.studio.api.shared import PREFIX, Id, Number, Open
from service.studio.bundles import DEFAULT_BOARD, Board
from wakeword.boards.build import with_own_usb
from wakeword.boards.kinds import BOARDS
from wakeword.errors import UsageError

router = APIRouter(prefix=PREFIX, tags=["studio"])
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "a program", "content": {"application/octet-stream": {}}}
}


class CompilerOut(BaseModel):
    """Whether the service's computer can compile programs for boards."""

    model_config = example({"ready": False, "problem": "arduino-cli is not installed: see …"})
    ready: bool
    problem: str | None = Field(description="what is missing")


@router.get("/compiler")
def compiler(studio: Open) -> CompilerOut:
    """Get whether the service's computer can compile programs for boards."""
    try:
        studio.compiler.check()
    except UsageError as error:
        return CompilerOut(ready=False, problem=str(error))
    return CompilerOut(ready=True, problem=None)


@router.post(
    "/projects/{id}/runs/{number}/program", response_class=Response, responses={**_FILE, **documented(404, 422, 503)}
)
async def program(
    request: Request,
    studio: Open,
    id: Id,
    number: Number,
    board: Annotated[Board, Query(description="that it is for")] = DEFAULT_BOARD,
    own_usb: Annotated[bool, Query(description="an ESP32 is at its own USB, not at a converter")] = False,
) -> Response:
    """Compile the program that `wakeword flash` writes to a board, with the model of a run in it."""
    run = await asyncio.to_thread(with_model, studio, id, number)
    kind = BOARDS[board]
    if own_usb and kind.tool == "esptool":
        kind = with_own_usb(kind)
    data = await studio.compiler.compile(run.model, kind, request.is_disconnected)
    name = f'attachment; filename="{kind.sketch}{kind.suffix}"'
    return Response(data, media_type="application/octet-stream", headers={"Content-Disposition": name})
