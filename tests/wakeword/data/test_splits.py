"""Takes of few speakers are shared out to training and validation; of many, the speaker decides."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.wakeword.data.clips import speakers, write_clips
from wakeword.data.keywords import UNKNOWN, keyword_set
from wakeword.data.speech_commands import list_clips
from wakeword.data.splits import Splits, split_clips

RED = keyword_set("red")


def takes(root: Path, names: list[str], folder: str = "red") -> Splits:
    write_clips(root / folder, names, length=1600)
    return split_clips(root, RED)


def counts(splits: Splits, label: str = "red") -> tuple[int, int, int]:
    return tuple(len(splits.of(label, split)) for split in ("training", "validation", "test"))  # type: ignore[return-value]


def numbered(speaker: str, count: int) -> list[str]:
    return [f"{speaker}_nohash_{number}.wav" for number in range(count)]


@pytest.mark.parametrize(
    ("count", "shares"), [(1, (1, 0, 0)), (2, (1, 1, 0)), (5, (4, 1, 0)), (12, (10, 2, 0)), (30, (25, 5, 0))]
)
def test_one_take_in_six_of_one_speaker_is_for_validation(tmp_path: Path, count: int, shares: tuple[int, ...]) -> None:
    splits = takes(tmp_path, numbered("ada", count))
    assert counts(splits) == shares
    assert splits.by_take == {"red"}
    training, validation = (set(splits.of("red", split)) for split in ("training", "validation"))
    assert not training & validation and training | validation == set(splits.of("red", "all"))


def test_the_same_folder_is_always_split_alike(tmp_path: Path) -> None:
    first, second = (takes(tmp_path / name, numbered("ada", 12)).of("red", "validation") for name in ("a", "b"))
    assert [clip.path.name for clip in first] == [clip.path.name for clip in second]


def test_takes_of_two_speakers_are_shared_out_from_both(tmp_path: Path) -> None:
    splits = takes(tmp_path, numbered("ada", 12) + numbered("bob", 12))
    assert counts(splits) == (20, 4, 0)
    assert Counter(clip.path.name[:3] for clip in splits.of("red", "validation")) == {"ada": 2, "bob": 2}


def test_files_that_name_no_speaker_are_takes_of_one(tmp_path: Path) -> None:
    splits = takes(tmp_path, [f"take_{number:02}.wav" for number in range(12)])
    assert counts(splits) == (10, 2, 0)
    assert splits.by_take == {"red"}


def test_a_take_in_two_files_is_not_in_two_splits(tmp_path: Path) -> None:
    takes(tmp_path, numbered("ada", 12))
    splits = takes(tmp_path, numbered("ada", 12), folder="Red")
    validated = Counter(clip.path.name for clip in splits.of("red", "validation"))
    assert validated and set(validated.values()) == {2}


@pytest.mark.parametrize("names", [speakers(60), [f"{number}.wav" for number in range(120)]])
def test_many_speakers_are_split_as_ever(tmp_path: Path, names: list[str]) -> None:
    splits = takes(tmp_path, names)
    assert not splits.by_take
    for split in ("training", "validation", "test"):
        assert splits.of("red", split) == list_clips(tmp_path, split)


def test_speakers_who_would_leave_a_split_empty_are_shared_out(tmp_path: Path) -> None:
    write_clips(tmp_path / "red", speakers(60))
    for clip in list_clips(tmp_path, "validation"):
        clip.path.unlink()
    splits = split_clips(tmp_path, RED)
    assert splits.by_take == {"red"} and splits.of("red", "validation")


def test_split_lists_decide_however_few_the_takes_are(tmp_path: Path) -> None:
    (tmp_path / "validation_list.txt").write_text("red/ada_nohash_3.wav\n")
    splits = takes(tmp_path, numbered("ada", 12))
    assert counts(splits) == (11, 1, 0)
    assert not splits.by_take


def test_each_label_is_split_by_its_own_speakers(tmp_path: Path) -> None:
    takes(tmp_path, numbered("ada", 12))
    write_clips(tmp_path / "cat", speakers(60))
    splits = split_clips(tmp_path, RED)
    assert splits.by_take == {"red"}
    by_speaker = [clip for clip in list_clips(tmp_path, "test") if clip.word == "cat"]
    assert splits.of(UNKNOWN, "test") == by_speaker
