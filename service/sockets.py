"""Sockets to listen at, opened before anything runs, so that a port in use is said in one line."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from wakeword.errors import WakewordError

_LOCAL = ("localhost", "::1")


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach it."""
    return host in _LOCAL or host.startswith("127.")


def listener(host: str, port: int) -> socket.socket:
    """
    Raises:
        WakewordError: it can't listen there.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WakewordError(f"can't listen at {host}, port {port}: {reason}") from error


def tcp_listener(url: str) -> socket.socket:
    """As `listener`, for tcp://HOST:PORT.

    Raises:
        WakewordError: it is none, or it can't listen there.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise WakewordError(f"{url!r}: {error}") from error
    if parts.scheme != "tcp" or host is None or port is None:
        raise WakewordError(f"tcp://HOST:PORT is wanted, not {url!r}")
    return listener(host, port)
