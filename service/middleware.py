"""Access control: host name, origin, token, request rate and body size.

On loopback nobody needs a token. So another site's page must not reach the service through this computer's browser:
neither from its own origin, nor by a host name of its own that resolves to this computer (DNS rebinding).
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
_OPEN = ("/healthz", "/readyz", "/api/session")  # need no token
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_JSON_BYTES = 64 * 1024  # limit of a body that is no upload
_HEADERS = (
    (b"content-security-policy", b"default-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
     b"frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"microphone=(self), camera=(), geolocation=()"),
    (b"cross-origin-resource-policy", b"same-origin"),
)  # fmt: skip


class _TooLarge(Exception):
    """End a request whose body exceeds its limit."""


class AccessMiddleware:
    """Refuses requests, limits bodies, and adds security headers to responses."""

    def __init__(
        self, app: ASGIApp, settings: Settings, metrics: Metrics, token_hash: str | None, failures: RateLimiter
    ) -> None:
        """token_hash: None requires no token. failures: limits wrong tokens by address."""
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
            await self._limit_body(connection, receive, _with_headers(send))
        else:
            await self._app(scope, receive, send)

    def _refusal(self, connection: HTTPConnection) -> Response | None:
        """Return the response that refuses a request, or None to admit it."""
        address = connection.client.host if connection.client else ""
        now = time.monotonic()
        if not self._requests.allows(address, now):
            return _retry_later("too many requests; wait", self._requests.wait(address, now))
        if self._settings.loopback and connection.url.hostname not in _LOCAL_NAMES:
            return problem(403, "this service answers to localhost only; --host opens it to the network")
        if not self._is_allowed_origin(connection):
            return problem(403, "pages of another origin may not use this service; --origin allows one")
        if self._token_hash is None or not _is_guarded(connection.url.path):
            return None
        token = presented_token(connection)
        if token is not None and matches(token, self._token_hash):
            return None
        if token is not None and not self._failures.allows(address, now):
            return _retry_later("too many wrong tokens; wait", self._failures.wait(address, now))
        return problem(401, "a token is required: Authorization: Bearer TOKEN", **{"WWW-Authenticate": "Bearer"})

    def _is_allowed_origin(self, connection: HTTPConnection) -> bool:
        """Return whether the origin may do this. Browsers send one, programs don't."""
        origin = connection.headers.get("origin")
        if origin is None or (connection.scope["type"] == "http" and connection.scope["method"] in _SAFE):
            return True
        return urlsplit(origin).netloc == connection.headers.get("host") or origin in self._settings.origins

    async def _limit_body(self, connection: HTTPConnection, receive: Receive, send: Send) -> None:
        """Call the application; answer 413 if the body exceeds its limit."""
        upload = connection.url.path == "/api/detect"
        limit = self._settings.limits.upload_bytes if upload else _JSON_BYTES
        declared = connection.headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > limit:
            await problem(413, f"a body has at most {limit} bytes; send less")(connection.scope, receive, send)
            return
        started = False
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
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
                await problem(413, f"a body has at most {limit} bytes; send less")(connection.scope, receive, send)


def presented_token(connection: HTTPConnection) -> str | None:
    """Return the token of the header (programs) or of the cookie (pages), or None."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    try:
        cookie = SimpleCookie(connection.headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return cookie.value if cookie else None


def _is_guarded(path: str) -> bool:
    """Return whether a path needs the token. The dashboard's files don't: they hold no secret, and ask for it."""
    return path == "/metrics" or path == "/openapi.json" or (path.startswith("/api/") and path not in _OPEN)


def _retry_later(why: str, seconds: float) -> Response:
    return problem(429, why, **{"Retry-After": str(math.ceil(seconds))})


def _with_headers(send: Send) -> Send:
    """Add the security headers to the response."""

    async def add(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            message["headers"] = [*message.get("headers", []), *_HEADERS]
        await send(message)

    return add
