"""`wakeword train --negatives`: a model learns to refuse recordings, and its thresholds keep to a rate on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.wakeword.terminal import Done, Run
from tests.wakeword.tones import RATE, tone, write_tones
from wakeword.audio.files import read_audio
from wakeword.data.splits import FEW_CLIPS
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model, read_model
from wakeword.training import outcome

SETTINGS = ("low_rank=8", "sparse=4", "quantized=8", "least=150", "clips_per_word=40", "batch_size=16")


@pytest.fixture
def hum(tmp_path: Path) -> Path:
    """Ten times a pitch near *low*, two seconds of quiet after each."""
    rng = np.random.default_rng(5)
    (tmp_path / "hums").mkdir()
    hums = [part for _ in range(10) for part in (tone(360, rng), rng.normal(0, 0.002, 2 * RATE))]
    soundfile.write(tmp_path / "hums/hum.flac", np.concatenate(hums), RATE)
    return tmp_path / "hums"


def train(run: Run, tmp_path: Path, *arguments: str | Path) -> Done:
    if not (tmp_path / "tones").exists():
        write_tones(tmp_path / "tones", clips=2 * FEW_CLIPS)
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    common = ("train", "--keywords", "low,high", "--data", tmp_path / "tones", "--preset", "small", *settings)
    return run(*common, *arguments)


def test_a_sound_that_is_said_to_be_no_keyword_is_refused(run: Run, tmp_path: Path, hum: Path) -> None:
    plain, refusing = tmp_path / "plain.safetensors", tmp_path / "refusing.safetensors"
    assert train(run, tmp_path, "--out", plain).status == 0
    assert train(run, tmp_path, "--out", refusing, "--negatives", hum).status == 0
    raised = [
        len(open_engine(read_model(path)).push(read_audio(hum / "hum.flac")).events) for path in (plain, refusing)
    ]
    assert raised[0] >= 3
    assert raised[1] == 0  # ten an hour are none in half a minute
    words = [read_audio(path) for path in sorted((tmp_path / "tones/low").iterdir())[:10]]
    heard = [[event.label for event in open_engine(read_model(refusing)).push(word).events] for word in words]
    assert heard.count([2]) >= 8
    assert read_model(refusing).provenance["negatives"] == {"of": ["hums"], "hours": 0.01}
    assert "negatives" not in read_model(plain).provenance


def test_a_threshold_is_asked_less_of_single_clips_if_the_recordings_last_an_hour(
    run: Run, tmp_path: Path, hum: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def calibrated(model: Model, *_: Any, negatives_per_false_accept: int, **__: Any) -> Model:
        asked.append(negatives_per_false_accept)
        return model

    monkeypatch.setattr(outcome, "calibrate_by_clips", calibrated)
    as_phrases = ("negatives_per_false_accept=none", "hidden=68", "low_rank=1", "sparse=1", "quantized=1")
    settings = [word for setting in as_phrases for word in ("--set", setting)]
    for seconds_an_hour in (3600, 20):  # the hums last 23 seconds
        monkeypatch.setattr(outcome, "SECONDS_AN_HOUR", seconds_an_hour)
        out = tmp_path / f"{seconds_an_hour}.safetensors"
        assert train(run, tmp_path, "--out", out, "--negatives", hum, *settings).status == 0
    assert asked == [1500, 300]


def test_recordings_that_are_not_there_are_one_line_before_anything_is_trained(run: Run, tmp_path: Path) -> None:
    done = train(run, tmp_path, "--out", tmp_path / "my.safetensors", "--negatives", tmp_path / "talks")
    assert done.status == 2
    assert done.err.splitlines()[-1].startswith(f"wakeword: there is no file {tmp_path / 'talks'}")
    assert not (tmp_path / "my.training").exists()
