"""The Wyoming server: accept clients within limits, and announce the service to Home Assistant."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import anyio
import structlog
from wyoming.error import Error
from wyoming.zeroconf import HomeAssistantZeroconf

from service.detection.hub import Hub
from service.rate_limiter import RateLimiter
from service.settings import Limits
from service.sockets import client_group, is_loopback
from service.supervisor import stop
from service.wyoming.client import Client
from service.wyoming.messages import encode
from service.wyoming.places import Place, Places
from service.wyoming.refused import Refused
from service.wyoming.turns import Turns
from service.wyoming.words import InfoMessage

_ANNOUNCE_RETRY = 30.0  # seconds
_READ = 16 * 1024  # bytes of a connection that are read ahead
_FAREWELL = 2.0  # seconds for a disconnected client to read why
_FAREWELL_BYTES = 1 << 20  # of it that are read meanwhile, and dropped
_FAREWELLS = 32  # refused clients that get them at a time
_LINES, _LINES_PER_SECOND = 20, 0.2  # of the log on clients of one address
_SYSTEM_BUFFER = 64 * 1024  # bytes that the system keeps of a connection each way; by itself it keeps megabytes
_KEEP_ALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}  # a client without power sends no farewell
_log = structlog.get_logger()


@asynccontextmanager
async def serving_wyoming(hub: Hub, limits: Limits, listener: socket.socket) -> AsyncIterator[None]:
    """Serve at a listening socket for the length of the block. Off loopback, announce the service by mDNS, which Home
    Assistant looks for."""
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        listener.setsockopt(socket.SOL_SOCKET, option, _SYSTEM_BUFFER)  # its connections inherit them
    clients = _Clients(hub, limits)
    server = await asyncio.start_server(clients.connected, sock=listener, limit=_READ)
    host, port = listener.getsockname()[:2]
    if not is_loopback(host):
        clients.run(_announce(port))
    try:
        yield
    finally:
        server.close()
        await clients.close()


async def _announce(port: int) -> None:
    """Announce the service by mDNS once there is a network. Streams work without."""
    warned = False
    while True:
        try:
            await HomeAssistantZeroconf(port, name=f"wakeword-{socket.gethostname()}").register_server()
            return
        except OSError as error:
            if not warned:
                _log.warning("Wyoming can't be announced yet; trying again", reason=str(error))
            warned = True
            await asyncio.sleep(_ANNOUNCE_RETRY)
        except Exception as error:
            _log.warning("Wyoming is not announced; add it to Home Assistant by host and port", reason=repr(error))
            return


class _Clients:
    """The connected clients, each in a task of its own. A client's error ends its connection only."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits
        self._info, self._turns, self._log = InfoMessage(), Turns(), _Log()
        self._places = Places(limits.wyoming_connections, limits.wyoming_connections_per_address)
        self._tasks: set[asyncio.Task[None]] = set()
        self._farewells = 0

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run work until `close`."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a client, if there is a place for it."""
        peer = writer.get_extra_info("peername")
        if peer is None or writer.is_closing():  # it has gone already
            writer.close()
            return
        address, now = client_group(peer[0]), asyncio.get_running_loop().time()
        client = Client(
            self._hub,
            self._limits,
            self._info,
            self._turns,
            lambda event, reason: self._log.warn(address, event, reason),
            reader,
            writer,
        )
        _keep_alive(writer)

        def give_up() -> None:
            self._log.warn(address, "a Wyoming client was disconnected", "it was idle, and another needed its place")
            writer.transport.abort()

        place = Place(address, lambda: None if client.streams else client.active_at, give_up)
        if self._places.take(place, now):
            self.run(self._serve(client, place, reader, writer))
        else:
            self._refuse(address, reader, writer)

    async def close(self) -> None:
        """Disconnect all clients."""
        await asyncio.gather(*(stop(task) for task in tuple(self._tasks)))

    async def _serve(
        self, client: Client, place: Place, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            try:
                await client.serve()
            except Refused as refused:
                self._log.warn(place.address, "a Wyoming client was disconnected", str(refused))
                writer.write(_error(refused))
            except OSError:
                pass  # it has gone
            except Exception as error:
                self._log.warn(place.address, "a Wyoming client was disconnected", repr(error))
            await _take_leave(reader, writer)
        finally:
            self._places.leave(place)
            writer.close()

    def _refuse(self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Turn away a client for which there is no place."""
        refused = Refused("too-many-connections", "too many Wyoming connections are open; end one, or try again later")
        self._log.warn(address, "a Wyoming client was refused", str(refused))
        writer.write(_error(refused))
        if self._farewells >= _FAREWELLS:
            writer.close()
            return
        self._farewells += 1
        self.run(self._see_off(reader, writer))

    async def _see_off(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _take_leave(reader, writer)
        finally:
            self._farewells -= 1
            writer.close()


class _Log:
    """Warns of clients. Of one address some lines are logged, then one every five seconds, which counts the others."""

    def __init__(self) -> None:
        self._limiter = RateLimiter(_LINES_PER_SECOND, _LINES)
        self._unlogged = 0

    def warn(self, address: str, event: str, reason: str) -> None:
        """Log a line, or count it."""
        if not self._limiter.allows(address, asyncio.get_running_loop().time()):
            self._unlogged += 1
            return
        more = {"unlogged": self._unlogged} if self._unlogged else {}
        self._unlogged = 0
        _log.warning(event, reason=reason, address=address, **more)


def _error(refused: Refused) -> bytes:
    return encode(Error(text=str(refused), code=refused.code).event())


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """Have the system notice a peer that is gone without a word."""
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEP_ALIVE.items():
            if hasattr(socket, option):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


async def _take_leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """End the sending, and drop all that comes for a while: a close with unread bytes would lose what was sent."""
    # uvloop raises RuntimeError if the connection is closed.
    with contextlib.suppress(OSError, RuntimeError), anyio.move_on_after(_FAREWELL):
        writer.write_eof()
        dropped = 0
        while (data := await reader.read(_READ)) and dropped < _FAREWELL_BYTES:
            dropped += len(data)
