"""Routes that store the token in a cookie, which no script can read."""

from __future__ import annotations

import time

from fastapi import APIRouter, HTTPException, Request, Response

from service.api.schemas import Login
from service.middleware import COOKIE
from service.problems import documented
from service.rate_limiter import RateLimiter
from service.tokens import matches

_YEAR = 365 * 86_400


def session_routes(token_hash: str | None, failures: RateLimiter) -> APIRouter:
    """Return the routes. token_hash: None if no token is required. failures: limits wrong tokens by address."""
    router = APIRouter(prefix="/api/session", tags=["session"])

    @router.post("", status_code=204, responses=documented(401, 422, 429))
    def log_in(request: Request, login: Login) -> Response:
        """Exchange the token for a cookie."""
        if token_hash is None:
            return Response(status_code=204)
        address = request.client.host if request.client else ""
        if not matches(login.token, token_hash):
            if not failures.allows(address, time.monotonic()):
                raise HTTPException(429, "too many wrong tokens; wait a minute", {"Retry-After": "60"})
            raise HTTPException(401, "this is not the token; wakeword serve --new-token makes another")
        answer = Response(status_code=204)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, login.token, _YEAR, httponly=True, samesite="strict", secure=secure)
        return answer

    @router.delete("", status_code=204)
    def log_out() -> Response:
        """Delete the cookie."""
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    return router
