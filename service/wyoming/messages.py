"""Messages of the Wyoming protocol, read with caps: a line of JSON, then JSON and a payload of the lengths it names.

The reader of the library believes every length, and waits for as many bytes.
"""

from __future__ import annotations

import asyncio
import json
from importlib.metadata import version
from typing import Any

from wyoming.event import Event as Message

from service.wyoming.refused import Refused

MAX_JSON = 16 * 1024  # bytes of the line, and of the data behind it
MAX_BRACKETS = 200  # that open in one JSON text, so that none is nested deeper than the parser can follow
_READ = 64 * 1024  # bytes
_VERSION = version("wyoming")


class MessageReader:
    """Reads the messages of a connection."""

    def __init__(self, stream: asyncio.StreamReader, max_payload: int) -> None:
        """max_payload: bytes of a message's payload."""
        self.begun_at: float | None = None  # time of the loop at which the incomplete message began
        self._stream = stream
        self._max_payload = max_payload
        self._buffer = bytearray()

    async def read(self) -> Message | None:
        """Return the next message, or None at the end of the connection. If cancelled, it can be called again.

        Raises:
            Refused: the bytes are no message, or one beyond the caps, or break off in its middle.
        """
        if self._buffer:
            self._note_begin()
        if (end := await self._line_end()) is None:
            return None
        head = _json_object(self._buffer[:end])
        kind = head.get("type")
        if not isinstance(kind, str):
            raise Refused("bad-message", "a message's type is a text")
        data_end = end + 1 + _length(head, "data_length", MAX_JSON)
        message_end = data_end + _length(head, "payload_length", self._max_payload)
        while len(self._buffer) < message_end:
            if not await self._receive():
                raise Refused("bad-message", "the connection ended within a message")
        data = _data(head, self._buffer[end + 1 : data_end])
        payload = bytes(self._buffer[data_end:message_end])
        del self._buffer[:message_end]
        self.begun_at = None
        return Message(kind, data, payload)

    async def _line_end(self) -> int | None:
        """Return the position of the line's end, or None if the connection has ended before a message."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > MAX_JSON:
                break
            if not await self._receive():
                if not self._buffer:
                    return None
                raise Refused("bad-message", "the connection ended within a message")
        if end < 0 or end > MAX_JSON:
            raise Refused("bad-message", f"a message begins with a line of JSON of at most {MAX_JSON} bytes")
        return end

    async def _receive(self) -> bool:
        """Wait for bytes. Return whether any came."""
        received = await self._stream.read(_READ)
        self._buffer += received
        if received:
            self._note_begin()
        return bool(received)

    def _note_begin(self) -> None:
        if self.begun_at is None:
            self.begun_at = asyncio.get_running_loop().time()


def encode(message: Message) -> bytes:
    """Return a message without payload as bytes for the connection."""
    data = json.dumps(message.data).encode() if message.data else b""
    head = {"type": message.type, "version": _VERSION, **({"data_length": len(data)} if data else {})}
    return json.dumps(head).encode() + b"\n" + data


def _json_object(text: bytearray) -> dict[str, Any]:
    if text.count(b"[") + text.count(b"{") > MAX_BRACKETS:
        raise Refused("bad-message", f"a message's JSON has at most {MAX_BRACKETS} brackets")
    try:
        found = json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise Refused("bad-message", "a message begins with a line of JSON") from error
    if not isinstance(found, dict):
        raise Refused("bad-message", "a message is a JSON object")
    return found


def _length(head: dict[str, Any], key: str, most: int) -> int:
    value = head.get(key)
    if value is None:
        return 0
    if type(value) is not int or not 0 <= value <= most:
        raise Refused(
            "bad-message", f"{key} is a number from 0 to {most}, not {repr(value)[:40]}; send smaller messages"
        )
    return value


def _data(head: dict[str, Any], more: bytearray) -> dict[str, Any]:
    """Return the data of the line and those behind it, in one."""
    data = head.get("data")
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise Refused("bad-message", "a message's data are a JSON object")
    return {**data, **_json_object(more)} if more else data
