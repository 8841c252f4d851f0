"""Clips of small folders in the layout of Speech Commands belong to the official splits."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.wakeword.data.clips import speakers, write_clips
from wakeword.data.speech_commands import background_noise, list_clips
from wakeword.data.split_lists import Split
from wakeword.errors import DataError


def words_of(root: Path, split: Split) -> Counter[str]:
    return Counter(clip.word for clip in list_clips(root, split))


def test_the_lists_win_and_the_rest_is_training(root: Path) -> None:
    assert words_of(root, "training") == {"yes": 15, "no": 15, "cat": 15}
    assert words_of(root, "validation") == {"yes": 3, "no": 3, "cat": 3}
    assert words_of(root, "test") == {"yes": 2, "no": 2, "cat": 2}
    assert [clip.path.name for clip in list_clips(root, "test") if clip.word == "no"] == speakers(2)


def test_the_splits_are_disjoint_and_make_up_all(root: Path) -> None:
    parts = [clip for split in ("training", "validation", "test") for clip in list_clips(root, split)]
    assert sorted(parts, key=lambda clip: clip.path) == list_clips(root, "all")
    assert len(set(parts)) == 60


def test_re_coded_clips_keep_their_lists(root: Path) -> None:
    for path in (root / "cat").iterdir():
        soundfile.write(path.with_suffix(".flac"), soundfile.read(path, dtype="int16")[0], 16_000)
        path.unlink()
    assert words_of(root, "test")["cat"] == 2


def test_without_lists_the_speakers_hash_decides(root: Path) -> None:
    """Speakers of Speech Commands are in the splits of its own lists."""
    (root / "testing_list.txt").unlink()
    (root / "validation_list.txt").unlink()
    official: dict[Split, list[str]] = {
        "test": ["0c540988", "2005ca25", "105a0eea"],
        "validation": ["0d82fd99", "7a49163e", "026290a7"],
        "training": ["0165e0e8", "017c4098", "00176480"],
    }
    for names in official.values():
        write_clips(root / "bed", [f"{name}_nohash_{i}.wav" for name in names for i in (0, 4)])
    for split, names in official.items():
        found = [clip.path.name.split("_")[0] for clip in list_clips(root, split) if clip.word == "bed"]
        assert sorted(found) == sorted(names * 2)


def test_any_audio_format_is_a_clip_and_hidden_files_are_none(root: Path) -> None:
    soundfile.write(root / "yes" / "z_nohash_0.opus", np.zeros(16_000), 16_000, format="OGG", subtype="OPUS")
    (root / "yes" / "._z_nohash_0.wav").write_bytes(b"left by another system")
    (root / "yes" / "notes.txt").write_text("Not a clip.\n")
    assert words_of(root, "training")["yes"] == 16


def test_background_noise_is_read_and_may_be_missing(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert [noise.shape for noise in background_noise(root)] == [(10 * 16_000,)]
    assert background_noise(tmp_path_factory.mktemp("empty")) == []


def test_a_missing_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no folder"):
        list_clips(tmp_path / "nowhere", "all")
    with pytest.raises(DataError, match="holds no clips"):
        list_clips(tmp_path, "all")
