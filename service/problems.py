"""Errors as problem details (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from python_multipart.exceptions import FormParserError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from service.candidates import ListensAlready
from service.detection.hub import TooManyStreams
from service.detection.what_if import Busy
from service.feedback import TooManyClips
from service.store.trouble import trouble_of
from service.studio.jobs import Refused
from service.studio.quota import NoRoom
from wakeword.errors import DataError, MissingError, WakewordError

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger()


class Problem(BaseModel):
    """The JSON object of an error."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no event 42"])


def problem(status: int, detail: str, **headers: str) -> JSONResponse:
    """Return an error response."""
    body = Problem(type="about:blank", title=HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(body.model_dump(), status, headers, media_type=MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe a route's error responses for the OpenAPI document."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def install(app: FastAPI) -> None:
    """Make the application answer every error with problem details."""

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail), **(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return problem(422, f"{where}: {first['msg']}")

    @app.exception_handler(ClientDisconnect)
    async def gone(request: Request, error: ClientDisconnect) -> JSONResponse:
        return problem(400, "the body is not complete")  # nobody gets it

    @app.exception_handler(FormParserError)  # which later versions of Starlette make a 400 themselves
    async def torn(request: Request, error: FormParserError) -> JSONResponse:
        return problem(400, f"the form can't be read: {error}")

    @app.exception_handler(TooManyStreams)
    async def full(request: Request, error: TooManyStreams) -> JSONResponse:
        return problem(503, str(error), **{"Retry-After": "10"})

    @app.exception_handler(Busy)
    async def busy(request: Request, error: Busy) -> JSONResponse:
        return problem(503, str(error), **{"Retry-After": "1"})

    @app.exception_handler(TooManyClips)
    @app.exception_handler(NoRoom)
    async def no_room(request: Request, error: TooManyClips | NoRoom) -> JSONResponse:
        return problem(507, str(error))

    @app.exception_handler(MissingError)
    async def missing(request: Request, error: MissingError) -> JSONResponse:
        return problem(404, str(error))

    @app.exception_handler(Refused)
    @app.exception_handler(ListensAlready)
    async def conflict(request: Request, error: Refused | ListensAlready) -> JSONResponse:
        return problem(409, str(error))

    @app.exception_handler(WakewordError)
    async def wrong(request: Request, error: WakewordError) -> JSONResponse:
        return (isinstance(error, DataError) and _not_stored(request, error)) or problem(422, str(error))

    @app.exception_handler(OSError)
    @app.exception_handler(SQLAlchemyError)
    async def not_stored(request: Request, error: Exception) -> JSONResponse:
        return _not_stored(request, error) or await broken(request, error)

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> JSONResponse:
        _log.error("request failed", path=request.url.path, reason=repr(error))
        return problem(500, "the service failed at this request; its log says why")


def _not_stored(request: Request, error: Exception) -> JSONResponse | None:
    """Return the response to a request that the disk or the database has failed, or None if they haven't."""
    trouble = trouble_of(error, request.app.state.runtime.settings.data)
    if trouble is None:
        return None
    _log.warning("request failed: the store can't be used", path=request.url.path, reason=trouble.reason)
    if trouble.full:
        return problem(507, "the disk is full; make room on the service's computer, then try again")
    return problem(503, f"the store can't be used: {trouble.reason}; try again", **{"Retry-After": "5"})
