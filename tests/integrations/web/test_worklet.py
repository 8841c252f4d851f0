"""The processor of the audio thread: at 16 kHz it gives the events of the Python package; it resamples other rates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soxr

from tests.integrations.web.node import expected, run
from tests.signals import demo
from wakeword.audio.level import level_dbfs
from wakeword.model.export_binary import export_binary
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

MODEL = load_model("google12")
QUANTUM = 128  # samples in a call of today's browsers


def posted(
    folder: Path, samples: npt.NDArray[np.floating], rate: int = 16_000, block: int = QUANTUM, model: Model = MODEL
) -> list[Any]:
    """Run samples through a processor; return its messages."""
    (messages,) = _posted_each(folder, [samples], rate, [block], model)
    return messages


def _posted_each(
    folder: Path, signals: Sequence[npt.NDArray[np.floating]], rate: int, blocks: Sequence[int], model: Model = MODEL
) -> list[list[Any]]:
    """Run each signal, by its size of a block, through a processor of its own."""
    (folder / "model.bin").write_bytes(export_binary(MODEL))
    thresholds = model.detector.thresholds[model.first_word :]
    cases = []
    for number, (signal, block) in enumerate(zip(signals, blocks, strict=True)):
        path = folder / f"{number}.raw"
        path.write_bytes(signal.astype(np.float32).tobytes())
        case = {"model": str(folder / "model.bin"), "samples": str(path), "rate": rate, "block": block}
        cases.append({**case, "thresholds": thresholds})
    (folder / "cases.json").write_text(json.dumps(cases))
    results: list[list[Any]] = run("worklet.mjs", folder / "cases.json")
    assert all(messages.pop(0) == "ready" for messages in results)
    return results


def _events(messages: list[Any]) -> list[tuple[str, int, int]]:
    """Return word, score and frame of each event."""
    events = [event for message in messages for event in message["events"]]
    return [(MODEL.keywords[word], score, frame) for word, score, frame in events]


def _levels(messages: list[Any]) -> list[float]:
    return [message["level"] for message in messages if "level" in message]


def test_at_16_khz_the_events_are_those_of_the_python_package(tmp_path: Path) -> None:
    messages = posted(tmp_path, demo() / 32768)
    assert _events(messages) == expected(MODEL, demo())


def test_the_page_s_thresholds_are_the_processor_s(tmp_path: Path) -> None:
    model = MODEL.with_thresholds({"yes": 0.9, "go": 0.3})
    assert _events(posted(tmp_path, demo() / 32768, model=model)) == expected(model, demo()) != expected(MODEL, demo())


def test_levels_are_those_of_the_python_package_twenty_times_a_second(tmp_path: Path) -> None:
    levels = _levels(posted(tmp_path, demo() / 32768, block=800))
    blocks = demo()[: len(levels) * 800].reshape(-1, 800)
    assert len(levels) == len(demo()) // 800
    assert levels == pytest.approx([level_dbfs(block) for block in blocks], abs=1e-4)


def test_silence_has_the_lowest_level(tmp_path: Path) -> None:
    assert set(_levels(posted(tmp_path, np.zeros(16_000, np.float32)))) == {-96}


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_the_words_are_the_same_at_any_rate(rate: int, tmp_path: Path) -> None:
    """At 8 kHz half of the spectrum is missing: there it is enough that the processor runs."""
    events = _events(posted(tmp_path, soxr.resample(demo() / 32768, 16_000, rate, "VHQ"), rate))
    wanted = expected(MODEL, demo())
    if rate > 16_000:
        assert [word for word, _, _ in events] == [word for word, _, _ in wanted]
        delays = [frame - at for (_, _, frame), (_, _, at) in zip(events, wanted, strict=True)]
        assert max(map(abs, delays)) <= 3


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_the_size_of_a_block_changes_no_event(rate: int, tmp_path: Path) -> None:
    samples = soxr.resample(demo()[:64_000] / 32768, 16_000, rate)
    blocks = (QUANTUM, 1, 511, 5000)
    results = [_events(messages) for messages in _posted_each(tmp_path, [samples] * 4, rate, blocks)]
    assert results[0] and all(result == results[0] for result in results)


def _gains(folder: Path, tones: Sequence[int], rate: int) -> npt.NDArray[np.float64]:
    """The gain in decibels of each tone, in hertz: its level behind the resampler, when all is settled."""
    signals = [np.sin(2 * np.pi * hertz * np.arange(rate) / rate) for hertz in tones]
    results = _posted_each(folder, signals, rate, [QUANTUM] * len(tones))
    full = 20 * np.log10(1 / np.sqrt(2))
    return np.array([np.mean(_levels(messages)[10:18]) - full for messages in results])


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_the_resampler_keeps_what_is_below_7_khz_and_takes_what_would_alias(rate: int, tmp_path: Path) -> None:
    assert np.abs(_gains(tmp_path, [100, 1_000, 5_000, 6_900], rate)).max() < 0.05
    assert _gains(tmp_path, [8_200, 9_000, 15_000, 20_000], rate).max() < -80
