"""The microphone, through PortAudio: int16 blocks at 16 kHz, whatever rate the device runs at."""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
import soxr

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import to_int16
from wakeword.errors import WakewordError

_BLOCKS_PER_SECOND = 20


class Capture:
    """Carries blocks from PortAudio's thread, which must never wait, to the one that iterates over them.

    None is lost between the two, however long the second is held up: an hour of 48 kHz takes 350 MB.
    """

    def __init__(self, rate: int, patience: float) -> None:
        self.overflows = 0  # how often the device lost samples before they came here
        self._rate = rate
        self._patience = patience
        self._blocks: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def receive(self, data: Any, frames: int, time: Any, status: Any) -> None:
        """PortAudio's callback: takes a buffer of int16 at the device's rate; it is copied, for it will change."""
        self.overflows += bool(status.input_overflow)
        self._blocks.put(bytes(data))

    def finish(self) -> None:
        """PortAudio's word that no more will come."""
        self._blocks.put(None)

    def __iter__(self) -> Iterator[Samples]:
        """Blocks at 16 kHz, as they come, until the device gives no more."""
        resampler = soxr.ResampleStream(self._rate, SAMPLE_RATE, num_channels=1, dtype="float32")
        while data := self._next():
            block = np.frombuffer(data, np.int16)
            if self._rate != SAMPLE_RATE:
                block = to_int16(resampler.resample_chunk(block.astype(np.float32)))
            yield block

    def _next(self) -> bytes | None:
        try:
            return self._blocks.get(timeout=self._patience)
        except queue.Empty:
            return None


def microphone(device: str | None, say: Callable[[str], None], patience: float = 5.0) -> Generator[Samples, None, None]:
    """The blocks of an input device, for ever.

    Args:
        device: its index, or a part of its name that no other has; None is the system's default.
        say: is told, in a line, when samples get lost.
        patience: seconds without a sample after which a device is taken for dead.

    Raises (while iterating):
        WakewordError: there is no PortAudio or no such device, it can't be opened, or it has gone away.
    """
    sounddevice = _portaudio()
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
        stream.start()
    except sounddevice.PortAudioError as error:
        raise WakewordError(f"the microphone {found['name']!r} can't be opened: {_one_line(error)}") from error
    try:
        yield from telling_losses(capture, say)
    finally:
        stream.close()
    raise WakewordError(f"the microphone {found['name']!r} has gone away")


def lasting_microphone(
    device: str | None, say: Callable[[str], None], insist: bool = False, pause: float = 1.0, patience: float = 5.0
) -> Generator[Samples, None, None]:
    """The blocks of a microphone that may go away and come back; an empty one each `pause` seconds in between.

    Args:
        device: as for `microphone`.
        say: is told, in a line, that it went away and that it is back.
        insist: wait for it even where it isn't there at first.
        pause: seconds between two looks whether it is back.
        patience: as for `microphone`.

    Raises (while iterating):
        WakewordError: as `microphone`, where it isn't there at first and isn't insisted on; or without PortAudio.
    """
    sounddevice = _portaudio()
    heard, away = insist, False
    while True:
        try:
            for block in microphone(device, say, patience):
                if away:
                    say("the microphone is back")
                heard, away = True, False
                yield block
        except WakewordError as error:
            if not heard:
                raise
            if not away:
                say(f"{error}; waiting for it")
            away = True
        time.sleep(pause)
        yield np.empty(0, np.int16)
        _start_anew(sounddevice)


def _start_anew(sounddevice: Any) -> None:
    """PortAudio makes its list of devices once; only a new start sees those that came since."""
    for step in (sounddevice._terminate, sounddevice._initialize):
        with contextlib.suppress(sounddevice.PortAudioError):  # whoever looks for a device then finds none
            step()


def device_rate(device: str | None) -> int:
    """Samples a second that an input device gives: 16,000 where it takes that, else its own rate, to be resampled.

    Raises:
        WakewordError: there is no PortAudio or no such device.
    """
    sounddevice = _portaudio()
    return _rate(sounddevice, _find(sounddevice, device))


def input_devices() -> list[str]:
    """A line for each device that can be listened to: index, name, rate; a star before the default.

    Raises:
        WakewordError: there is no PortAudio, or it doesn't work.
    """
    sounddevice = _portaudio()
    default = sounddevice.default.device[0]
    return [
        f"{'*' if entry['index'] == default else ' '} {entry['index']:3d}  {entry['name']}, "
        f"{entry['default_samplerate']:.0f} Hz"
        for entry in _inputs(sounddevice)
    ]


def _portaudio() -> Any:
    try:
        import sounddevice
    except OSError as error:
        raise WakewordError(f"the microphone needs the PortAudio library: {_one_line(error)}") from error
    return sounddevice


def _inputs(sounddevice: Any) -> list[dict[str, Any]]:
    """What PortAudio knows of each input device."""
    try:
        return [entry for entry in sounddevice.query_devices() if entry["max_input_channels"] > 0]
    except sounddevice.PortAudioError as error:
        raise WakewordError(f"the microphones can't be listed: {_one_line(error)}") from error


def _find(sounddevice: Any, device: str | None) -> dict[str, Any]:
    """What PortAudio knows of an input device."""
    inputs = _inputs(sounddevice)
    if not inputs:
        raise WakewordError("there is no microphone; --input FILE listens to a file")
    wanted = int(device) if device is not None and device.isdecimal() else device
    try:
        return dict(sounddevice.query_devices(wanted, "input"))
    except (ValueError, sounddevice.PortAudioError) as error:
        names = ", ".join(f"{entry['index']} {entry['name']!r}" for entry in inputs)
        which = "there is no default microphone" if device is None else f"{device!r} names no single microphone"
        raise WakewordError(f"{which}; there are: {names}") from error


def _rate(sounddevice: Any, device: dict[str, Any]) -> int:
    """16 kHz where the device takes it, else its own rate."""
    try:
        sounddevice.check_input_settings(device["index"], channels=1, dtype="int16", samplerate=SAMPLE_RATE)
    except sounddevice.PortAudioError:
        return int(device["default_samplerate"])
    return SAMPLE_RATE


def telling_losses(capture: Capture, say: Callable[[str], None]) -> Iterator[Samples]:
    """The blocks of a capture; each time that its losses have doubled, they are said."""
    next_to_say = 1
    for block in capture:
        if capture.overflows >= next_to_say:
            next_to_say = 2 * capture.overflows
            say(f"samples were lost, {capture.overflows} times so far: this computer doesn't keep up")
        yield block


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
