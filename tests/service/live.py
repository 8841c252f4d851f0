"""The service as it runs, in a thread beside the test, and those who talk to it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from featurizer.logmel import Samples
from service.run import Server
from service.settings import Limits, Retention, Settings
from tests.signals import demo
from tests.waits import PATIENCE, until
from wakeword.inference.engine import open_engine
from wakeword.model.pretrained import load_model

UNHURRIED = Limits(
    requests_per_second=10_000, burst=10_000, lead_seconds=3600, messages_per_second=100_000, idle_seconds=3600
)
NO_RESERVE = Retention(reserve_bytes=0)


def settings(data: Path, **changes: Any) -> Settings:
    """A service of its own for a test: no microphone, no limit that a test would meet by chance."""
    chosen = {"data": data, "port": 0, "microphone": False, "limits": UNHURRIED, "retention": NO_RESERVE, **changes}
    return Settings(**chosen)


def free_port() -> int:
    """Return a TCP port of loopback that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@dataclass(frozen=True)
class Live:
    """A running service."""

    url: str
    http: httpx.Client

    def stream(self, query: str = "name=kitchen", **options: Any) -> ClientConnection:
        return connect(f"{self.url.replace('http', 'ws')}/api/stream?{query}", **{"open_timeout": PATIENCE, **options})

    def push(self, samples: Samples, query: str = "name=kitchen", block: int = 1600) -> list[dict[str, Any]]:
        """Push samples through a stream, and return all messages of the service."""
        with self.stream(query) as socket:
            for start in range(0, len(samples), block):
                socket.send(samples[start : start + block].astype("<i2").tobytes())
            socket.send('{"type": "end"}')
            return [json.loads(message) for message in socket]


@contextmanager
def running(chosen: Settings, token_hash: str | None = None) -> Iterator[Live]:
    """A service for the length of the block."""
    server = Server(chosen, token_hash)
    failures: list[BaseException] = []

    def serve() -> None:
        try:
            server.serve_here()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        until(lambda: server.started or bool(failures))
        if failures:
            raise failures[0]
        with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
            yield Live(server.url, client)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the service doesn't end"


def words_of_demo() -> list[tuple[str, int]]:
    """What the shipped model detects in the demo recording: word and frame."""
    model = load_model()
    events = open_engine(model).push(demo()).events
    assert len(events) > 5
    return [(model.labels[event.label], event.frame) for event in events]
