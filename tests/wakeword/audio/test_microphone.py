"""The microphone: real PortAudio on a real ALSA device that records what the test plays to it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr
from sounddevice import CallbackFlags

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from tests import processes
from tests.signals import at_level, demo, tone
from tests.waits import PATIENCE
from tests.wakeword.models import random_model
from tests.wakeword.terminal import refusal, started, wakeword
from wakeword.audio.files import write_wav
from wakeword.audio.microphone import QUEUED_SECONDS, Capture, lasting_microphone, microphone, reporting_losses
from wakeword.errors import DeviceError
from wakeword.model.file import write_model

BLOCK = SAMPLE_RATE // 20  # samples that PortAudio is asked to deliver at a time
FINE, OVERFLOW = CallbackFlags(), CallbackFlags(2)

on_alsa = pytest.mark.skipif(sys.platform != "linux", reason="ALSA is Linux's")


class Tape:
    """An ALSA device called `tape`: it delivers its samples and then silence, until it is stopped."""

    def __init__(self, folder: Path, samples: Samples) -> None:
        fifo, configuration = folder / "tape.fifo", folder / "asound.conf"
        os.mkfifo(fifo)
        configuration.write_text(
            "</usr/share/alsa/alsa.conf>\n"
            'pcm.tape { type file, slave.pcm { type null }, file "/dev/null", format "raw", '
            f'infile "{fifo}" }}\n'
        )
        self.environment = {"ALSA_CONFIG_PATH": str(configuration), "JACK_NO_START_SERVER": "1"}
        self._samples = samples[: len(samples) // BLOCK * BLOCK]
        self._stopped = threading.Event()
        # Open at both ends from now on, so that ALSA needn't wait for a writer.
        self._fifo = FileIO(os.open(fifo, os.O_RDWR | os.O_NONBLOCK), "r+")
        self._player = threading.Thread(target=self._play)
        self._player.start()

    def _play(self) -> None:
        for block in self._samples.reshape(-1, BLOCK):
            self._write(block.tobytes())
        while not self._stopped.wait(BLOCK / SAMPLE_RATE):  # a device faster than its clock loses samples
            self._write(bytes(2 * BLOCK))

    def _write(self, block: bytes) -> None:
        """Write a whole block or nothing, since ALSA takes any read for a whole block."""
        while not self._stopped.is_set() and self._fifo.write(block) is None:  # the pipe is full
            self._stopped.wait(0.01)

    def stop(self) -> None:
        """Let the device deliver nothing more."""
        self._stopped.set()
        self._player.join()

    def close(self) -> None:
        self.stop()
        self._fifo.close()


@pytest.fixture
def tape(tmp_path: Path) -> Iterator[Tape]:
    with closing(Tape(tmp_path, demo())) as tape:
        yield tape


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "random.safetensors"
    write_model(random_model(), path)
    return path


@on_alsa
@pytest.mark.parametrize("device", [[], ["--device", "tap"], ["--device", "0"]])
def test_the_microphone_gives_the_events_of_the_file(
    tape: Tape, model: Path, tmp_path: Path, device: list[str]
) -> None:
    write_wav(tmp_path / "demo.wav", demo())
    of_file = wakeword("listen", "--model", model, "--input", tmp_path / "demo.wav", "--json").stdout.splitlines()
    assert len(of_file) > 5

    with started("listen", "--model", model, "--json", *device, environment=tape.environment) as process:
        assert process.stdout is not None
        found = [process.stdout.readline().decode().rstrip() for _ in of_file]
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=PATIENCE)

    assert found == of_file
    assert (complaint.strip(), process.returncode) == (b"", 130)


RECORD_FROM_THE_DEFAULT_MICROPHONE = """
from wakeword.audio.microphone import microphone
from wakeword.errors import DeviceError
try:
    for block in microphone(None, print, patience=0.5):
        print(len(block), flush=True)
except DeviceError as error:
    print(error)
"""


@on_alsa
def test_a_microphone_that_goes_away_is_reported_after_its_last_block(tape: Tape) -> None:
    command = [sys.executable, "-c", RECORD_FROM_THE_DEFAULT_MICROPHONE]
    with processes.started(command, environment=tape.environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"800\n"
        tape.stop()
        time.sleep(3)  # longer than the patience; from a tape closed too soon ALSA reads silence for ever
        tape.close()  # ALSA's file device doesn't return from reading before; others do
        *blocks, last = process.communicate(timeout=PATIENCE)[0].decode().splitlines()
    assert set(blocks) == {"800"}
    assert last == "the microphone 'tape' has gone away; connect it again"


@on_alsa
@pytest.mark.parametrize("device", ["7", "the one on the moon"])
def test_a_missing_device_is_refused_with_a_list_of_the_others(tape: Tape, model: Path, device: str) -> None:
    refused = wakeword("listen", "--model", model, "--device", device, environment=tape.environment)
    assert refusal(refused) == (
        f"wakeword: {device!r} names no single microphone; choose one of: 0 'tape'; "
        "a file needs no microphone: --input FILE"
    )


@on_alsa
def test_no_microphone_at_all_is_one_line(model: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.conf"
    bare.write_text("</usr/share/alsa/alsa.conf>\n")
    refused = wakeword(
        "listen", "--model", model, environment={"ALSA_CONFIG_PATH": str(bare), "JACK_NO_START_SERVER": "1"}
    )
    assert refusal(refused) == "wakeword: there is no microphone; connect one; a file needs no microphone: --input FILE"


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
@pytest.mark.parametrize("frames", [64, 441, 4800])
def test_a_device_of_another_rate_is_resampled_without_a_seam_between_its_buffers(rate: int, frames: int) -> None:
    hum = at_level(np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate), -6)
    capture = Capture(rate, patience=1)
    for start in range(0, len(hum), frames):
        capture.receive(hum[start : start + frames].tobytes(), frames, None, FINE)
    capture.finish()

    samples = np.concatenate(list(capture))

    assert samples.dtype == np.int16
    delay = 2 * SAMPLE_RATE - len(samples)  # samples still in the filter
    assert 0 <= delay < 0.05 * SAMPLE_RATE
    in_one_piece = soxr.resample(hum.astype(np.float32), rate, SAMPLE_RATE)[: len(samples)]
    assert np.abs(samples - in_one_piece).max() < 0.51  # rounding to int16


def test_a_buffer_that_portaudio_reuses_does_not_change_earlier_blocks() -> None:
    buffer = bytearray(at_level(tone(440, 0.05), -6).tobytes())
    first = bytes(buffer)
    capture = Capture(SAMPLE_RATE, patience=1)
    capture.receive(buffer, BLOCK, None, FINE)
    buffer[:] = bytes(len(buffer))
    capture.receive(buffer, BLOCK, None, FINE)
    capture.finish()
    assert [block.tobytes() for block in capture] == [first, bytes(buffer)]


def test_lost_samples_are_reported_each_time_that_their_count_has_doubled() -> None:
    said: list[str] = []
    capture = Capture(SAMPLE_RATE, patience=1)
    blocks = reporting_losses(capture, said.append)
    for flags in [FINE, *[OVERFLOW] * 8]:
        capture.receive(bytes(2 * BLOCK), BLOCK, None, flags)
        next(blocks)
    assert capture.overflows == 8
    assert [line.split(",")[1].split()[0] for line in said] == ["1", "2", "4", "8"]


@pytest.mark.parametrize("rate", [16_000, 48_000])
@pytest.mark.parametrize("frames", [64, 2_400])
def test_a_minute_waits_for_a_slow_reader_and_what_is_lost_beyond_it_is_reported_in_a_line(
    rate: int, frames: int
) -> None:
    said: list[str] = []
    capture = Capture(rate, patience=1)
    tracemalloc.start()
    try:
        for _ in range(90 * rate // frames):
            capture.receive(bytes(2 * frames), frames, None, FINE)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    capture.finish()
    assert most < 1.5 * 2 * QUEUED_SECONDS * rate

    heard = sum(map(len, reporting_losses(capture, said.append)))

    assert heard / SAMPLE_RATE == pytest.approx(QUEUED_SECONDS, abs=0.2)
    assert said == ["30.0 seconds of sound were lost so far; close other programs: this computer is too busy"]


def test_losses_that_go_on_are_reported_each_time_that_they_have_doubled() -> None:
    said: list[str] = []
    capture = Capture(SAMPLE_RATE, patience=1)
    blocks = reporting_losses(capture, said.append)
    second = bytes(2 * SAMPLE_RATE)
    for _ in range(QUEUED_SECONDS):
        capture.receive(second, SAMPLE_RATE, None, FINE)
    for _ in range(10):  # two seconds come for each that is read
        capture.receive(second, SAMPLE_RATE, None, FINE)
        next(blocks)
        capture.receive(second, SAMPLE_RATE, None, FINE)
    assert [line.split()[0] for line in said] == ["1.0", "2.0", "4.0", "8.0"]


def test_empty_buffers_neither_fill_the_queue_nor_end_it() -> None:
    capture = Capture(SAMPLE_RATE, patience=1)
    for block in [b"", bytes(2 * BLOCK), b""]:
        capture.receive(block, len(block) // 2, None, FINE)
    capture.finish()
    assert [len(block) for block in capture] == [BLOCK]


@pytest.mark.parametrize("rate", [0.0, 1.0, 1e9, float("nan")])
def test_a_device_whose_rate_no_audio_has_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch, rate: float) -> None:
    device = PortAudio(rate=rate)
    _in_place_of_sounddevice(monkeypatch, device)
    with pytest.raises(DeviceError, match=r"^the microphone 'tape' claims [^\n]* samples a second; audio has [^\n]+$"):
        next(microphone(None, print))


def test_the_blocks_end_when_a_device_stays_silent_beyond_the_patience() -> None:
    capture = Capture(SAMPLE_RATE, patience=0.05)
    capture.receive(bytes(2 * BLOCK), BLOCK, None, FINE)
    assert len(list(capture)) == 1


class Refused(Exception):
    """An error of PortAudio."""


class PortAudio:
    """A stand-in for sounddevice with one device, whose stream delivers three blocks of silence."""

    PortAudioError = Refused

    def __init__(self, refusing: str = "", rate: float = 16_000.0) -> None:
        self.open_streams = 0
        self._refusing = refusing
        self._rate = rate

    def query_devices(self, device: str | None = None, kind: str | None = None) -> Any:
        entry = {"index": 0, "name": "tape", "max_input_channels": 1, "default_samplerate": self._rate}
        return [entry] if kind is None else entry

    def check_input_settings(self, *device: object, **settings: object) -> None:
        if self._rate != SAMPLE_RATE:
            raise Refused("Invalid sample rate")

    def RawInputStream(self, *, callback: Callable[..., None], **settings: object) -> PortAudio:
        self._refuse("open")
        self._callback = callback
        self.open_streams += 1
        return self

    def start(self) -> None:
        self._refuse("start")
        for _ in range(3):
            self._callback(bytes(2 * BLOCK), BLOCK, None, FINE)

    def close(self) -> None:
        self.open_streams -= 1

    def _refuse(self, step: str) -> None:
        if step == self._refusing:
            raise Refused("Device unavailable")


def _in_place_of_sounddevice(monkeypatch: pytest.MonkeyPatch, device: PortAudio) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", device)


@pytest.mark.parametrize("open_microphone", [microphone, lasting_microphone])
def test_closing_the_iterator_closes_the_stream(
    monkeypatch: pytest.MonkeyPatch, open_microphone: Callable[..., Generator[Samples, None, None]]
) -> None:
    device = PortAudio()
    _in_place_of_sounddevice(monkeypatch, device)
    blocks = open_microphone(None, print)
    assert device.open_streams == 0
    assert len(next(blocks)) == BLOCK
    assert device.open_streams == 1
    blocks.close()
    assert device.open_streams == 0


@pytest.mark.parametrize("step", ["open", "start"])
def test_a_device_that_refuses_to_start_is_a_device_error_and_leaves_no_stream_open(
    monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    device = PortAudio(refusing=step)
    _in_place_of_sounddevice(monkeypatch, device)
    with pytest.raises(DeviceError, match=r"^the microphone 'tape' can't be opened: Device unavailable; is another"):
        next(microphone(None, print))
    assert device.open_streams == 0


def test_without_sounddevice_the_extra_that_brings_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(DeviceError, match=r"sounddevice is not installed; .* pip install 'wakeword\[mic\]'"):
        next(microphone(None, print))
