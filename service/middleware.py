"""Access control: host, path, proxy, origin, request rate, token and body size.

On loopback nobody needs a token. So another site's page must not reach the service through this computer's browser:
neither from its own origin, nor by a host name of its own that resolves to this computer (DNS rebinding).
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.ingress import ingress_path
from service.metrics import Metrics
from service.origins import Host, Origin, parse_host, parse_origin
from service.problems import problem
from service.rate_limiter import RateLimiter
from service.security_headers import with_headers
from service.sessions import Sessions
from service.settings import Settings
from service.slow_refusals import SlowRefusals
from service.sockets import client_group
from service.tokens import hashed, matches

COOKIE = "wakeword_session"
_STUDIO_API = "/api/studio/"
UPLOAD_PATH = "/api/detect"
_RECORDING_PATH = re.compile(r"/api/studio/(inbox|projects/[^/]+/(takes|negatives))")
_OPEN = frozenset({"", "/healthz", "/readyz", "/api/session"})  # need no token; the empty one leads to the page
_PROXY_HEADERS = ("forwarded", "via", "x-real-ip")
_JSON_BYTES = 64 * 1024  # limit of a body that is no upload


class _TooLarge(Exception):
    """End a request whose body exceeds its limit."""


class AccessMiddleware:
    """Refuses requests, limits bodies, and adds security headers to responses."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        metrics: Metrics,
        token_hash: str | None,
        sessions: Sessions | None,
        failures: RateLimiter,
        page: Iterable[str],
    ) -> None:
        """token_hash: None requires no token. failures: limits wrong tokens by address.

        page: paths of the dashboard's files, which need no token: they hold no secret, and ask for it.
        """
        self._app = app
        self._settings = settings
        self._scheme = "https" if settings.https else "http"
        self._origins = frozenset(parse_origin(origin) for origin in settings.origins)
        self._metrics = metrics
        self._token_hash = token_hash
        self._sessions = sessions
        self._open = _OPEN.union(page)
        self._requests = RateLimiter(settings.limits.requests_per_second, settings.limits.burst)
        self._failures = failures
        self._slow_refusals = SlowRefusals(settings.limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        ingress = self._ingress(HTTPConnection(scope))
        root_path = self._settings.root_path if ingress is None else ingress
        path = _path(scope["path"], root_path)
        # The application routes by the path that is checked here.
        scope = {**scope, "root_path": root_path, "path": f"{root_path}{path or ''}"}
        connection = HTTPConnection(scope)
        answer = with_headers(send, path, framed=ingress is not None)
        refusal = self._refusal(connection, path)
        if refusal is not None:
            self._metrics.refusals.labels(str(refusal.status_code)).inc()
            if not await self._slow_refusals.delay(client_of(connection)):
                refusal.headers["Connection"] = "close"
            await refusal(scope, receive, answer)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        elif not path:
            await RedirectResponse(f"{root_path}/", 308)(scope, receive, answer)
        else:
            await self._limit_body(connection, path, receive, answer)

    def _ingress(self, connection: HTTPConnection) -> str | None:
        """Return the path at which Home Assistant shows the service, if it sends this request; else None."""
        return ingress_path(connection, self._settings.ingress)

    def _refusal(self, connection: HTTPConnection, path: str | None) -> Response | None:
        """Return the response that refuses a request, or None to admit it.

        What a page of another site sends is refused before it counts against the rate of this computer's user.
        """
        if connection.scope.get("http_version", "1.1") not in ("1.0", "1.1"):
            return problem(400, "this service speaks HTTP/1.1")
        if path is None:
            return problem(400, "a request names a path of this service, beginning with /")
        host = _host(connection)
        if host is None:
            return problem(400, "a request needs exactly one header Host: NAME, or NAME:PORT")
        return (
            self._unproven(connection, host)
            or self._foreign(connection, host, path)
            or self._too_many(connection)
            or self._without_token(connection, path)
        )

    def _unproven(self, connection: HTTPConnection, host: Host) -> Response | None:
        """Refuse a client that may not be this computer's user, if no token would tell."""
        if self._token_hash is not None or self._ingress(connection) is not None:
            return None
        if _is_proxied(connection):
            return problem(403, "this request came through a proxy, so it needs a token: start wakeword serve --token")
        if not host.is_local:
            return problem(403, "this service answers to localhost only; --host opens it to the network")
        return None

    def _foreign(self, connection: HTTPConnection, host: Host, path: str) -> Response | None:
        """Refuse a page of another origin. Browsers say where a request comes from, programs don't."""
        origins = connection.headers.getlist("origin")
        by_ingress = self._ingress(connection) is not None  # at either scheme, which the Supervisor doesn't vouch for
        for origin in origins:
            parsed = parse_origin(origin)
            own = Origin.of(parsed.scheme if by_ingress and parsed is not None else self._scheme, host)
            if parsed is None or len(origins) > 1 or (parsed != own and parsed not in self._origins):
                way_out = "--origin allows one"
                if parsed is not None and parsed.scheme == "https" and self._scheme == "http":
                    way_out += "; behind a proxy with TLS, start wakeword serve --behind-tls"
                return problem(403, f"pages of another origin may not use this service; {way_out}")
        # A link works, but for one that would let the studio work, such as speak a phrase.
        linked = _is_navigation(connection) and not path.startswith(_STUDIO_API)
        if not origins and _is_cross_origin(connection) and not linked:
            return problem(403, "pages of another origin may not use this service")
        return None

    def _too_many(self, connection: HTTPConnection) -> Response | None:
        """Refuse a client that sends too many requests."""
        now = time.monotonic()
        client = self._member(connection) or client_of(connection)
        if _is_cross_origin(connection):  # a link to the dashboard; its site must not use up the user's requests
            client += " from another site"
        if self._requests.allows(client, now):
            return None
        return _retry_later("too many requests; wait", self._requests.wait(client, now))

    def _without_token(self, connection: HTTPConnection, path: str) -> Response | None:
        """Refuse a client that has no token, if its path needs one."""
        if self._token_hash is None or path in self._open or self._member(connection) is not None:
            return None
        client, now = client_of(connection), time.monotonic()
        if _bearer(connection) is not None and not self._failures.allows(client, now):
            return _retry_later("too many wrong tokens; wait", self._failures.wait(client, now))
        return problem(401, "a token is required: Authorization: Bearer TOKEN", **{"WWW-Authenticate": "Bearer"})

    def _member(self, connection: HTTPConnection) -> str | None:
        """Return a name for the bearer of the token, the browser of a session or Home Assistant, else None.

        They have a rate of their own: behind a proxy all clients have one address.
        """
        if self._ingress(connection) is not None:
            return "Home Assistant"
        if self._token_hash is None or self._sessions is None:
            return None
        token = _bearer(connection)
        if token is not None:
            return "bearer of the token" if matches(token, self._token_hash) else None
        session = connection.cookies.get(COOKIE)
        if session is not None and self._sessions.is_open(session, time.time()):
            return f"session {hashed(session)}"
        return None

    def _longest_body(self, path: str) -> int:
        if path == UPLOAD_PATH:
            return self._settings.limits.upload_bytes
        return self._settings.limits.recording_bytes if _RECORDING_PATH.fullmatch(path) else _JSON_BYTES

    async def _limit_body(self, connection: HTTPConnection, path: str, receive: Receive, send: Send) -> None:
        """Call the application; answer 413 if the body exceeds its limit."""
        limit = self._longest_body(path)
        declared = connection.headers.get("content-length", "0")
        if not declared.isdecimal() or len(declared) > 20 or int(declared) > limit:
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


def _path(path: str, root_path: str) -> str | None:
    """Return the path below the root path, whether or not a proxy has removed the latter. It is empty at the root.

    Return None for what is no path, such as the URL of a request to a forward proxy.
    """
    if not path.startswith("/"):
        return None
    below = path.removeprefix(root_path)
    return below if root_path and (not below or below.startswith("/")) else path


def _host(connection: HTTPConnection) -> Host | None:
    """Return the host that a request names, or None unless it names exactly one."""
    hosts = [value for name, value in connection.scope["headers"] if name.lower() == b"host"]
    return parse_host(hosts[0]) if len(hosts) == 1 else None


def _is_proxied(connection: HTTPConnection) -> bool:
    """Return whether a proxy has sent this, as far as it says so. A proxy's client may be anybody.

    HTTP/1.0 is what some proxies speak unless they are told otherwise, and nobody else.
    """
    if any(name in _PROXY_HEADERS or name.startswith("x-forwarded") for name in connection.headers):
        return True
    return connection.scope.get("http_version") == "1.0"


def _is_cross_origin(connection: HTTPConnection) -> bool:
    """Return whether the browser says that a page of another origin has caused this."""
    sites = connection.headers.getlist("sec-fetch-site")
    return any(site not in ("same-origin", "none") for site in sites)


def _is_navigation(connection: HTTPConnection) -> bool:
    """Return whether this opens a page in a window, as a link does. No other page can read it."""
    headers, method = connection.headers, connection.scope.get("method")
    return (method, headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == ("GET", "navigate", "document")


def client_of(connection: HTTPConnection) -> str:
    """Return what stands for a client in rates: its address, or of IPv6 its network."""
    return client_group(connection.client.host) if connection.client else ""


def _bearer(connection: HTTPConnection) -> str | None:
    """Return the token that a program presents, or None."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None


def _retry_later(why: str, seconds: float) -> Response:
    """Refuse a request, and all that its connection would send after it."""
    return problem(429, why, **{"Retry-After": str(math.ceil(seconds)), "Connection": "close"})
