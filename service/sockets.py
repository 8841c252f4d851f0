"""Listening TCP sockets, opened before anything runs, so that a port in use ends the start with one line."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import sys
from urllib.parse import urlsplit

from wakeword.errors import UsageError

if sys.platform != "win32":
    import resource

_DESCRIPTORS = 65_536  # open files and sockets; more cost the kernel memory, and nobody needs them
_OTHER_DESCRIPTORS = 128  # of the database, clips, uploads, libraries


def is_loopback(host: str) -> bool:
    """Return whether only this computer can connect to a host name or address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def client_group(address: str) -> str:
    """Return what stands for a client in limits: its address, or of IPv6 the network, all of which one host may use."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address) or parsed.is_loopback:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)


def allowed_connections(wanted: int, others: int) -> int:
    """Raise the process's limit of open descriptors as far as it may. Return how many connections it then allows.

    wanted: the most connections. others: connections besides these.
    """
    if sys.platform == "win32":  # has no such limit
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(OSError, ValueError):  # macOS allows less than its hard limit
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
    if soft == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, soft - others - _OTHER_DESCRIPTORS))


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
