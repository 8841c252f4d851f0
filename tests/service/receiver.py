"""A receiver of webhooks with chosen responses."""

from __future__ import annotations

import contextlib
import queue
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.waits import PATIENCE


@dataclass(frozen=True)
class Posted:
    """A request."""

    path: str
    headers: dict[str, str]
    body: str


class Receiver:
    """An HTTP server. `answers` holds its next responses; after them it answers 204.

    A response is a status, or a way to answer badly: "hang" sends nothing, "drip" a byte now and then, "endless" a body
    without end. They end with the receiver.
    """

    def __init__(self, port: int = 0) -> None:
        self.answers: list[int | str] = []
        self.location: str | None = None  # where its redirects lead
        self._closed = threading.Event()
        self.posted: queue.SimpleQueue[Posted] = queue.SimpleQueue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["content-length"])
                body = self.rfile.read(size).decode()
                if len(body.encode()) < size:
                    return  # the sender has given up
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.posted.put(Posted(self.path, headers, body))
                answer = receiver.answers.pop(0) if receiver.answers else 204
                with contextlib.suppress(OSError):  # the sender has given up
                    receiver._send(self, answer)

            def log_message(self, format: str, *args: object) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def next(self) -> Posted:
        return self.posted.get(timeout=PATIENCE)

    def rest(self) -> list[Posted]:
        """Return the requests that have come and that `next` has not returned."""
        return [self.posted.get() for _ in range(self.posted.qsize())]

    def _send(self, handler: BaseHTTPRequestHandler, answer: int | str) -> None:
        if isinstance(answer, int):
            handler.send_response(answer)
            if self.location is not None:
                handler.send_header("location", self.location)
            handler.send_header("content-length", "0")
            handler.end_headers()
            return
        handler.close_connection = True
        if answer == "endless":
            handler.send_response(200)
            handler.end_headers()
        piece = {"hang": b"", "drip": b"H", "endless": bytes(4096)}[answer]
        while not self._closed.wait(0 if answer == "endless" else 0.05):
            handler.wfile.write(piece)

    def close(self) -> None:
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
