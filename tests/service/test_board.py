"""A board on a serial port: its detections are stored, also after its cable was unplugged."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from featurizer import FEATURIZER_ID
from tests.service.live import running, settings
from tests.waits import PATIENCE, until
from wakeword.boards.messages import Decoder, Message, encode


class Board:
    """A simulated board that speaks the real protocol."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"

    def plug_in(self) -> None:
        """Wait for the service, and answer its hello."""
        self._listener.settimeout(PATIENCE)
        received = b""
        while not received:  # the service gives up a connection without an answer
            self._line, _ = self._listener.accept()
            self._line.settimeout(PATIENCE)
            decoder = Decoder()
            while (received := self._line.recv(100)) and not any(it.type == "h" for it in decoder.feed(received)):
                pass
        self._line.sendall(encode(Message("H", struct.pack("<II", 0x1234, FEATURIZER_ID))))

    def detect(self, word: str, score: int, frame: int) -> None:
        self._line.sendall(encode(Message("E", struct.pack("<IhB", frame, score, 3) + word.encode())))

    def unplug(self) -> None:
        self._line.close()

    def remove(self) -> None:
        self.unplug()
        self._listener.close()


@pytest.fixture
def board() -> Iterator[Board]:
    board = Board()
    yield board
    board.remove()


def test_a_boards_detections_are_stored_and_an_unplugged_cable_is_reported(board: Board, tmp_path: Path) -> None:
    with running(settings(tmp_path, serial=board.port)) as live:

        def events() -> list[Any]:
            return [(it["source"], it["word"], it["score"], it["frame"]) for it in _of(live, "/api/events")["events"]]

        board.plug_in()
        board.detect("yes", 16_384, 100)
        until(lambda: events() == [("board", "yes", 0.5, 100)])
        board.unplug()
        until(lambda: "has gone away" in (_of(live, "/api/sources")[0]["trouble"] or ""))
        board.plug_in()
        board.detect("no", 8192, 7)
        until(lambda: events()[0] == ("board", "no", 0.25, 7))
        assert _of(live, "/api/sources")[0]["trouble"] is None


def _of(live: Any, path: str) -> Any:
    return live.http.get(path).json()
