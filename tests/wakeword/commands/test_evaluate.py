"""`wakeword eval --after`: the false accepts of commands that are heard only after a wake word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.signals import ROOT
from tests.wakeword.terminal import Run
from wakeword.model.file import write_model
from wakeword.model.pretrained import load_model

DEMO = ROOT / "wakeword/assets/demo.flac"


def _false_accepts(run: Run, *arguments: str | Path) -> list[dict[str, Any]]:
    """The events in the demo recording, taken for a stream of negatives."""
    done = run("eval", "google12", "--stream", DEMO, "--json", *arguments)
    assert (done.status, done.err) == (0, "")
    found: list[dict[str, Any]] = json.loads(done.out)["false_accepts"]
    return found


def test_only_events_within_five_seconds_after_a_wake_word_are_left(run: Run, tmp_path: Path) -> None:
    """The wake word is *yes*, which the recording begins with."""
    google12 = load_model()
    wake = google12.with_thresholds(dict.fromkeys(set(google12.keywords) - {"yes"}, 0.9999))
    write_model(wake, tmp_path / "wake.safetensors")
    every, after = _false_accepts(run), _false_accepts(run, "--after", tmp_path / "wake.safetensors")
    wakes = [each["time"] for each in every if each["word"] == "yes"]
    expected = [each["word"] for each in every if any(0 < each["time"] - wake <= 5 for wake in wakes)]
    assert 0 < len(after) < len(every)
    assert [each["word"] for each in after] == expected


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--stream", DEMO, "--verify", "google12"], "--after and --verify are two ways to raise fewer false accepts"),
        (["--positives", ROOT], "--after is for --stream: no wake word comes before the clips of --positives"),
        ([], "--after: give --stream or --positives as well"),
    ],
)
def test_options_that_do_not_go_together_are_one_line(run: Run, arguments: list[str | Path], line: str) -> None:
    done = run("eval", "google12", "--after", "digits10", *arguments)
    assert (done.status, done.out) == (2, "")
    assert line in done.err
