"""Bytes that are no request, and uploads that unfold: each is refused, and the next client is served."""

from __future__ import annotations

import io
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
import soundfile

from tests.processes import started
from tests.service.live import Live, running, settings
from tests.signals import ROOT
from tests.waits import PATIENCE, until

_POST = b"POST /api/detect HTTP/1.1\r\nHost: localhost\r\n"
MALFORMED = {
    "no request": b"milk, eggs\r\n\r\n",
    "a method alone": b"GET\r\n\r\n",
    "a version that is none": b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "a method without end": b"G" * 100_000,
    "a field without a colon": b"GET / HTTP/1.1\r\nHost: localhost\r\nmilk\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
    "a zero in a field": b"GET / HTTP/1.1\r\nHost: local\0host\r\n\r\n",
    "two lengths": _POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a negative length": _POST + b"Content-Length: -1\r\n\r\n",
    "a length in words": _POST + b"Content-Length: many\r\n\r\n",
    "a length of thirty digits": _POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n",
    "a length and chunks": _POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk of no size": _POST + b"Transfer-Encoding: chunked\r\n\r\nmilk\r\n",
    "a chunk of a negative size": _POST + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n",
    "a coding that nobody knows": _POST + b"Transfer-Encoding: milk\r\n\r\n",
    "TLS": bytes.fromhex("1603010200010001fc0303") + bytes(range(256)) * 2,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
    "zeros": bytes(10_000),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with running(settings(tmp_path_factory.mktemp("data"))) as live:
        yield live


@pytest.mark.parametrize("request_bytes", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_request_is_refused_and_the_next_one_answered(service: Live, request_bytes: bytes) -> None:
    parts = urlsplit(service.url)
    received = b""
    with socket.create_connection((parts.hostname, parts.port or 80), PATIENCE) as connection:
        try:
            connection.sendall(request_bytes)
            connection.shutdown(socket.SHUT_WR)
            while more := connection.recv(4096):
                received += more
        except ConnectionError:
            pass  # the service has closed it
    statuses = re.findall(rb"^HTTP/1.1 (\d+)", received, re.M)
    assert all(status.startswith(b"4") for status in statuses), statuses
    assert statuses or not received
    assert service.http.get("/readyz").status_code == 200


def _silence(seconds: int, rate: int, container: str, subtype: str) -> bytes:
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", rate, 1, format=container, subtype=subtype) as written:
        for _ in range(seconds // 10):
            written.write(np.zeros(10 * rate, np.int16))
    return file.getvalue()


def _of_unknown_length(flac: bytes) -> bytes:
    """Return a FLAC file whose header leaves its length open, as that of a stream does."""
    assert flac[:4] == b"fLaC"
    return flac[:21] + bytes([flac[21] & 0xF0]) + bytes(4 + 16) + flac[42:]


_SERVE = "from wakeword.cli import main; main()"


def test_small_files_that_unfold_to_hours_are_refused_in_bounded_memory(tmp_path: Path) -> None:
    hours = _silence(3600, 16_000, "FLAC", "PCM_16")
    bombs = [hours, _of_unknown_length(hours), _silence(620, 8000, "OGG", "OPUS")]
    assert max(map(len, bombs)) < 1_000_000
    command = [sys.executable, "-c", _SERVE, "serve", "--port", "0", "--no-microphone", "--data", tmp_path]
    log = tmp_path / "log"
    with log.open("wb") as errors, started(command, cwd=ROOT, stderr=errors) as process:
        until(lambda: "http://" in log.read_text())
        url = next(word for word in log.read_text().split() if word.startswith("http://"))
        with httpx.Client(base_url=url, timeout=PATIENCE) as client:
            until(lambda: _ready(client))
            before = _peak(process.pid)
            for bomb in bombs:
                answer = client.post("/api/detect", content=bomb)
                assert (answer.status_code, "longer than 600 seconds" in answer.json()["detail"]) == (413, True)
            assert _peak(process.pid) - before < 200
            assert _ready(client)


def _ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.HTTPError:
        return False


def _peak(process: int) -> int:
    """Return the most memory that a process has had so far, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024
