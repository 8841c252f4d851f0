"""Routes that exchange the token, or an invitation, for a session in a cookie, which no script can read."""

from __future__ import annotations

import time
from typing import Annotated
from urllib.parse import quote

import segno
from fastapi import APIRouter, HTTPException, Query, Request, Response

from service.api.names import MAX_NAME, Name
from service.api.schemas import Invitation, Login
from service.middleware import COOKIE, client_of
from service.problems import documented
from service.rate_limiter import RateLimiter
from service.sessions import LIFETIME, Sessions
from service.settings import Settings
from service.tls import network_address
from service.tokens import matches

_Project = Annotated[Name, Query(max_length=MAX_NAME, description="which it is to record for", examples=["hey_lumen"])]
_OPEN_IT = "start wakeword studio --host 0.0.0.0 --tls"


def session_routes(
    settings: Settings, token_hash: str | None, sessions: Sessions | None, failures: RateLimiter
) -> APIRouter:
    """Return the routes. token_hash, sessions: None if no token is required.

    failures: limits wrong tokens by address.
    """
    router = APIRouter(prefix="/api/session", tags=["session"])
    path = f"{settings.root_path}/"

    @router.post("", status_code=204, responses=documented(401, 422, 429))
    def log_in(request: Request, login: Login) -> Response:
        """Exchange the token or an invitation for a cookie, which is valid for 30 days."""
        if token_hash is None or sessions is None:
            return Response(status_code=204)
        invited = bool(login.invitation) and sessions.accept(login.invitation, time.time())
        if not invited and not matches(login.token, token_hash):
            if not failures.allows(client_of(request), time.monotonic()):
                raise HTTPException(429, "too many wrong tokens; wait a minute", {"Retry-After": "60"})
            if login.invitation:
                raise HTTPException(
                    401, "this invitation is used up or too old; ask for another, or log in by the token"
                )
            raise HTTPException(401, "this is not the token; wakeword serve --new-token makes another")
        answer = Response(status_code=204)
        answer.set_cookie(
            COOKIE,
            sessions.open(time.time()),
            LIFETIME,
            path=path,
            httponly=True,
            samesite="strict",
            secure=settings.https,
        )
        return answer

    @router.post("/invitation", responses=documented(401, 409))
    def invite(request: Request, project: _Project = "") -> Invitation:
        """Invite a telephone to the studio: its page there records by the telephone's microphone."""
        if sessions is None:
            raise HTTPException(409, f"a telephone can't reach this computer's own address; {_OPEN_IT}")
        url = f"{_base(settings, request)}/studio/#invitation={sessions.invite(time.time())}"
        url += f"&project={quote(project, safe='')}" if project else ""
        return Invitation(url=url, qr=segno.make(url, error="m", micro=False).svg_data_uri(scale=6, light="white"))

    @router.delete("", status_code=204)
    def log_out(request: Request) -> Response:
        """Log out the browser of the cookie, and delete the cookie."""
        if sessions is not None and COOKIE in request.cookies:
            sessions.end(request.cookies[COOKIE])
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE, path=path, httponly=True, samesite="strict", secure=settings.https)
        return answer

    return router


def _base(settings: Settings, request: Request) -> str:
    """Return the address at which a telephone finds the service, by https: others get no microphone.

    Raises HTTPException, 409, if there is none.
    """
    if settings.behind_tls:
        return f"https://{request.headers['host']}{settings.root_path}"
    if not settings.tls:
        raise HTTPException(409, f"browsers give a page of http:// no microphone; {_OPEN_IT}")
    host = network_address() if settings.every_interface else settings.host
    if settings.loopback or host is None:
        raise HTTPException(409, f"a telephone can't reach this computer's own address; {_OPEN_IT}")
    port = request.scope["server"][1]
    return f"https://{f'[{host}]' if ':' in host else host}:{port}{settings.root_path}"
