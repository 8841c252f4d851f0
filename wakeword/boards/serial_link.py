"""A board at a serial port: `docs/serial-link.md` is the specification, `firmware/src/link` the other end.

A message is a version, a type, a payload and a checksum; on the line it is free of zeros (COBS) and ends with one. What
is no message (a boot message, noise, half a message after a cable was plugged in) is passed over.
"""

from __future__ import annotations

import binascii
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import serial

from featurizer import FEATURIZER_ID
from featurizer.logmel import Features, Samples
from wakeword.errors import WakewordError
from wakeword.inference.detector import Event

VERSION = 1
BAUD = 115_200
MAX_PAYLOAD = 244
PATIENCE = 5.0  # seconds until a board that does not answer is given up
_READ_SECONDS = 0.1
_RETRY_SECONDS = 0.5  # between two looks for a port that has gone
_SAMPLES_A_MESSAGE = 120


@dataclass(frozen=True)
class Message:
    """One message as it came."""

    type: str
    payload: bytes


@dataclass(frozen=True)
class Hello:
    """What the board runs."""

    model_id: int
    featurizer_id: int


@dataclass(frozen=True)
class Heard:
    """A word that the board detected."""

    word: str
    event: Event


@dataclass(frozen=True)
class Status:
    """How the board is, each second."""

    frames: int
    peak: int  # greatest magnitude of a sample since the last status
    lost: int  # samples since the board was started
    busiest: int  # microseconds that a frame took at most since the last status; 0 where it has no clock
    stack_free: int  # bytes


@dataclass(frozen=True)
class Frame:
    """What the board computed from samples that it was sent."""

    frame: int
    features: int  # checksum
    hidden: int  # checksum
    posteriors: tuple[int, ...]  # Q15


@dataclass(frozen=True)
class Taken:
    """How many samples the board has taken since the test began."""

    samples: int


Report = Hello | Heard | Status | Frame | Taken


def checksum(data: bytes) -> int:
    """CRC-16 of polynomial 0x1021, from 0xFFFF."""
    return binascii.crc_hqx(data, 0xFFFF)


def encode(message: Message) -> bytes:
    """A message as it goes over the line."""
    body = bytes([VERSION, ord(message.type)]) + message.payload
    body += checksum(body).to_bytes(2, "big")
    return b"".join(bytes([len(run) + 1]) + run for run in body.split(b"\0")) + b"\0"


class Decoder:
    """Finds the messages in what comes over a line, however it is cut."""

    def __init__(self) -> None:
        self._pending = b""
        self.foreign_version: int | None = None  # of the last sound message that was of another version

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that these bytes complete."""
        *complete, self._pending = (self._pending + data).split(b"\0")
        self._pending = self._pending[-2 * MAX_PAYLOAD :]  # so long is no message
        for coded in complete:
            body = _without_stuffing(coded)
            if len(body) < 4 or checksum(body) != 0:
                continue
            if body[0] != VERSION:
                self.foreign_version = body[0]
                continue
            yield Message(chr(body[1]), body[2:-2])


def _without_stuffing(coded: bytes) -> bytes:
    """What was encoded; empty where nothing was."""
    runs, at = [], 0
    while at < len(coded):
        end = at + coded[at]
        if end > len(coded):
            return b""
        runs.append(coded[at + 1 : end])
        at = end
    return b"\0".join(runs)


def report_of(message: Message) -> Report | None:
    """What a board's message says; None where it is of an unknown type or has another form."""
    try:
        return _READERS[message.type](message.payload)
    except (KeyError, struct.error, UnicodeDecodeError):
        return None


def _read_heard(payload: bytes) -> Heard:
    frame, score, label = struct.unpack_from("<IhB", payload)
    return Heard(payload[7:].decode(), Event(label, score, frame))


def _read_frame(payload: bytes) -> Frame:
    frame, features, hidden = struct.unpack_from("<IHH", payload)
    return Frame(frame, features, hidden, struct.unpack_from(f"<{(len(payload) - 8) // 2}h", payload, 8))


_READERS: dict[str, Callable[[bytes], Report]] = {
    "H": lambda payload: Hello(*struct.unpack("<II", payload)),
    "E": _read_heard,
    "S": lambda payload: Status(*struct.unpack("<IHIII", payload)),
    "P": _read_frame,
    "A": lambda payload: Taken(*struct.unpack("<I", payload)),
}


class Link:
    """An open port, as a context manager. Its methods raise OSError, as pyserial does, when it goes away."""

    def __init__(self, port: str) -> None:
        self._serial = serial.serial_for_url(port, BAUD, timeout=_READ_SECONDS)
        self._decoder = Decoder()
        self._port = port

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *exception: object) -> None:
        self._serial.close()

    def send(self, type: str, payload: bytes = b"") -> None:
        """Say something to the board."""
        self._serial.write(encode(Message(type, payload)))

    def receive(self) -> list[Report]:
        """What has come, after at most a tenth of a second."""
        data = self._serial.read(max(1, self._serial.in_waiting))
        reports = map(report_of, self._decoder.feed(data))
        return [report for report in reports if report is not None]

    def hello(self, patience: float = PATIENCE) -> Hello:
        """Ask the board what it runs, until it answers.

        Raises:
            WakewordError: it does not, or speaks another version of the link.
        """
        end = time.monotonic() + patience
        while time.monotonic() < end:
            # A zero first: whatever the line has carried, what follows begins a message.
            self._serial.write(b"\0")
            self.send("h")
            for report in self._within(min(patience, 1.0)):
                if isinstance(report, Hello):
                    return report
            if self._decoder.foreign_version is not None:
                raise WakewordError(
                    f"the board at {self._port} speaks version {self._decoder.foreign_version} of the link, this is "
                    f"version {VERSION}; flash the board again, or install the version that flashed it"
                )
        raise WakewordError(f"no wakeword firmware answers at {self._port}; wakeword flash puts it on a board")

    def _within(self, seconds: float) -> Iterator[Report]:
        """Reports as they come, for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            yield from self.receive()


def listen(port: str, hear: Callable[[Heard], None], say: Callable[[str], None]) -> None:
    """Hand on every event of a board, for ever; a cable that is unplugged is waited for.

    Args:
        port: a device's name, or what pyserial takes for one: socket://HOST:PORT.
        hear: is told each event.
        say: is told, in a line, what the user should know.

    Raises:
        WakewordError: the port can't be opened at first, or no firmware answers.
    """
    link = open_link(port)
    lost = 0
    while True:
        try:
            with link:
                describe(link.hello(), port, say)
                link.send("m")
                while True:
                    for report in link.receive():
                        if isinstance(report, Heard):
                            hear(report)
                        elif isinstance(report, Status):
                            if report.lost > lost:
                                say(f"the board has lost {report.lost} samples so far")
                            lost = report.lost
        except OSError:
            say(f"{port} has gone away; waiting for it")
        link = _reopened(port)


def describe(hello: Hello, port: str, say: Callable[[str], None]) -> None:
    """Say what answers at the port."""
    say(f"{port}: model {hello.model_id:08x}")
    if hello.featurizer_id != FEATURIZER_ID:
        say(f"the board's featurizer is {hello.featurizer_id:08x}, this package's {FEATURIZER_ID:08x}")


def open_link(port: str) -> Link:
    """Raises WakewordError where the port can't be opened."""
    try:
        return Link(port)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WakewordError(f"{port} can't be opened: {reason}; is the board plugged in?") from error


def _reopened(port: str) -> Link:
    while True:
        time.sleep(_RETRY_SECONDS)
        try:
            return Link(port)
        except OSError:
            continue


def compute(link: Link, samples: Samples, patience: float = PATIENCE) -> list[Frame]:
    """Have the board compute on these samples, from reset; the frames. Its microphone is heard again afterwards.

    Each message waits until the one before was taken: a board has little room for bytes that wait.

    Raises:
        WakewordError: the board falls silent.
    """
    link.send("t")
    frames = _until_taken(link, 0, patience)
    for start in range(0, len(samples), _SAMPLES_A_MESSAGE):
        piece = samples[start : start + _SAMPLES_A_MESSAGE]
        link.send("a", piece.astype("<i2").tobytes())
        frames += _until_taken(link, start + len(piece), patience)
    link.send("m")
    return frames


def compute_features(link: Link, features: Features, patience: float = PATIENCE) -> list[Frame]:
    """Have a board without a front end compute on features (frames, 32), from reset; its frames.

    Raises:
        WakewordError: the board falls silent.
    """
    link.send("t")
    frames = _until_taken(link, 0, patience)
    for row in features:
        link.send("f", row.astype("<i2").tobytes())
        frames.append(_next_frame(link, len(frames), patience))
    return frames


def _next_frame(link: Link, count: int, patience: float) -> Frame:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        for report in link.receive():
            if isinstance(report, Frame):
                return report
    raise WakewordError(f"the board fell silent in the self-test, after {count} frames")


def _until_taken(link: Link, samples: int, patience: float) -> list[Frame]:
    """The frames that come before the board has taken so many samples."""
    frames: list[Frame] = []
    end = time.monotonic() + patience
    while time.monotonic() < end:
        for report in link.receive():
            if isinstance(report, Frame):
                frames.append(report)
            elif report == Taken(samples):
                return frames
    raise WakewordError(f"the board fell silent in the self-test, after {samples} samples")
