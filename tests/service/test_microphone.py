"""The service's microphone: samples that come faster than the service takes them are bounded, and reported."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from featurizer import SAMPLE_RATE
from tests.service.live import running, settings
from tests.waits import until
from wakeword.audio.microphone import QUEUED_SECONDS


class Refused(Exception):
    """An error of PortAudio."""


class FastDevice:
    """A stand-in for sounddevice with one device, which delivers 90 seconds of silence at once, and then nothing."""

    PortAudioError = Refused

    class _Status:
        input_overflow = False

    def query_devices(self, device: str | None = None, kind: str | None = None) -> Any:
        entry = {"index": 0, "name": "fast", "max_input_channels": 1, "default_samplerate": 16_000.0}
        return [entry] if kind is None else entry

    def check_input_settings(self, *device: object, **settings: object) -> None:
        pass

    def RawInputStream(self, *, callback: Callable[..., None], **settings: object) -> FastDevice:
        self._callback = callback
        return self

    def start(self) -> None:
        for _ in range(90):
            self._callback(bytes(2 * SAMPLE_RATE), SAMPLE_RATE, None, self._Status)

    def close(self) -> None:
        pass


def test_a_minute_of_a_fast_device_is_processed_and_the_rest_is_reported_as_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", FastDevice())
    with capture_logs() as logs, running(settings(tmp_path, microphone=True)) as live:
        minute = f"wakeword_samples_total {float(QUEUED_SECONDS * SAMPLE_RATE)}"
        until(lambda: minute in live.http.get("/metrics").text)
    lost = [log["reason"] for log in logs if "seconds of sound were lost" in log.get("reason", "")]
    assert [reason.split(";")[0] for reason in lost] == ["30.0 seconds of sound were lost so far"]
