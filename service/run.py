"""Run the service in this process until SIGINT or SIGTERM."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
from collections.abc import Callable
from functools import partial
from types import FrameType

import structlog
import uvicorn

from service.app import create_app
from service.browser import open_page
from service.connections import Connections
from service.logs import log_json
from service.overtime import end_within, waiting_tasks
from service.protocols import Config
from service.runtime import prepare
from service.settings import Settings
from service.sockets import allowed_connections, listen
from service.tls import server_context
from service.tokens import new_token, token_hash
from wakeword.errors import UsageError

_GRACE = 2  # seconds for requests that run at the end; then their connections are closed
_LAST = 5  # seconds for what still runs without a connection
_TELL = 8.0  # seconds of the end after which the log says what the service still waits for
_END = 10.0  # seconds after a signal in which the process ends, whatever it does
_UNREAD_BYTES = 64 * 1024  # that the system keeps for a client
_SWEEP = 10  # ticks of the server, each of 0.1 seconds, between two looks at the connections
_log = structlog.get_logger()


class Server(uvicorn.Server):
    """The HTTP server of the service. Ends endless responses first, since a server waits for all responses."""

    def __init__(self, settings: Settings, token_hash: str | None = None) -> None:
        """Listen, and prepare the service. token_hash: None requires no token.

        Raises:
            WakewordError: the port can't be used, or as `service.runtime.prepare`.
        """
        self._listener = listen(settings.host, settings.port)
        # Connections inherit it. More would let the system keep minutes of levels for a client that reads none.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNREAD_BYTES)
        self._app = create_app(prepare(settings), token_hash)
        limits = settings.limits
        wyoming = 0 if settings.wyoming is None else limits.wyoming_connections
        self._connections = Connections(limits, allowed_connections(limits.connections, wyoming))
        self.fingerprint: str | None = None
        tls = None
        if settings.tls:
            tls, self.fingerprint = server_context(settings.data)
        config = Config(
            self._app,
            self._connections,
            tls,
            log_config=None,
            access_log=False,
            proxy_headers=False,  # a client could write any address into them
            server_header=False,
            ws_max_size=limits.message_bytes,
            ws_ping_timeout=None,  # a stream that waits for the disk reads no pong; idle streams time out anyway
            timeout_graceful_shutdown=_GRACE + _LAST,
        )
        super().__init__(config)
        self.when_started: Callable[[], None] = lambda: None
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.url = f"{'https' if settings.tls else 'http'}://{host}:{self._listener.getsockname()[1]}"

    def serve_here(self) -> None:
        """Serve until SIGINT or SIGTERM, or until `should_exit` is set."""
        self.run([self._listener])

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            end_within(_END)
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        if counter % _SWEEP == 0:
            self._connections.sweep(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.when_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if hasattr(self._app.state, "runtime"):
            self._app.state.runtime.close_feeds()
        loop = asyncio.get_running_loop()
        loop.call_later(_GRACE, self._connections.abort_all)
        loop.call_later(_TELL, _tell_what_is_waited_for)
        await super().shutdown(sockets)
        if self.force_exit:  # which uvicorn takes for leave to stop no component
            await self.lifespan.shutdown()


def _tell_what_is_waited_for() -> None:
    _log.error("the service doesn't end", waits_for=waiting_tasks())


def serve(
    settings: Settings,
    say: Callable[[str], None],
    fresh_token: bool = False,
    page: str = "",
    browser: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM.

    say: prints a line, for the service's URL and a new token. fresh_token: replace the token. page: its path, which the
    URL is printed with. browser: open it in the user's browser, if there is one.

    Raises:
        WakewordError: as `Server`.
    """
    log_json()
    os.umask(0o077)  # all that the service writes is its user's alone
    server = Server(settings, _token(settings, say, fresh_token))
    say(f"{server.url}{page} (Ctrl-C ends it)")
    if server.fingerprint is not None:
        say(f"browsers warn once of its certificate, whose SHA-256 fingerprint is {server.fingerprint}")
    if browser:
        server.when_started = partial(open_page, f"{server.url}{page}")
    gc.freeze()  # objects of the start stay; a garbage collection that visits them would delay all streams
    server.serve_here()


def _token(settings: Settings, say: Callable[[str], None], fresh: bool) -> str | None:
    """Return the hash of the required token, or None if none is required."""
    if not settings.needs_token:
        if fresh:
            raise UsageError("--new-token needs --token: on loopback no token is required otherwise")
        return None
    if fresh or token_hash(settings.data) is None:
        say(f"the token, shown only this once: {new_token(settings.data)}")
    return token_hash(settings.data)
