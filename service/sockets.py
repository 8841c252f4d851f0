"""Listening TCP sockets, opened before anything runs, so that a port in use ends the start with one line."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from wakeword.errors import UsageError


def is_loopback(host: str) -> bool:
    """Return whether only this computer can connect to a host name or address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """Listen at a TCP port. Port 0 picks a free one.

    Raises:
        UsageError: the address or port can't be used.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"can't listen at {host}, port {port}: {reason}; choose another host or port") from error


def listen_at(url: str) -> socket.socket:
    """Listen at tcp://HOST:PORT.

    Raises:
        UsageError: the URL is invalid, or its address or port can't be used.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"--wyoming takes tcp://HOST:PORT, not {url!r}: {error}") from error
    if parts.scheme != "tcp" or host is None or port is None:
        raise UsageError(f"--wyoming takes tcp://HOST:PORT, not {url!r}")
    return listen(host, port)
