"""The microphone, through PortAudio: int16 blocks at 16 kHz, whatever rate the device runs at."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from featurizer import SAMPLE_RATE
from wakeword.errors import WakewordError

Samples = npt.NDArray[np.int16]

_BLOCKS_PER_SECOND = 20
_PATIENCE = 5.0  # seconds without a sample after which a device is taken for dead
_WAITING_BLOCKS = 60 * _BLOCKS_PER_SECOND  # room for a minute, should the listener be held up


class Capture:
    """Carries blocks from PortAudio's thread, which must never wait, to the one that iterates over them."""

    def __init__(self, rate: int, patience: float = _PATIENCE) -> None:
        self.overflows = 0  # how often samples were lost
        self._rate = rate
        self._patience = patience
        self._blocks: queue.Queue[bytes | None] = queue.Queue(_WAITING_BLOCKS)

    def receive(self, data: Any, frames: int, time: Any, status: Any) -> None:
        """PortAudio's callback: takes a buffer of int16 at the device's rate; it is copied, for it will change."""
        try:
            self._blocks.put_nowait(bytes(data))
            self.overflows += bool(status.input_overflow)
        except queue.Full:
            self.overflows += 1

    def finish(self) -> None:
        """PortAudio's word that no more will come."""
        if self._blocks.full():  # the end matters more than the block it takes the place of
            self._blocks.get_nowait()
            self.overflows += 1
        self._blocks.put_nowait(None)

    def __iter__(self) -> Iterator[Samples]:
        """Blocks at 16 kHz, as they come, until the device gives no more."""
        resampler = soxr.ResampleStream(self._rate, SAMPLE_RATE, num_channels=1, dtype="int16")
        while data := self._next():
            block = np.frombuffer(data, np.int16)
            yield block if self._rate == SAMPLE_RATE else resampler.resample_chunk(block)

    def _next(self) -> bytes | None:
        try:
            return self._blocks.get(timeout=self._patience)
        except queue.Empty:
            return None


def microphone(device: str | None, say: Callable[[str], None]) -> Iterator[Samples]:
    """The blocks of an input device, for ever.

    Args:
        device: its index, or a part of its name that no other has; None is the system's default.
        say: is told, in a line, when samples get lost.

    Raises (while iterating):
        WakewordError: there is no PortAudio or no such device, it can't be opened, or it has gone away.
    """
    sounddevice = _portaudio()
    found = _find(sounddevice, device)
    rate = _rate(sounddevice, found)
    capture = Capture(rate)
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
        yield from _telling_losses(capture, say)
    finally:
        stream.close()
    raise WakewordError(f"the microphone {found['name']!r} has gone away")


def _portaudio() -> Any:
    try:
        import sounddevice
    except OSError as error:
        raise WakewordError(f"the microphone needs the PortAudio library: {_one_line(error)}") from error
    return sounddevice


def _find(sounddevice: Any, device: str | None) -> dict[str, Any]:
    """What PortAudio knows of an input device."""
    inputs = [entry for entry in sounddevice.query_devices() if entry["max_input_channels"] > 0]
    if not inputs:
        raise WakewordError("there is no microphone; --input FILE listens to a file")
    wanted = int(device) if device is not None and device.isdecimal() else device
    try:
        return dict(sounddevice.query_devices(wanted, "input"))
    except (ValueError, sounddevice.PortAudioError) as error:
        names = ", ".join(f"{entry['index']} {entry['name']!r}" for entry in inputs)
        which = "default microphone" if device is None else f"one microphone {device!r}"
        raise WakewordError(f"there is no {which}; --device takes one of: {names}") from error


def _rate(sounddevice: Any, device: dict[str, Any]) -> int:
    """16 kHz where the device takes it, else its own rate."""
    try:
        sounddevice.check_input_settings(device["index"], channels=1, dtype="int16", samplerate=SAMPLE_RATE)
    except sounddevice.PortAudioError:
        return int(device["default_samplerate"])
    return SAMPLE_RATE


def _telling_losses(capture: Capture, say: Callable[[str], None]) -> Iterator[Samples]:
    """The blocks of a capture; each time that its losses have doubled, they are said."""
    next_to_say = 1
    for block in capture:
        if capture.overflows >= next_to_say:
            next_to_say = 2 * capture.overflows
            say(f"samples were lost, {capture.overflows} times so far: this computer doesn't keep up")
        yield block


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
