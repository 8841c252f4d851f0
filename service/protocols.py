"""HTTP and WebSocket as uvicorn speaks them, with a bound on all that a client can send without an answer.

What a client sends is parsed in small pieces. So no client holds the event loop for long, and none fills memory with
messages that nobody has processed.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from asyncio.sslproto import SSLProtocol
from functools import partial
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import get_remote_addr
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame
from websockets.http11 import Request

from service.connections import Connections, Phase

_HEAD_BYTES = 16 * 1024  # of a request's head, of a chunk's line, of trailers
_HTTP_PIECE = 8 * 1024  # bytes parsed at a time
_UNWANTED_BYTES = 1 << 20  # of a body that is sent on after its answer
_CHUNK_BYTES = 256  # of a chunked body, at least, on average
_FREE_CHUNKS = 1000  # of any size
_SOCKET_PIECE = 4096  # bytes parsed at a time
_SMALL_PIECE = 128  # of a client whose frames are tiny: some 20 frames
_FEW = 8  # frames, of which more in a piece are tiny
_MESSAGES = 16  # messages in a row to a handler before others have their turn
_TURN = 5e-3  # seconds of parsing before others have their turn
_FRAGMENTS = 1000  # of a message
_CONTROL_BURST = 200  # pings and pongs at once
_CONTROL_RATE = 20.0  # a second
_COUNTED = "wakeword.counted"  # names the transport below TLS

# A stranger causes these warnings, as many as he likes; errors are the service's own.
_log = logging.getLogger("service.http")
_log.setLevel(logging.ERROR)


class Config(uvicorn.Config):
    """The server's configuration, with the connections that its protocols share."""

    def __init__(self, app: Any, connections: Connections, tls: ssl.SSLContext | None = None, **options: Any) -> None:
        """connections: those that are open. tls: speak https by it."""
        super().__init__(
            app,
            http=HttpProtocol if tls is None else partial(_over_tls, tls, connections),  # type: ignore[arg-type]
            ws=StreamProtocol,
            h11_max_incomplete_event_size=_HEAD_BYTES,
            ws_per_message_deflate=False,  # sound doesn't shrink, and each compressed connection holds megabytes
            **options,
        )
        self.connections = connections


class HttpProtocol(H11Protocol):
    """An HTTP connection until it ends or becomes a WebSocket."""

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = _BoundedConnection(h11.SERVER, _HEAD_BYTES)
        self.logger = _log
        self._connections = config.connections
        self._unwanted = 0  # bytes of bodies that came after their answers

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if _counted(transport) is transport:  # else it was admitted before it shook hands
            _admit(transport, self._connections, self.loop)

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), _HTTP_PIECE):
            # A client that sends more with its upgrade breaks the protocol: it must wait for the answer.
            if self.transport.is_closing() or self.transport.get_protocol() is not self:
                return
            super().data_received(data[start : start + _HTTP_PIECE])
        if self._note_phase() is Phase.REST:
            self._unwanted += len(data)
            if self._unwanted > _UNWANTED_BYTES:
                self.transport.abort()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._note_phase()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.remove(_counted(self.transport))
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        if self.cycle is not None and not self.cycle.response_complete:  # its own answer can't follow any more
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:
            self.transport.close()

    def _note_phase(self) -> Phase:
        if self.transport.get_protocol() is not self:
            return Phase.BUSY  # a WebSocket's, which notes its own
        if self.conn.their_state is h11.IDLE:
            phase = Phase.HEAD
        elif self.conn.their_state is h11.SEND_BODY and self.cycle.response_complete:
            phase = Phase.REST
        else:
            phase = Phase.BUSY
        self._connections.enter(_counted(self.transport), phase, self.loop.time())
        return phase


def _over_tls(tls: ssl.SSLContext, connections: Connections, config: Config, **options: Any) -> asyncio.Protocol:
    """Return the protocol of a connection by TLS, as uvicorn asks for it."""
    return TlsProtocol(tls, connections, HttpProtocol(config, **options))


class TlsProtocol(SSLProtocol):
    """A connection that shakes hands first. One that takes its time is one that waits for a request.

    It is counted from its begin on: the event loop's own servers for TLS tell of a connection only afterwards.
    """

    def __init__(self, tls: ssl.SSLContext, connections: Connections, http: HttpProtocol) -> None:
        super().__init__(http.loop, http, tls, None, server_side=True)  # type: ignore[arg-type]
        self._connections = connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._extra[_COUNTED] = transport
        if _admit(transport, self._connections, self._loop):
            super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._connections.remove(self._extra[_COUNTED])
        super().connection_lost(exc)


def _admit(transport: asyncio.Transport, connections: Connections, loop: asyncio.AbstractEventLoop) -> bool:
    client = get_remote_addr(transport)
    return connections.admit(transport, client[0] if client else "", loop.time())


def _counted(transport: asyncio.Transport) -> asyncio.Transport:
    """Return the transport by which a connection is counted: the one below TLS, whose bytes the client has not read."""
    counted: asyncio.Transport = transport.get_extra_info(_COUNTED, transport)
    return counted


class _BoundedConnection(h11.Connection):
    """Refuses a body in ever more tiny chunks, each of which takes as long as a large one."""

    _chunks = 0
    _bytes = 0

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._chunks = self._bytes = 0
        elif isinstance(event, h11.Data):
            self._chunks += 1
            self._bytes += len(event.data)
            if self._chunks > _FREE_CHUNKS + self._bytes // _CHUNK_BYTES:
                raise h11.RemoteProtocolError("the chunks are too small")
        return event


class StreamProtocol(WebSocketsSansIOProtocol):
    """A WebSocket. Of what a client sends, one message, or few small ones, wait to be processed."""

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = self.conn.logger = _log
        self._connections = config.connections
        self._unparsed = bytearray()  # at most what one read of the socket gives
        self._tiny = False  # whether the last frames were
        self._received = 0  # messages
        self._control_frames = 0
        self._opened = self.loop.time()

    def data_received(self, data: bytes) -> None:
        self._unparsed += data
        self._parse()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._parse()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unparsed.clear()
        self._connections.remove(_counted(self.transport))
        super().connection_lost(exc)

    async def receive(self) -> Any:
        self._received += 1
        if self._received % _MESSAGES == 0:
            await asyncio.sleep(0)  # a client that is always ahead must not keep the event loop from all others
        if self.queue.empty() and self._unparsed:
            self._parse()
        message = await self.queue.get()
        if self.queue.empty():
            self._resume_if_parsed()
        return message

    async def send(self, message: Any) -> None:
        await super().send(message)
        if self.close_sent and self._unparsed:  # the client's answer may be among it
            self._parse()

    def handle_connect(self, event: Request) -> None:
        self._connections.enter(_counted(self.transport), Phase.BUSY, self.loop.time())
        super().handle_connect(event)

    def handle_ping(self) -> None:
        self._count_control_frame()
        super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        self._count_control_frame()
        super().handle_pong(event)

    def handle_cont(self, event: Frame) -> None:
        super().handle_cont(event)
        if len(self.frames) > _FRAGMENTS and not self.close_sent:
            self._fail(1009, f"a message has at most {_FRAGMENTS} fragments")

    def _parse(self) -> None:
        """Parse what was received up to the next message, while the client reads what it gets for it."""
        end = time.perf_counter() + _TURN
        while self._unparsed and self._wants_more and not self.transport.is_closing():
            if time.perf_counter() > end:
                self.loop.call_soon(self._parse)
                break
            length = _SMALL_PIECE if self._tiny else _SOCKET_PIECE
            piece, before = bytes(self._unparsed[:length]), self._control_frames
            del self._unparsed[:length]
            super().data_received(piece)
            self._tiny = self.queue.qsize() + self._control_frames - before > _FEW
        self._resume_if_parsed()

    @property
    def _wants_more(self) -> bool:
        """Return whether no message waits, and answers to pings can be sent. After the end all messages are dropped."""
        return (self.queue.empty() or self.close_sent) and self.writable.is_set()

    def _resume_if_parsed(self) -> None:
        """Read on if all is parsed and wanted; else let the network hold the client's data back."""
        if self.transport.is_closing():
            return
        paused = bool(self._unparsed) or not self._wants_more
        if paused != self.read_paused:
            self.read_paused = paused
            if paused:
                self.transport.pause_reading()
            else:
                self.transport.resume_reading()

    def _count_control_frame(self) -> None:
        self._control_frames += 1
        allowed = _CONTROL_BURST + _CONTROL_RATE * (self.loop.time() - self._opened)
        if self._control_frames > allowed and not self.close_sent:
            self._fail(1008, "too many pings; send audio")

    def _fail(self, code: int, reason: str) -> None:
        """Close the connection: the client breaks a limit."""
        self.frames = []
        self._unparsed.clear()
        self.conn.fail(code, reason)
        self.handle_parser_exception()
