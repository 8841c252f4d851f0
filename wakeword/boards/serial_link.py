"""A board at a serial port: ask what it runs, receive its events, have it compute on samples (docs/serial-link.md)."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator

import serial

from featurizer import FEATURIZER_ID
from featurizer.logmel import Features, Samples
from wakeword.boards.messages import (
    VERSION,
    BoardEvent,
    Decoder,
    Frame,
    Hello,
    Message,
    Report,
    Status,
    Taken,
    encode,
    report_of,
)
from wakeword.errors import DeviceError

BAUD = 115_200
PATIENCE = 5.0  # seconds until a board that does not answer is given up
_READ_SECONDS = 0.1
_RETRY_SECONDS = 0.5  # between two attempts to open a port again
_SAMPLES_PER_MESSAGE = 120
_SILENT_SECONDS = 5.0  # without sound, until the user is told; a board with a microphone reports each second
_SILENT_STATUSES = 5  # of nothing but zeros, likewise; the noise of any microphone is more
_MOST_FRAMES = 4  # that a message of samples completes; twice as many as a sound board has


class NoAnswer(DeviceError):
    """Nothing at the port speaks the link."""


class Link:
    """An open port, as a context manager. If the port goes away, its methods raise OSError, as pyserial does."""

    def __init__(self, port: str) -> None:
        # Of two programs that read a port, each would get some of the bytes, and none the events.
        self._serial = serial.serial_for_url(port, BAUD, timeout=_READ_SECONDS, exclusive=True)
        self._decoder = Decoder()
        self._port = port

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *exception: object) -> None:
        self._serial.close()

    def send(self, type: str, payload: bytes = b"") -> None:
        """Send a message to the board."""
        self._serial.write(encode(Message(type, payload)))

    def receive(self) -> list[Report]:
        """Wait for at most a tenth of a second; return the reports that have come."""
        data = self._serial.read(max(1, self._serial.in_waiting))
        reports = map(report_of, self._decoder.feed(data))
        return [report for report in reports if report is not None]

    def hello(self, patience: float = PATIENCE) -> Hello:
        """Ask the board what it runs, until it answers.

        Raises:
            NoAnswer: It does not answer.
            DeviceError: It speaks another version of the link.
        """
        end = time.monotonic() + patience
        while time.monotonic() < end:
            # A zero first: it ends whatever the line has carried, so that a message begins.
            self._serial.write(b"\0")
            self.send("h")
            for report in self._within(min(patience, 1.0)):
                if isinstance(report, Hello):
                    return report
            if self._decoder.foreign_version is not None:
                raise DeviceError(
                    f"the board at {self._port} speaks version {self._decoder.foreign_version} of the link, this is "
                    f"version {VERSION}; flash the board again, or install the version that flashed it"
                )
        raise NoAnswer(f"no wakeword firmware answers at {self._port}; wakeword flash puts it on a board")

    def _within(self, seconds: float) -> Iterator[Report]:
        """Yield reports as they come, for this many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            yield from self.receive()


def listen(port: str, on_event: Callable[[BoardEvent], None], say: Callable[[str], None]) -> None:
    """Pass on every event of a board, for ever. If the cable is unplugged, wait until it is back.

    Args:
        port: a device's name, or any URL of pyserial: socket://HOST:PORT.
        on_event: called with each event.
        say: called with a line for the user.

    Raises:
        DeviceError: The port can't be opened at first, or no firmware answers.
    """
    link = open_link(port)
    reported = 0  # lost samples
    while True:
        try:
            with link:
                describe(link.hello(), port, say)
                link.send("m")
                sound = _Sound(say)
                while True:
                    for report in link.receive():
                        if isinstance(report, BoardEvent):
                            on_event(report)
                        elif isinstance(report, Status):
                            reported = _report_lost(report.lost, reported, say)
                            sound.take(report)
                    sound.wait()
        except OSError:
            say(f"{port} has gone away; waiting for it")
        link = _reopened(port)


class _Sound:
    """Tells the user once if a board's microphone gives no samples, or only zeros, and again after it gave sound."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._last = time.monotonic()  # when a status came
        self._zeros = 0  # statuses in a row
        self._is_told = False

    def take(self, status: Status) -> None:
        """Take a status, which comes with each second of samples."""
        self._last = time.monotonic()
        if status.peak:
            self._zeros, self._is_told = 0, False
            return
        self._zeros += 1
        if self._zeros >= _SILENT_STATUSES:
            self._tell("the board's microphone gives nothing but zeros; check its wiring")

    def wait(self) -> None:
        """Look whether the next status is late."""
        if time.monotonic() - self._last > _SILENT_SECONDS:
            self._tell("no sound comes from the board's microphone; check its wiring and pins, then reset the board")

    def _tell(self, line: str) -> None:
        if not self._is_told:
            self._say(line)
        self._is_told = True


def _report_lost(lost: int, reported: int, say: Callable[[str], None]) -> int:
    """Report lost samples each time that their count has doubled; return how many were reported last."""
    if lost < reported:  # the board has begun anew
        reported = 0
    if not lost or lost < 2 * reported:
        return reported
    say(f"the board has lost {lost} samples so far")
    return lost


def describe(hello: Hello, port: str, say: Callable[[str], None]) -> None:
    """Say what the board at the port runs."""
    say(f"{port}: model {hello.model_id:08x}")
    if hello.featurizer_id != FEATURIZER_ID:
        say(f"the board's featurizer is {hello.featurizer_id:08x}, this package's {FEATURIZER_ID:08x}")


def open_link(port: str) -> Link:
    """Open a port.

    Raises:
        DeviceError: The port can't be opened.
    """
    try:
        return Link(port)
    except (OSError, ValueError) as error:
        raise unopened(port, error) from error


def unopened(port: str, error: Exception) -> DeviceError:
    """Return the error of a port that can't be opened, with the way out."""
    if getattr(error, "errno", None) == errno.EACCES:
        return DeviceError(f"{port} is denied to you: sudo usermod -aG dialout $USER, then log in anew")
    if getattr(error, "errno", None) in (errno.EAGAIN, errno.EBUSY):
        return DeviceError(f"{port} is in use by another program, such as wakeword serve; end that first")
    reason = getattr(error, "strerror", None) or error
    return DeviceError(f"{port} can't be opened: {reason}; is the board plugged in?")


def _reopened(port: str) -> Link:
    while True:
        time.sleep(_RETRY_SECONDS)
        try:
            return Link(port)
        except OSError:
            continue


def compute(link: Link, samples: Samples, patience: float = PATIENCE) -> list[Frame]:
    """Have the board compute on samples, int16 at 16 kHz, from reset; return its frames.

    Each message waits until the one before was taken: a board has little room for waiting bytes. Afterwards the board
    listens to its microphone again.

    Raises:
        DeviceError: The board falls silent, or sends too many frames.
    """
    link.send("t")
    frames = _until_taken(link, 0, patience)
    for start in range(0, len(samples), _SAMPLES_PER_MESSAGE):
        piece = samples[start : start + _SAMPLES_PER_MESSAGE]
        link.send("a", piece.astype("<i2").tobytes())
        frames += _until_taken(link, start + len(piece), patience)
    link.send("m")
    return frames


def compute_features(link: Link, features: Features, patience: float = PATIENCE) -> list[Frame]:
    """Have a board without a front end compute on features (frames, 32), from reset; return its frames.

    Raises:
        DeviceError: The board falls silent.
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
    raise DeviceError(f"the board fell silent in the self-test, after {count} frames; reset it and try again")


def _until_taken(link: Link, samples: int, patience: float) -> list[Frame]:
    """Return the frames that come before the board has taken this many samples."""
    frames: list[Frame] = []
    end = time.monotonic() + patience
    while time.monotonic() < end:
        for report in link.receive():
            if isinstance(report, Frame):
                frames.append(report)
                if len(frames) > _MOST_FRAMES:
                    raise DeviceError("the board computes frames that it has no samples for; reset it and try again")
            elif report == Taken(samples):
                return frames
    raise DeviceError(f"the board fell silent in the self-test, after {samples} samples; reset it and try again")
