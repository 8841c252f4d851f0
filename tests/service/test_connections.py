"""The limit of connections: whoever says nothing makes room, and no stranger locks anybody out."""

from __future__ import annotations

import asyncio
import resource
import sys

from service.connections import Connections, Phase
from service.settings import Limits
from service.sockets import allowed_connections, client_group
from tests.processes import run

LIMITS = Limits(head_seconds=10, unread_seconds=20, connections_per_address=3)


class _Transport(asyncio.Transport):
    """A connection of which only the end is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.aborted = False
        self.unread = 0

    def abort(self) -> None:
        self.aborted = True

    def get_write_buffer_size(self) -> int:
        return self.unread


def _admitted(connections: Connections, address: str, now: float, phase: Phase = Phase.HEAD) -> _Transport:
    transport = _Transport()
    assert connections.admit(transport, address, now) is not transport.aborted
    connections.enter(transport, phase, now)
    return transport


def _aborted(transports: list[_Transport]) -> list[int]:
    return [number for number, transport in enumerate(transports) if transport.aborted]


def test_without_room_the_connection_that_waits_longest_for_a_request_is_closed() -> None:
    connections = Connections(LIMITS, most=4)
    phases = [Phase.BUSY, Phase.HEAD, Phase.HEAD, Phase.BUSY]
    transports = [_admitted(connections, "127.0.0.1", now, phase) for now, phase in enumerate(phases)]
    connections.enter(transports[1], Phase.BUSY, 5)
    connections.enter(transports[1], Phase.HEAD, 6)  # a new wait
    transports.append(_admitted(connections, "127.0.0.1", 7, Phase.BUSY))
    assert (_aborted(transports), len(connections)) == ([2], 4)
    transports += [_admitted(connections, "127.0.0.1", 8, Phase.BUSY) for _ in range(2)]
    assert (_aborted(transports), len(connections)) == ([1, 2, 6], 4)  # the last finds only connections at work


def test_a_client_at_its_own_limit_closes_its_own_connections_only() -> None:
    connections = Connections(LIMITS, most=100)
    others = [_admitted(connections, "192.0.2.1", 0)]
    own = [_admitted(connections, "192.0.2.2", 1, phase) for phase in (Phase.HEAD, Phase.BUSY, Phase.BUSY, Phase.BUSY)]
    assert (_aborted(others), _aborted(own)) == ([], [0])
    own.append(_admitted(connections, "192.0.2.2", 2))
    assert _aborted(own) == [0, 4]


def test_clients_of_other_computers_leave_room_to_this_one() -> None:
    connections = Connections(Limits(connections_per_address=1000), most=200)
    strangers = [_admitted(connections, f"192.0.2.{number % 250}", 0, Phase.BUSY) for number in range(300)]
    assert 100 < len(_aborted(strangers)) < 200
    assert not _aborted([_admitted(connections, "127.0.0.1", 0) for _ in range(20)])


def test_all_addresses_of_an_ipv6_network_count_as_one_client() -> None:
    assert client_group("2001:db8::1") == client_group("2001:db8::ffff") != client_group("2001:db8:0:1::1")
    assert client_group("::ffff:192.0.2.1") == "192.0.2.1"
    assert client_group("fe80::1%eth0") == client_group("fe80::2%eth0")
    assert (client_group("::1"), client_group("127.0.0.2"), client_group("")) == ("::1", "127.0.0.2", "")


def test_connections_that_keep_the_service_waiting_are_closed() -> None:
    connections = Connections(LIMITS, most=100)
    transports = [_admitted(connections, "127.0.0.1", 0, phase) for phase in (Phase.HEAD, Phase.REST, Phase.BUSY)]
    connections.sweep(4)
    assert _aborted(transports) == []
    connections.sweep(9)
    assert _aborted(transports) == [1]
    connections.sweep(11)
    assert (_aborted(transports), len(connections)) == ([0, 1], 1)


def test_a_client_that_reads_nothing_is_closed_and_a_slow_one_is_not() -> None:
    connections = Connections(LIMITS, most=100)
    nothing, slow = (_admitted(connections, "127.0.0.1", 0, Phase.BUSY) for _ in range(2))
    for now in range(100):
        nothing.unread, slow.unread = 50_000 + 100 * now, 50_000 - 5_000 * (now % 10)
        connections.sweep(now)
        if now == 15:
            assert not nothing.aborted
    assert nothing.aborted and not slow.aborted


def test_the_soft_limit_of_descriptors_is_raised_and_connections_stay_below_it() -> None:
    script = """
import resource, sys
from service.sockets import allowed_connections
resource.setrlimit(resource.RLIMIT_NOFILE, (64, int(sys.argv[1])))
print(allowed_connections(800, 200), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""
    for hard, wanted in ((4096, "800 4096"), (1024, "696 1024"), (300, "1 300")):
        assert run([sys.executable, "-c", script, str(hard)]).stdout.split() == wanted.split()
    assert allowed_connections(8, 0) == 8 <= resource.getrlimit(resource.RLIMIT_NOFILE)[0]
