"""Mutated messages: no receiver crashes, hangs or takes much memory, and each goes on behind them."""

from __future__ import annotations

import re
import shutil
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wyoming.info import Describe

from bench.fuzz import receivers
from bench.fuzz.fault import Fault
from service.wyoming.messages import encode
from tests.processes import run
from tests.service.live import free_port, running, settings
from tests.signals import ROOT
from tests.waits import PATIENCE, until


def test_2_000_mutated_strings_harm_no_receiver() -> None:
    done = run([sys.executable, "-m", "bench.fuzz", "receivers", "--count", "2000"], cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    board, *others = done.stdout.splitlines()
    assert re.fullmatch(r"serial link, board: 2,000 strings in \d+ s, [4-9],\d+ messages answered", board)
    assert [line.partition(":")[0] for line in others] == ["serial link, computer", "Wyoming", "WebSocket"]
    for line in others:
        whole = re.search(r"2,000 strings in \d+ s, ([\d,]+) whole", line)
        assert whole is not None and int(whole[1].replace(",", "")) > 100, line


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("_receive_on_host", lambda string: [][1]),
        ("_receive_by_websocket", lambda string: int("x")),
    ],
)
@pytest.mark.usefixtures("no_board")
def test_whatever_a_receiver_raises_is_found(
    monkeypatch: pytest.MonkeyPatch, name: str, fault: Callable[[bytes], Any]
) -> None:
    monkeypatch.setattr(receivers, name, fault)
    with pytest.raises(Fault, match=r"^string 0, b'.*: (Index|Value)Error"):
        receivers.fuzz(10, 0)


@pytest.mark.usefixtures("no_board")
def test_a_receiver_that_takes_much_memory_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    peaks = iter([0, 0, 201 << 20])
    monkeypatch.setattr(receivers, "_peak_memory", lambda: next(peaks))
    with pytest.raises(Fault, match="memory grew by 201 MB"):
        receivers.fuzz(600, 0)


@pytest.fixture
def no_board(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the board's receiver out: it takes a compiler."""
    monkeypatch.setattr(receivers, "board", lambda *_: "")


def test_a_fault_of_the_board_s_receiver_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "firmware/src", tmp_path / "src")
    link = tmp_path / "src/link/ww_link.c"
    sound = link.read_text()
    assert "if (end > count)" in sound
    link.write_text(sound.replace("if (end > count)", "if (end > 60000)"))  # believes the length of a run
    monkeypatch.setattr(receivers, "_FIRMWARE", tmp_path / "src")
    with pytest.raises(Fault, match="a board's receiver ended with status"):
        receivers.board(2000, 0)


def test_mutated_messages_never_harm_the_wyoming_server(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    port = free_port()
    with running(settings(tmp_path, wyoming=f"tcp://127.0.0.1:{port}")) as live:
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
                client.sendall(receivers._to_wyoming(rng))
                client.shutdown(socket.SHUT_WR)
                while client.recv(65_536):
                    pass
        until(lambda: live.http.get("/api/sources").json() == [])
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
            client.sendall(encode(Describe().event()))
            assert client.recv(100).startswith(b'{"type": "info"')
        assert live.http.get("/readyz").status_code == 200
