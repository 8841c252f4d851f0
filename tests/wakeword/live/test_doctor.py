"""`wakeword doctor`: each fault is found, with a way to repair it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from tests.signals import at_level, demo, noise, tone
from tests.wakeword.terminal import wakeword
from wakeword.errors import DeviceError
from wakeword.live.doctor import (
    Verdict,
    check_folder,
    check_microphone,
    check_model,
    check_port,
    judge_clipping,
    judge_level,
    judge_rate,
)


def test_a_room_with_speech_is_fine() -> None:
    assert judge_level(demo()).verdict is Verdict.GOOD
    assert judge_clipping(demo()).verdict is Verdict.GOOD


@pytest.mark.parametrize(
    ("samples", "verdict", "advice"),
    [
        (np.zeros(SAMPLE_RATE, np.int16), Verdict.BAD, "unmute"),
        (at_level(noise(), -75), Verdict.DOUBTFUL, "raise the input volume"),
        (at_level(tone(440), 0), Verdict.DOUBTFUL, "lower the input volume"),
    ],
)
def test_a_level_at_which_no_word_is_detected_is_found(samples: Samples, verdict: Verdict, advice: str) -> None:
    finding = judge_level(samples)
    assert finding.verdict is verdict and advice in finding.text


def test_clipping_is_found() -> None:
    finding = judge_clipping((4 * at_level(demo(), -6).astype(np.int32)).clip(-32768, 32767).astype(np.int16))
    assert finding.verdict is Verdict.BAD and "lower the input volume" in finding.text


@pytest.mark.parametrize(
    ("rate", "verdict", "text"),
    [
        (16_000, Verdict.GOOD, "16000 Hz"),
        (48_000, Verdict.GOOD, "48000 Hz, resampled to 16000"),
        (8_000, Verdict.DOUBTFUL, "8000 Hz cuts off speech above 4000 Hz"),
    ],
)
def test_a_rate_at_which_speech_is_cut_off_is_found(rate: int, verdict: Verdict, text: str) -> None:
    finding = judge_rate(rate)
    assert finding.verdict is verdict and finding.text.startswith(text)


def test_three_seconds_of_the_microphone_are_enough() -> None:
    pulled: list[int] = []

    def microphone() -> Iterator[Samples]:
        for start in range(0, len(demo()), 800):
            pulled.append(start)
            yield demo()[start : start + 800]

    announced: list[int] = []  # blocks that had come by then
    first, *_ = check_microphone(microphone, lambda: SAMPLE_RATE, lambda: announced.append(len(pulled)))
    assert announced == [1]
    assert first.text == "3.0 seconds recorded"
    assert len(pulled) == 60


def test_a_microphone_that_cannot_be_opened_is_reported() -> None:
    def microphone() -> Iterator[Samples]:
        raise DeviceError("there is no microphone")

    announced: list[str] = []
    (finding,) = check_microphone(microphone, lambda: SAMPLE_RATE, lambda: announced.append("speak"))
    assert announced == []
    assert (finding.verdict, finding.text) == (Verdict.BAD, "there is no microphone")


def test_a_port_in_use_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert check_port(port).verdict is Verdict.BAD
    assert check_port(port).verdict is Verdict.GOOD


def test_a_folder_may_be_missing_but_not_impossible(tmp_path: Path) -> None:
    assert check_folder(tmp_path / "new" / "folder").verdict is Verdict.GOOD
    (tmp_path / "file").touch()
    assert check_folder(tmp_path / "file" / "folder").verdict is Verdict.BAD


def test_a_damaged_model_is_found(tmp_path: Path) -> None:
    (tmp_path / "torn.safetensors").write_bytes(b"torn")
    assert check_model(str(tmp_path / "torn.safetensors")).verdict is Verdict.BAD
    assert check_model(None).verdict is Verdict.GOOD


def test_the_command_lists_every_finding_and_ends_with_status_2_if_one_is_bad(tmp_path: Path) -> None:
    bare = tmp_path / "bare.conf"
    bare.write_text("</usr/share/alsa/alsa.conf>\n")
    done = wakeword("doctor", "--data", tmp_path, environment={"ALSA_CONFIG_PATH": str(bare)})
    assert done.returncode == 2
    found = {line.split()[1]: line.split()[0] for line in done.stdout.splitlines()}
    assert found["model"] == "ok" and found["microphone"] == "!!"
    assert "recording" not in done.stdout and "--input" not in done.stdout
