"""Parse hosts and origins strictly: an attacker's page chooses both.

A parser that guesses, or that falls back to the server's own address, lets another site's page in.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"((?:{_LABEL}\.)*{_LABEL}\.?|\[[0-9a-f:.]+\])(?::([1-9][0-9]{{0,4}}))?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # a last label that makes a name an IPv4 address, as browsers judge
_MAX_NAME, _MAX_PORT = 253, 65535
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Host(NamedTuple):
    """A host as a request names it."""

    name: str  # in lower case; an IPv6 address in brackets
    port: int | None  # None: the default port of the scheme

    @property
    def is_local(self) -> bool:
        """Return whether the name always means this computer, so that no site can give it another address."""
        if self.name == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.name.strip("[]")).is_loopback and "ffff" not in self.name
        except ValueError:
            return False


class Origin(NamedTuple):
    """The origin of a page."""

    scheme: str
    name: str
    port: int

    @classmethod
    def of(cls, scheme: str, host: Host) -> Origin:
        """Return the origin of the pages of a host."""
        return cls(scheme, host.name, host.port or _DEFAULT_PORTS[scheme])


def parse_host(value: bytes) -> Host | None:
    """Parse NAME[:PORT] or [IPv6][:PORT], the value of a header `Host`. Return None if it is anything else."""
    match = _HOST.fullmatch(value.decode("latin-1").lower()) if value.isascii() else None
    if match is None:
        return None
    name, port = match[1], int(match[2]) if match[2] else None
    if len(name) > _MAX_NAME or (port or 0) > _MAX_PORT:
        return None
    try:
        if name.startswith("["):
            name = f"[{ipaddress.IPv6Address(name[1:-1])}]"
        elif _NUMBER.fullmatch(name.rstrip(".").rpartition(".")[2]):
            name = str(ipaddress.IPv4Address(name))
    except ValueError:
        return None
    return Host(name, port)


def parse_origin(text: str) -> Origin | None:
    """Parse http[s]://NAME[:PORT]. Return None if it is anything else, such as `null`."""
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _DEFAULT_PORTS:
        return None
    host = parse_host(rest.encode("utf-8", "replace"))
    return None if host is None else Origin.of(scheme, host)
