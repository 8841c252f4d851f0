"""Routes that exchange the token for a session in a cookie, which no script can read."""

from __future__ import annotations

import time

from fastapi import APIRouter, HTTPException, Request, Response

from service.api.schemas import Login
from service.middleware import COOKIE, client_of
from service.problems import documented
from service.rate_limiter import RateLimiter
from service.sessions import LIFETIME, Sessions
from service.settings import Settings
from service.tokens import matches


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
        """Exchange the token for a cookie, which is valid for 30 days."""
        if token_hash is None or sessions is None:
            return Response(status_code=204)
        if not matches(login.token, token_hash):
            if not failures.allows(client_of(request), time.monotonic()):
                raise HTTPException(429, "too many wrong tokens; wait a minute", {"Retry-After": "60"})
            raise HTTPException(401, "this is not the token; wakeword serve --new-token makes another")
        answer = Response(status_code=204)
        answer.set_cookie(
            COOKIE,
            sessions.open(time.time()),
            LIFETIME,
            path=path,
            httponly=True,
            samesite="strict",
            secure=settings.behind_tls,
        )
        return answer

    @router.delete("", status_code=204)
    def log_out(request: Request) -> Response:
        """End the session of the cookie, and delete the cookie."""
        if sessions is not None and COOKIE in request.cookies:
            sessions.end(request.cookies[COOKIE])
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE, path=path, httponly=True, samesite="strict", secure=settings.behind_tls)
        return answer

    return router
