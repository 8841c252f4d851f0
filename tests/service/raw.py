"""Requests as bytes, which no HTTP library would send."""

from __future__ import annotations

import json
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.waits import PATIENCE


class Answer(NamedTuple):
    """The answer to a request."""

    status: int
    detail: str  # of its problem details, or its body if it has none


def ask(url: str, *head: bytes | str) -> Answer:
    """Send the lines of a request's head to a service, and return its answer. The service closes the connection."""
    lines = [line.encode("latin-1") if isinstance(line, str) else line for line in head]
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port or 80), PATIENCE) as connection:
        if not any(line.lower().startswith(b"connection:") for line in lines):
            lines.append(b"Connection: close")
        connection.sendall(b"\r\n".join([*lines, b"", b""]))
        with connection.makefile("rb") as answer:
            status = int(answer.readline().split()[1])
            if status == 101:
                return Answer(status, "")
            while answer.readline().strip():
                pass
            body = answer.read().decode(errors="replace")
    try:
        return Answer(status, json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return Answer(status, body)


def get(url: str, path: str = "/api/events", *headers: bytes | str) -> Answer:
    """Answer of a GET with these headers and no other but `Connection: close`."""
    return ask(url, f"GET {path} HTTP/1.1", *headers)
