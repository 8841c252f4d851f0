"""The microphone, through PortAudio: int16 blocks at 16 kHz, whatever rate the device runs at."""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import check_rate
from wakeword.audio.resampling import Resampler
from wakeword.errors import DataError, DeviceError

_BLOCKS_PER_SECOND = 20
QUEUED_SECONDS = 60  # that wait for a slow reader; those beyond are lost
_LEAST_BLOCK = 64  # samples that a block in the queue counts as, at least: a tiny one takes memory too


class Capture:
    """A queue of blocks from PortAudio's thread, which must never wait, to the thread that iterates over them.

    It holds a minute, 6 MB at 48 kHz. While it is full, new blocks are dropped and counted.
    """

    def __init__(self, rate: int, patience: float) -> None:
        """rate: samples a second of the device. patience: seconds without a block after which iteration ends.

        Raises:
            DataError: the rate is none that audio has.
        """
        self._resampler = Resampler(rate, "the microphone")
        self.overflows = 0  # how often the device lost samples before they reached the queue
        self._rate = rate
        self._patience = patience
        self._blocks: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        # Each has one thread that adds to it, so none needs a lock.
        self._put = self._taken = 0  # samples
        self._dropped = 0  # samples

    @property
    def seconds_lost(self) -> float:
        """Return the seconds of audio that found the queue full."""
        return self._dropped / self._rate

    def receive(self, data: Any, frames: int, time: Any, status: Any) -> None:
        """Copy a buffer of int16 at the device's rate into the queue. PortAudio calls this and reuses the buffer."""
        self.overflows += bool(status.input_overflow)
        block = bytes(data)
        if not block:
            return
        if self._put - self._taken >= QUEUED_SECONDS * self._rate:
            self._dropped += len(block) // 2
            return
        self._put += _counted(block)
        self._blocks.put(block)

    def finish(self) -> None:
        """End the iteration after the blocks in the queue. PortAudio calls this when the stream ends."""
        self._blocks.put(None)

    def __iter__(self) -> Iterator[Samples]:
        """Yield blocks at 16 kHz as they arrive, until the device delivers no more."""
        while block := self._next():
            self._taken += _counted(block)
            yield self._resampler.push(np.frombuffer(block, np.int16))

    def _next(self) -> bytes | None:
        try:
            return self._blocks.get(timeout=self._patience)
        except queue.Empty:
            return None


def _counted(block: bytes) -> int:
    return max(len(block) // 2, _LEAST_BLOCK)


def microphone(device: str | None, say: Callable[[str], None], patience: float = 5.0) -> Generator[Samples, None, None]:
    """Yield the blocks of an input device until the generator is closed, which closes the device.

    Args:
        device: its index, or a part of its name that no other device has; None is the system's default.
        say: called with one line when samples are lost.
        patience: seconds without a sample after which the device counts as disconnected.

    Raises (while iterating):
        DeviceError: sounddevice, PortAudio or the device is missing; the device can't be opened; or it goes away.
    """
    sounddevice = portaudio()
    found = _find(sounddevice, device)
    rate = _rate(sounddevice, found)
    capture = Capture(rate, patience)
    try:
        stream = sounddevice.RawInputStream(
            samplerate=rate,
            blocksize=rate // _BLOCKS_PER_SECOND,
            device=found["index"],
            channels=1,
            dtype="int16",
            callback=capture.receive,
            finished_callback=capture.finish,
        )
    except sounddevice.PortAudioError as error:
        raise _not_opened(found, error) from error
    try:
        stream.start()
        yield from reporting_losses(capture, say)
    except sounddevice.PortAudioError as error:
        raise _not_opened(found, error) from error
    finally:
        stream.close()
    raise DeviceError(f"the microphone {found['name']!r} has gone away; connect it again")


def lasting_microphone(
    device: str | None, say: Callable[[str], None], insist: bool = False, pause: float = 1.0, patience: float = 5.0
) -> Generator[Samples, None, None]:
    """Yield the blocks of a microphone that may be disconnected and reconnected.

    While it is away, yield an empty block every `pause` seconds.

    Args:
        device: as for `microphone`.
        say: called with one line when the microphone goes away, and when it is back.
        insist: wait for the microphone even if it is missing at first.
        pause: seconds between two attempts to open it.
        patience: as for `microphone`.

    Raises (while iterating):
        DeviceError: sounddevice or PortAudio is missing; or, unless `insist` is set, the first attempt to open fails.
    """
    sounddevice = portaudio()
    wait, away = insist, False
    while True:
        try:
            with contextlib.closing(microphone(device, say, patience)) as blocks:
                for block in blocks:
                    if away:
                        say("the microphone is back")
                    wait, away = True, False
                    yield block
        except DeviceError as error:
            if not wait:
                raise
            if not away:
                say(f"waiting for the microphone: {error}")
            away = True
        time.sleep(pause)
        yield np.empty(0, np.int16)
        _restart(sounddevice)


def device_rate(device: str | None) -> int:
    """Return the samples a second that an input device delivers: 16,000 if it can, else its own rate.

    Raises:
        DeviceError: sounddevice, PortAudio or the device is missing.
    """
    sounddevice = portaudio()
    return _rate(sounddevice, _find(sounddevice, device))


def input_devices() -> list[str]:
    """Describe each input device in a line: index, name, rate; a star marks the default.

    Raises:
        DeviceError: sounddevice or PortAudio is missing, or PortAudio fails.
    """
    sounddevice = portaudio()
    default = sounddevice.default.device[0]
    return [
        f"{'*' if entry['index'] == default else ' '} {entry['index']:3d}  {entry['name']}, "
        f"{entry['default_samplerate']:.0f} Hz"
        for entry in _inputs(sounddevice)
    ]


def reporting_losses(capture: Capture, say: Callable[[str], None]) -> Iterator[Samples]:
    """Yield the blocks of a capture; report lost samples each time that their count or their seconds have doubled."""
    overflows, seconds = 1, 0.0  # from which on to report
    for block in capture:
        if capture.overflows >= overflows:
            overflows = 2 * capture.overflows
            say(f"samples were lost, {capture.overflows} times so far; close other programs: this computer is too busy")
        if (lost := capture.seconds_lost) and lost >= seconds:
            seconds = 2 * lost
            say(f"{lost:.1f} seconds of sound were lost so far; close other programs: this computer is too busy")
        yield block


def portaudio() -> Any:
    """Return the library sounddevice. Raises DeviceError if it or PortAudio is missing."""
    try:
        import sounddevice
    except ModuleNotFoundError as error:
        raise DeviceError(
            f"{error.name} is not installed; this needs the mic extra: pip install 'wakeword[mic]'"
        ) from error
    except OSError as error:
        hint = "install it with the system's package manager"
        raise DeviceError(f"sound needs the PortAudio library; {hint} ({_one_line(error)})") from error
    return sounddevice


def _restart(sounddevice: Any) -> None:
    """Restart PortAudio, which lists the devices only when it starts."""
    for step in (sounddevice._terminate, sounddevice._initialize):
        with contextlib.suppress(sounddevice.PortAudioError):  # the next search for the device will find none
            step()


def _inputs(sounddevice: Any) -> list[dict[str, Any]]:
    """List PortAudio's description of each input device."""
    try:
        return [entry for entry in sounddevice.query_devices() if entry["max_input_channels"] > 0]
    except sounddevice.PortAudioError as error:
        raise DeviceError(f"the microphones can't be listed; try again ({_one_line(error)})") from error


def _find(sounddevice: Any, device: str | None) -> dict[str, Any]:
    """Find PortAudio's description of one input device."""
    inputs = _inputs(sounddevice)
    if not inputs:
        raise DeviceError("there is no microphone; connect one")
    wanted = int(device) if device is not None and device.isdecimal() else device
    try:
        return dict(sounddevice.query_devices(wanted, "input"))
    except (ValueError, sounddevice.PortAudioError) as error:
        names = ", ".join(f"{entry['index']} {entry['name']!r}" for entry in inputs)
        which = "there is no default microphone" if device is None else f"{device!r} names no single microphone"
        raise DeviceError(f"{which}; choose one of: {names}") from error


def _rate(sounddevice: Any, device: dict[str, Any]) -> int:
    """Return 16 kHz if the device supports it, else its own rate."""
    try:
        sounddevice.check_input_settings(device["index"], channels=1, dtype="int16", samplerate=SAMPLE_RATE)
    except sounddevice.PortAudioError:
        return _checked_rate(device)
    return SAMPLE_RATE


def _checked_rate(device: dict[str, Any]) -> int:
    """Return a device's own rate; raise DeviceError if it is none that audio has."""
    try:
        check_rate(device["default_samplerate"], f"the microphone {device['name']!r}")
    except DataError as error:
        raise DeviceError(str(error)) from error
    return int(device["default_samplerate"])


def _not_opened(device: dict[str, Any], error: Exception) -> DeviceError:
    hint = "is another program using it, or is access to it denied?"
    return DeviceError(f"the microphone {device['name']!r} can't be opened: {_one_line(error)}; {hint}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
