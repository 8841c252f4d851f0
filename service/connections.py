"""The open connections of the HTTP port: how many there may be, and how long one may keep the service waiting.

A connection that waits for a request is worth the least: if there is no room, the one that waits longest makes room. So
whoever opens connections and says nothing closes only connections like these.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from enum import Enum

from service.settings import Limits
from service.sockets import client_group, is_loopback

_FOR_LOOPBACK = 50  # connections that clients of other computers leave to this one
_LINGER = 5.0  # seconds in which a client may send the rest of a body that nobody reads, to see its answer


class Phase(Enum):
    """What a connection does."""

    HEAD = "shakes hands, waits for a request, or for the rest of its head"
    REST = "sends the rest of a body whose request is answered"
    BUSY = "has a request that is not answered, or is a stream"


@dataclass(slots=True)
class _Connection:
    group: str  # of client addresses
    phase: Phase
    since: float  # when the phase began
    unread: int = 0  # bytes that the client had not read at the last look
    unread_since: float = 0.0  # when it last read


class Connections:
    """Counts the connections, and closes those that keep the service waiting. Times are seconds of the event loop."""

    def __init__(self, limits: Limits, most: int) -> None:
        """most: connections at a time, of all clients."""
        self._limits = limits
        self._most = most
        self._open: dict[asyncio.Transport, _Connection] = {}
        self._of_group: Counter[str] = Counter()
        self._waiting: dict[asyncio.Transport, None] = {}  # the longest wait first

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, transport: asyncio.Transport, address: str, now: float) -> bool:
        """Count a new connection. Return False, and abort it, if there is no room and nobody makes any."""
        group = client_group(address)
        if not (self._has_room_for(group) and self._has_room(group)):
            transport.abort()
            return False
        self._open[transport] = _Connection(group, Phase.HEAD, now)
        self._of_group[group] += 1
        self._waiting[transport] = None
        return True

    def enter(self, transport: asyncio.Transport, phase: Phase, now: float) -> None:
        """Note what a connection does from now on."""
        connection = self._open.get(transport)
        if connection is None or connection.phase is phase:
            return
        connection.phase, connection.since = phase, now
        self._waiting.pop(transport, None)
        if phase is not Phase.BUSY:
            self._waiting[transport] = None

    def remove(self, transport: asyncio.Transport) -> None:
        """Forget a connection that is closed."""
        connection = self._open.pop(transport, None)
        self._waiting.pop(transport, None)
        if connection is not None:
            self._of_group[connection.group] -= 1
            if not self._of_group[connection.group]:
                del self._of_group[connection.group]

    def sweep(self, now: float) -> None:
        """Abort the connections that keep the service waiting. To be called about once a second."""
        patience = {Phase.HEAD: self._limits.head_seconds, Phase.REST: _LINGER}
        for transport, connection in list(self._open.items()):
            waits = patience.get(connection.phase)
            late = waits is not None and now - connection.since > waits
            if late or self._reads_nothing(transport, connection, now):
                self._abort(transport)

    def abort_all(self) -> None:
        """Abort all connections."""
        for transport in list(self._open):
            self._abort(transport)

    def _reads_nothing(self, transport: asyncio.Transport, connection: _Connection, now: float) -> bool:
        unread = transport.get_write_buffer_size()
        if not unread or unread < connection.unread or not connection.unread:
            connection.unread_since = now
        connection.unread = unread
        return now - connection.unread_since > self._limits.unread_seconds

    def _has_room_for(self, group: str) -> bool:
        """Return whether this client may open a connection, perhaps after closing one of its own."""
        if is_loopback(group) or self._of_group[group] < self._limits.connections_per_address:
            return True
        return self._close_longest_wait(group)

    def _has_room(self, group: str) -> bool:
        """Return whether there is room in all, perhaps after closing a connection of anybody."""
        most = self._most if is_loopback(group) else self._most - _FOR_LOOPBACK
        return len(self._open) < most or self._close_longest_wait()

    def _close_longest_wait(self, group: str | None = None) -> bool:
        for transport in self._waiting:
            if group is None or self._open[transport].group == group:
                self._abort(transport)
                return True
        return False

    def _abort(self, transport: asyncio.Transport) -> None:
        self.remove(transport)  # at once, since the event loop tells of the end only later
        transport.abort()
