"""Limits on open connections, in all and per address.

A client may stay connected without a stream: satellites do. It then has its place only until another client needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

SETTLED = 5.0  # seconds without a message, after which a connection without a stream may lose its place


@dataclass(eq=False)
class Place:
    """The place of an open connection."""

    address: str
    idle_since: Callable[[], float | None]  # time of its last message; None while it has a stream
    give_up: Callable[[], None]  # ends the connection


class Places:
    """The places of all open connections."""

    def __init__(self, total: int, per_address: int) -> None:
        self._total = total
        self._per_address = per_address
        self._taken: dict[str, list[Place]] = {}

    def take(self, place: Place, now: float) -> bool:
        """Take a place. If there is none, end the connection that has been idle longest: of this address if it has all
        that it may have, else of the address with the most. Return False if none is idle."""
        own = self._taken.get(place.address, [])
        if len(own) >= self._per_address:
            crowd = own
        elif sum(map(len, self._taken.values())) >= self._total:
            crowd = max(self._taken.values(), key=len, default=[])
        else:
            crowd = None
        if crowd is not None and not self._end_longest_idle(crowd, now):
            return False
        self._taken.setdefault(place.address, []).append(place)
        return True

    def leave(self, place: Place) -> None:
        """Give the place back, if it still is taken."""
        places = self._taken.get(place.address, [])
        if place in places:
            places.remove(place)
        if not places:
            self._taken.pop(place.address, None)

    def _end_longest_idle(self, crowd: list[Place], now: float) -> bool:
        idle = [(since, number) for number, place in enumerate(crowd) if (since := place.idle_since()) is not None]
        since, number = min(idle, default=(now, 0))
        if now - since < SETTLED:
            return False
        place = crowd[number]
        self.leave(place)
        place.give_up()
        return True
