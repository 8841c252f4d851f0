"""Splitting a data folder by one speaker: ten takes to train on, the rest to test on, no clip in both."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.own_voice import part
from wakeword.errors import DataError


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    for word in ("stop", "go"):
        (folder / word).mkdir(parents=True)
        for speaker, takes in (("me", 12), ("you", 3)):
            for take in range(takes):
                (folder / word / f"{speaker}_nohash_{take}.wav").write_bytes(b"")
    (folder / "testing_list.txt").write_text("go/you_nohash_0.wav\n")
    return folder


def test_every_clip_of_the_word_is_in_one_part(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "parts"
    assert part(data, "stop", "me", out) == {"taken": 10, "left": 2, "people": 3}
    clips = [clip.name for name in ("taken", "left", "people") for clip in (out / name / "stop").iterdir()]
    assert sorted(clips) == sorted(clip.name for clip in (data / "stop").iterdir())


def test_the_word_is_not_among_the_others(data: Path, tmp_path: Path) -> None:
    part(data, "stop", "me", tmp_path / "parts")
    others = tmp_path / "parts" / "others"
    assert sorted(entry.name for entry in others.iterdir()) == ["go", "testing_list.txt"]
    assert len(list((others / "go").iterdir())) == 15


def test_a_speaker_without_takes_to_test_on_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="you has 3 takes of stop: give a --speaker with more than 10"):
        part(data, "stop", "you", tmp_path / "parts")
