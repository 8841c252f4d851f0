"""Messages of the serial link: `docs/serial-link.md` is the specification, `firmware/src/link` the other end.

A message is a version, a type, a payload and a checksum. On the line it contains no zero (COBS), and a zero ends it.
Bytes that form no message are skipped: a boot message, noise, half a message after a cable was plugged in.
"""

from __future__ import annotations

import binascii
import struct
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wakeword.inference.detector import Event
from wakeword.text import composed

VERSION = 2
_SOUND = 0x1D0F  # the checksum of every frame with its own, inverted checksum
MAX_PAYLOAD = 244
_CONTROL = ("Cc", "Zl", "Zp")  # categories of Unicode


@dataclass(frozen=True)
class Message:
    """A message of either direction."""

    type: str
    payload: bytes


@dataclass(frozen=True)
class Hello:
    """What the board runs."""

    model_id: int
    featurizer_id: int


@dataclass(frozen=True)
class BoardEvent:
    """An event of the board's detector, with its word."""

    word: str
    event: Event


@dataclass(frozen=True)
class Status:
    """The board's health, reported each second."""

    frames: int
    peak: int  # greatest magnitude of a sample since the last status
    lost: int  # samples since the board was started
    busiest: int  # longest frame since the last status, in microseconds; 0 if the board has no clock
    stack_free: int  # bytes; 0 if the board can't tell


@dataclass(frozen=True)
class Frame:
    """The board's results for one frame of a self-test."""

    frame: int
    features: int  # checksum
    hidden: int  # checksum
    posteriors: tuple[int, ...]  # Q15


@dataclass(frozen=True)
class Taken:
    """The number of samples that the board has taken since the self-test began."""

    samples: int


Report = Hello | BoardEvent | Status | Frame | Taken


def checksum(data: bytes) -> int:
    """Return the CRC-16 of polynomial 0x1021, from 0xFFFF."""
    return binascii.crc_hqx(data, 0xFFFF)


def encode(message: Message) -> bytes:
    """Return a message as bytes for the line."""
    body = bytes([VERSION, ord(message.type)]) + message.payload
    # Inverted: otherwise a frame that ends with zeros would still be sound if some of them were lost.
    body += (checksum(body) ^ 0xFFFF).to_bytes(2, "big")
    return b"".join(bytes([len(run) + 1]) + run for run in body.split(b"\0")) + b"\0"


class Decoder:
    """Find the messages in the bytes of a line, which may be cut anywhere."""

    def __init__(self) -> None:
        self._pending = b""
        self.foreign_version: int | None = None  # of the last sound message of another version

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take bytes; yield the messages that they complete."""
        *complete, self._pending = (self._pending + data).split(b"\0")
        self._pending = self._pending[-2 * MAX_PAYLOAD :]  # no message is longer
        for coded in complete:
            body = _without_stuffing(coded)
            if len(body) < 4 or checksum(body) != _SOUND:
                continue
            if body[0] != VERSION:
                self.foreign_version = body[0]
                continue
            yield Message(chr(body[1]), body[2:-2])


def _without_stuffing(coded: bytes) -> bytes:
    """Undo COBS; return nothing if the bytes are not COBS."""
    runs, at = [], 0
    while at < len(coded):
        end = at + coded[at]
        if end > len(coded):
            return b""
        runs.append(coded[at + 1 : end])
        at = end
    return b"\0".join(runs)


def report_of(message: Message) -> Report | None:
    """Parse a board's message; return None if its type is unknown or its payload has another form."""
    try:
        return _READERS[message.type](message.payload)
    except (KeyError, struct.error, ValueError):
        return None


def _read_event(payload: bytes) -> BoardEvent:
    frame, score, label = struct.unpack_from("<IhB", payload)
    word = composed(payload[7:].decode())
    # A terminal obeys control characters, and a database may refuse them.
    if score < 0 or not word or any(unicodedata.category(letter) in _CONTROL for letter in word):
        raise ValueError("no score or no word")
    return BoardEvent(word, Event(label, score, frame))


def _read_frame(payload: bytes) -> Frame:
    frame, features, hidden = struct.unpack_from("<IHH", payload)
    return Frame(frame, features, hidden, struct.unpack_from(f"<{(len(payload) - 8) // 2}h", payload, 8))


_READERS: dict[str, Callable[[bytes], Report]] = {
    "H": lambda payload: Hello(*struct.unpack("<II", payload)),
    "E": _read_event,
    "S": lambda payload: Status(*struct.unpack("<IHIII", payload)),
    "P": _read_frame,
    "A": lambda payload: Taken(*struct.unpack("<I", payload)),
}
