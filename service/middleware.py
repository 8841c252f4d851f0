"""Who may come in: the right host name, the right origin, a token where one is asked for, and not too much at once.

On loopback nobody needs a token, so a page of another site must not get there by the browser of this computer:
neither by its origin, nor by a name of its own that points here.
"""

from __future__ import annotations

import math
import time
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.metrics import Metrics
from service.problems import problem
from service.rate_limiter import RateLimiter
from service.settings import Settings
from service.tokens import matches

COOKIE = "wakeword_token"
_SAFE = ("GET", "HEAD", "OPTIONS")
_OPEN = ("/healthz", "/readyz", "/api/session")  # without a token
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_JSON_BYTES = 64 * 1024  # of a request's body, where it is no upload
_HEADERS = (
    (b"content-security-policy", b"default-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
     b"frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"microphone=(self), camera=(), geolocation=()"),
    (b"cross-origin-resource-policy", b"same-origin"),
)  # fmt: skip


class _TooLarge(Exception):
    pass


class AccessMiddleware:
    """Stands before the application."""

    def __init__(
        self, app: ASGIApp, settings: Settings, metrics: Metrics, token_hash: str | None, failures: RateLimiter
    ) -> None:
        """token_hash: of the token that is asked for; None asks for none. failures: what is left to a guesser."""
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._token_hash = token_hash
        self._requests = RateLimiter(settings.limits.requests_per_second, settings.limits.burst)
        self._failures = failures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        refusal = self._refusal(connection)
        if refusal is not None:
            self._metrics.refusals.labels(str(refusal.status_code)).inc()
            await refusal(scope, receive, _with_headers(send))
        elif scope["type"] == "http":
            await self._pass(connection, receive, _with_headers(send))
        else:
            await self._app(scope, receive, send)

    def _refusal(self, connection: HTTPConnection) -> Response | None:
        address = connection.client.host if connection.client else ""
        now = time.monotonic()
        if not self._requests.allows(address, now):
            return _later("too many requests", self._requests.wait(address, now))
        if self._settings.loopback and connection.url.hostname not in _LOCAL_NAMES:
            return problem(403, "this service answers to localhost only")
        if not self._origin_is_fine(connection):
            return problem(403, "a page of another origin may not use this service; --origin lets it")
        if self._token_hash is None or not _is_guarded(connection.url.path):
            return None
        token = presented_token(connection)
        if token is not None and matches(token, self._token_hash):
            return None
        if token is not None and not self._failures.allows(address, now):
            return _later("too many wrong tokens", self._failures.wait(address, now))
        return problem(401, "a token is asked for", **{"WWW-Authenticate": "Bearer"})

    def _origin_is_fine(self, connection: HTTPConnection) -> bool:
        """Browsers name the page that asks; programs name none."""
        origin = connection.headers.get("origin")
        if origin is None or (connection.scope["type"] == "http" and connection.scope["method"] in _SAFE):
            return True
        return urlsplit(origin).netloc == connection.headers.get("host") or origin in self._settings.origins

    async def _pass(self, connection: HTTPConnection, receive: Receive, send: Send) -> None:
        upload = connection.url.path == "/api/detect"
        most = self._settings.limits.upload_bytes if upload else _JSON_BYTES
        declared = connection.headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > most:
            await problem(413, f"a body has at most {most} bytes")(connection.scope, receive, send)
            return
        started = False
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(connection.scope, counted, watched)
        except _TooLarge:
            if not started:
                await problem(413, f"a body has at most {most} bytes")(connection.scope, receive, send)


def presented_token(connection: HTTPConnection) -> str | None:
    """The token of a program (a header) or of a page (a cookie)."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    try:
        cookie = SimpleCookie(connection.headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return cookie.value if cookie else None


def _is_guarded(path: str) -> bool:
    """The dashboard's own files hold no secret, and must load to ask for the token."""
    return path == "/metrics" or path == "/openapi.json" or (path.startswith("/api/") and path not in _OPEN)


def _later(why: str, seconds: float) -> Response:
    return problem(429, why, **{"Retry-After": str(math.ceil(seconds))})


def _with_headers(send: Send) -> Send:
    async def add(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            message["headers"] = [*message.get("headers", []), *_HEADERS]
        await send(message)

    return add
