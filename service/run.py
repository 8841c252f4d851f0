"""Running the service until it is told to end."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable

import uvicorn

from service.app import create_app
from service.logs import log_json
from service.runtime import prepare
from service.settings import Settings
from service.sockets import listener
from service.tokens import new_token, token_hash

_GRACE = 5  # seconds for what is under way at the end


class Server(uvicorn.Server):
    """The service on a socket of its own. Endless answers end first, as the server waits for all answers."""

    def __init__(self, settings: Settings, token_hash: str | None = None) -> None:
        """token_hash: of the token that is asked for; None asks for none.

        Raises:
            WakewordError: it can't listen there, or as `service.runtime.prepare`.
        """
        self._listener = listener(settings.host, settings.port)
        self._app = create_app(prepare(settings), token_hash)
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            proxy_headers=False,  # an address that anyone may write is none
            server_header=False,
            ws_max_size=settings.limits.message_bytes,
            ws_ping_timeout=None,  # a stream that waits for the disk reads no answer; who says nothing is let go anyway
            timeout_graceful_shutdown=_GRACE,
        )
        super().__init__(config)
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.url = f"http://{host}:{self._listener.getsockname()[1]}"

    def serve_here(self) -> None:
        """Serve until SIGINT or SIGTERM, or until `should_exit` is set."""
        self.run([self._listener])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if hasattr(self._app.state, "runtime"):
            self._app.state.runtime.close_streams()
        await super().shutdown(sockets)


def serve(settings: Settings, say: Callable[[str], None], fresh_token: bool = False) -> None:
    """Serve until SIGINT or SIGTERM.

    say: is told, in a line, where the service is, and once the token. fresh_token: make another one.

    Raises:
        WakewordError: as `Server`.
    """
    log_json()
    server = Server(settings, _token(settings, say, fresh_token))
    say(f"{server.url} (Ctrl-C ends it)")
    gc.freeze()  # what is here by now stays: a collection that looked through it would hold all streams up
    server.serve_here()


def _token(settings: Settings, say: Callable[[str], None], fresh: bool) -> str | None:
    """The hash of the token that is asked for: of none on loopback."""
    if settings.loopback:
        return None
    if fresh or token_hash(settings.data) is None:
        say(f"the token, shown this once: {new_token(settings.data)}")
    return token_hash(settings.data)
